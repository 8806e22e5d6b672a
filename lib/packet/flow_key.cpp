// Flow keys: from a packet, and their hash.

#include "packet/flow_key.hpp"

#include <cstdint>

#include "packet/packet.hpp"

namespace wiresage {

namespace {

__extension__ using Wide = unsigned __int128;

/// The two halves of a product, folded: every bit of both factors reaches every bit of it (as wyhash and XXH3 do).
std::uint64_t fold(std::uint64_t a, std::uint64_t b) noexcept {
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

// Once or twice for every packet, so four multiplications instead of XXH3's some thirty steps.  Whoever does not know
// the secret cannot choose a factor of zero, nor two keys that meet.
std::uint64_t hash_in_order(std::uint8_t protocol, const Endpoint& low, const Endpoint& high,
                            std::uint64_t secret) noexcept {
    const std::uint64_t first = secret ^ 0x9e3779b97f4a7c15ULL;   // Numbers without structure: fractions of the golden
    const std::uint64_t second = secret + 0xc2b2ae3d27d4eb4fULL;  // ratio, and primes of XXH3.
    const std::uint64_t third = secret ^ 0x165667b19e3779f9ULL;
    const std::uint64_t ports =
        std::uint64_t{low.port} | std::uint64_t{high.port} << 16 | std::uint64_t{protocol} << 32;
    const std::uint64_t low_half = fold(low.ip.high() ^ first, low.ip.low() ^ second);
    const std::uint64_t high_half = fold(high.ip.high() ^ second, high.ip.low() ^ third);
    return fold(fold(low_half ^ third, high_half ^ first ^ ports), second ^ ports);
}

}  // namespace

std::uint64_t hash(const FlowKey& key, std::uint64_t secret) noexcept {
    return hash_in_order(key.protocol, key.low, key.high, secret);
}

std::uint64_t hash(std::uint8_t protocol, const Endpoint& a, const Endpoint& b, std::uint64_t secret) noexcept {
    return a <= b ? hash_in_order(protocol, a, b, secret) : hash_in_order(protocol, b, a, secret);
}

bool flow_key_of(const Packet& packet, FlowKey& key) noexcept {
    if (!packet.has_ip) return false;
    const IpHeader& ip = packet.ip;
    if (packet.icmp && packet.icmp->quoted) {
        const QuotedPacket& quoted = *packet.icmp->quoted;
        key = FlowKey::of(quoted.protocol, {quoted.source, quoted.source_port},
                          {quoted.destination, quoted.destination_port});
        return true;
    }
    std::uint16_t source_port = 0;
    std::uint16_t destination_port = 0;
    if (packet.tcp) {
        source_port = packet.tcp->source_port;
        destination_port = packet.tcp->destination_port;
    } else if (packet.udp) {
        source_port = packet.udp->source_port;
        destination_port = packet.udp->destination_port;
    } else if (packet.sctp) {
        source_port = packet.sctp->source_port;
        destination_port = packet.sctp->destination_port;
    } else if (packet.icmp && (packet.icmp->is_echo_request() || packet.icmp->is_echo_reply())) {
        source_port = destination_port = packet.icmp->identifier;
    }
    key = FlowKey::of(ip.protocol, {ip.source, source_port}, {ip.destination, destination_port});
    return true;
}

}  // namespace wiresage
