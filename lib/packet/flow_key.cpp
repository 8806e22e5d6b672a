// Flow keys: from a packet, and their hash.

#include "packet/flow_key.hpp"

#include <array>
#include <cstring>

#include "base/hash.hpp"
#include "packet/packet.hpp"

namespace wiresage {

std::uint64_t hash(const FlowKey& key, std::uint64_t secret) noexcept {
    std::array<std::uint8_t, 40> packed{};  // FlowKey itself has holes, whose content is nobody's.
    std::memcpy(packed.data(), key.low.ip.bytes.data(), 16);
    std::memcpy(packed.data() + 16, key.high.ip.bytes.data(), 16);
    std::memcpy(packed.data() + 32, &key.low.port, 2);
    std::memcpy(packed.data() + 34, &key.high.port, 2);
    packed[36] = key.protocol;
    return keyed_hash(packed, secret);
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
