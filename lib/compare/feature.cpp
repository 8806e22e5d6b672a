// What of a packet stays the same on its way.

#include "compare/feature.hpp"

#include <algorithm>

#include "base/hash.hpp"

namespace wiresage {

namespace {

/// Both captures are read by one process: any fixed key does.
constexpr std::uint64_t digest_key = 0x636f6d70617265;
constexpr std::size_t head_bytes = 32;

constexpr std::uint64_t never_zero(std::uint64_t value) noexcept { return value == 0 ? 1 : value; }

constexpr std::uint64_t mixed(std::uint64_t kind, std::uint64_t first, std::uint64_t second) noexcept {
    return never_zero(spread(spread(spread(kind) + first) + second));
}

}  // namespace

std::uint64_t digest_of(Bytes bytes) noexcept { return never_zero(keyed_hash(bytes, digest_key)); }

std::uint64_t feature_of(const Packet& packet) noexcept {
    if (packet.ip.is_fragment()) return 0;
    if (packet.tcp) {
        const auto& tcp = *packet.tcp;
        if (tcp.has(tcp_flag::rst)) return 0;
        const bool syn = tcp.has(tcp_flag::syn);
        if (syn && !tcp.has(tcp_flag::ack)) return mixed(1, tcp.sequence, 0);
        if (!syn && !tcp.has(tcp_flag::fin) && tcp.payload_bytes == 0) return 0;
        return mixed(syn ? 2 : 3, tcp.sequence, tcp.acknowledgment);
    }
    if (packet.udp && packet.udp->payload_bytes > 0 && !packet.payload.empty()) {
        const auto head = packet.payload.first(std::min(packet.payload.size(), head_bytes));
        const std::uint64_t id = packet.ip.has_identification ? packet.ip.identification : 0;
        return mixed(4, digest_of(head), id << 32 | packet.udp->length);
    }
    return 0;
}

std::uint64_t weak_feature_of(const Packet& packet) noexcept {
    if (!packet.tcp || packet.ip.is_fragment() || packet.tcp->has(tcp_flag::rst)) return 0;
    const auto& tcp = *packet.tcp;
    if (tcp.has(tcp_flag::syn)) {
        if (tcp.has(tcp_flag::ack) || !tcp.has_timestamps) return 0;
        return mixed(7, tcp.timestamp_value, tcp.window);
    }
    constexpr std::size_t least_bytes = 16;  // What is shorter says too little.
    if (packet.payload.size() < least_bytes) return 0;
    const auto head = packet.payload.first(std::min(packet.payload.size(), head_bytes));
    return mixed(8, digest_of(head), tcp.payload_bytes);
}

std::uint64_t copy_feature_of(const Packet& packet) noexcept {
    const auto& ip = packet.ip;
    if (!packet.tcp || !ip.has_identification || ip.identification == 0 || ip.is_fragment()) return 0;
    const std::uint64_t flags = packet.tcp->flags & (tcp_flag::syn | tcp_flag::ack | tcp_flag::rst);
    return mixed(5 + (flags << 8), std::uint64_t{ip.identification} << 32 | packet.tcp->sequence,
                 packet.tcp->acknowledgment);
}

std::uint64_t tuple_feature_of(const Packet& packet) noexcept {
    if (!packet.tcp || !packet.tcp->has(tcp_flag::syn)) return 0;
    const AddressHash hash;
    return mixed(6, hash(Endpoint{packet.ip.source, packet.tcp->source_port}),
                 hash(Endpoint{packet.ip.destination, packet.tcp->destination_port}));
}

}  // namespace wiresage
