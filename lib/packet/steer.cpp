// Which shard a packet belongs to: a short way for nearly all packets, and the decoder for the rest.

#include "packet/steer.hpp"

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

/// The ports of an unfragmented TCP or UDP packet that carries no tunnel, or false: then the decoder must look.
bool plain_ports(Reader in, std::uint8_t protocol, std::size_t ip_payload_bytes, FlowKey& key, const Address& source,
                 const Address& destination) noexcept {
    in.keep(ip_payload_bytes);
    const bool tcp = protocol == ip_protocol::tcp;
    if (!tcp && protocol != ip_protocol::udp) return false;
    if (in.left() < (tcp ? 20U : 8U)) return false;
    const auto ports = in.header<4>();
    if (!tcp && is_tunnel_port(ports.u16<2>())) return false;
    key = FlowKey::of(protocol, {source, ports.u16<0>()}, {destination, ports.u16<2>()});
    return true;
}

bool plain_ip4(Reader in, FlowKey& key) noexcept {
    const auto ip = in.header<20>();
    const std::uint16_t total_bytes = ip.u16<2>();
    const bool fragmented = (ip.u16<6>() & 0x3fff) != 0;
    if (!in.ok() || ip.u8<0>() != 0x45 || total_bytes < 20 || fragmented) return false;
    return plain_ports(in, ip.u8<9>(), total_bytes - 20U, key, address_v4(ip.bytes<12, 4>()),
                       address_v4(ip.bytes<16, 4>()));
}

bool plain_ip6(Reader in, FlowKey& key) noexcept {
    const auto ip = in.header<40>();
    const std::uint16_t payload_bytes = ip.u16<4>();
    if (!in.ok() || ip.u8<0>() >> 4 != 6 || payload_bytes == 0) return false;
    return plain_ports(in, ip.u8<6>(), payload_bytes, key, Address::v6(ip.bytes<8, 16>()),
                       Address::v6(ip.bytes<24, 16>()));
}

/// The key of a packet that needs no decoder: Ethernet, at most one VLAN tag, IP without options, TCP or UDP.
bool plain_key(const PacketView& view, FlowKey& key) noexcept {
    if (view.link != LinkType::ethernet) return false;
    Reader in{view.bytes};
    std::uint16_t type = in.header<14>().u16<12>();
    if (type == ether_type::vlan) type = in.header<4>().u16<2>();
    if (type == ether_type::ipv4) return plain_ip4(in, key);
    return type == ether_type::ipv6 && plain_ip6(in, key);
}

}  // namespace

Steer Steering::steer(const PacketView& view) noexcept {
    FlowKey key;
    if (plain_key(view, key)) return of_hash(hash(key, secret_));
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
