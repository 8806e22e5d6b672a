// Which shard a packet belongs to: a short way for nearly all packets, and the decoder for the rest.

#include "packet/steer.hpp"

#include <optional>

#include "base/hash.hpp"
#include "packet/decoding.hpp"
#include "packet/flow_key.hpp"

namespace wiresage {

namespace {

constexpr unsigned shard_shift = 58;  // The top 6 of 64 bits; flow_hash has the low 32.
static_assert(1U << (64 - shard_shift) == shard_count);

Steer of_hash(std::uint64_t hash) noexcept {
    return {.shard = static_cast<std::uint8_t>(hash >> shard_shift), .flow_hash = static_cast<std::uint32_t>(hash)};
}

/// The ports of an unfragmented TCP or UDP packet that carries no tunnel.  False: the decoder must look.
bool plain_ports(Reader in, std::uint8_t protocol, Endpoint& source, Endpoint& destination) noexcept {
    const bool tcp = protocol == ip_protocol::tcp;
    if (!tcp && protocol != ip_protocol::udp) return false;
    if (in.left() < (tcp ? 20U : 8U)) return false;  // The decoder then tells no ports.
    const auto ports = in.header<4>();
    source.port = ports.u16<0>();
    destination.port = ports.u16<2>();
    return tcp || !is_tunnel_port(destination.port);
}

std::optional<std::uint64_t> plain_ip4(Reader in, std::uint64_t secret) noexcept {
    const auto ip = in.header<20>();
    const std::size_t total_bytes = ip.u16<2>();
    const bool fragmented = (ip.u16<6>() & 0x3fff) != 0;
    if (!in.ok() || ip.u8<0>() != 0x45 || total_bytes < 20 || fragmented) return {};
    in.keep(total_bytes - 20);
    Endpoint source;
    Endpoint destination;
    if (!plain_ports(in, ip.u8<9>(), source, destination)) return {};
    put_v4(source.ip, ip.bytes<12, 4>());
    put_v4(destination.ip, ip.bytes<16, 4>());
    return hash(ip.u8<9>(), source, destination, secret);
}

std::optional<std::uint64_t> plain_ip6(Reader in, std::uint64_t secret) noexcept {
    const auto ip = in.header<40>();
    const std::size_t payload_bytes = ip.u16<4>();
    if (!in.ok() || ip.u8<0>() >> 4 != 6 || payload_bytes == 0) return {};
    in.keep(payload_bytes);
    Endpoint source;
    Endpoint destination;
    if (!plain_ports(in, ip.u8<6>(), source, destination)) return {};
    put_v6(source.ip, ip.bytes<8, 16>());
    put_v6(destination.ip, ip.bytes<24, 16>());
    return hash(ip.u8<6>(), source, destination, secret);
}

/// The short way, and nothing where the decoder must look: Ethernet, at most one VLAN tag, IP without options, TCP or
/// UDP.
std::optional<std::uint64_t> plain_packet(const PacketView& view, std::uint64_t secret) noexcept {
    if (view.link != LinkType::ethernet) return {};
    Reader in{view.bytes};
    std::uint16_t type = in.header<14>().u16<12>();
    if (type == ether_type::vlan) type = in.header<4>().u16<2>();
    if (type == ether_type::ipv4) return plain_ip4(in, secret);
    if (type == ether_type::ipv6) return plain_ip6(in, secret);
    return {};
}

}  // namespace

Steer Steering::steer(const PacketView& view) noexcept {
    if (const auto hash = plain_packet(view, secret_)) return of_hash(*hash);
    decode(view, decoded_);
    return steer(decoded_);
}

Steer Steering::steer(const Packet& packet) noexcept {
    FlowKey key;
    if (!flow_key_of(packet, key)) {
        const MacAddress& sender = packet.has_mac || !packet.neighbor ? packet.source_mac : packet.neighbor->sender_mac;
        return {.shard = static_cast<std::uint8_t>(spread(sender.value() ^ secret_) >> shard_shift), .flow_hash = 0};
    }
    const Steer to = of_hash(hash(key, secret_));
    if (!packet.ip.is_fragment()) return to;
    const std::uint64_t fragment = fragment_key(packet.ip);
    if (!packet.ip.is_later_fragment()) {
        remember(fragment, to);
        return to;
    }
    const FirstFragment* const first = find(fragment);
    return first != nullptr ? first->to : to;
}

std::uint64_t Steering::fragment_key(const IpHeader& ip) const noexcept {
    std::array<std::uint8_t, 40> packed{};
    std::memcpy(packed.data(), ip.source.bytes.data(), 16);
    std::memcpy(packed.data() + 16, ip.destination.bytes.data(), 16);
    std::memcpy(packed.data() + 32, &ip.identification, 4);
    packed[36] = ip.protocol;
    packed[37] = 1;  // Not a flow's key.
    return keyed_hash(packed, secret_) | 1U;
}

void Steering::remember(std::uint64_t key, Steer to) noexcept {
    const std::size_t set = (key >> 8) % sets;
    for (auto& known : first_fragments_[set]) {
        if (known.key == key) {  // The same identification again: the newest counts.
            known.to = to;
            return;
        }
    }
    first_fragments_[set][next_way_[set]] = {.key = key, .to = to};
    next_way_[set] = static_cast<std::uint8_t>((next_way_[set] + 1U) % ways);
}

const Steering::FirstFragment* Steering::find(std::uint64_t key) const noexcept {
    for (const auto& known : first_fragments_[(key >> 8) % sets]) {
        if (known.key == key) return &known;
    }
    return nullptr;
}

}  // namespace wiresage
