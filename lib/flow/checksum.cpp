// The checksum of the Internet (RFC 1071) over a TCP segment.
#include "flow/checksum.hpp"

#include <bit>
#include <cstring>

namespace wiresage {

namespace {

/// Sum of 16-bit words in the order of this machine: RFC 1071, 2 (B): the order does not matter.
std::uint64_t sum_of(const std::uint8_t* bytes, std::size_t size) noexcept {
    std::uint64_t sum = 0;
    for (; size >= 4; size -= 4, bytes += 4) {
        std::uint32_t word;
        std::memcpy(&word, bytes, sizeof word);
        sum += word;
    }
    std::uint32_t rest = 0;
    if (size > 0) std::memcpy(&rest, bytes, size);
    return sum + rest;
}

std::uint16_t folded(std::uint64_t sum) noexcept {
    while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<std::uint16_t>(sum);
}

constexpr std::uint32_t in_wire_order(std::uint32_t value) noexcept {
    return std::endian::native == std::endian::little ? __builtin_bswap32(value) : value;
}

/// Addresses and protocol; the length is added by whoever has it.
std::uint64_t pseudo_sum(const Packet& packet) noexcept {
    const std::size_t skip = packet.ip.version == 4 ? 12 : 0;
    return sum_of(packet.ip.source.bytes.data() + skip, 16 - skip) +
           sum_of(packet.ip.destination.bytes.data() + skip, 16 - skip) + in_wire_order(ip_protocol::tcp);
}

/// Inner packets of overlays are often summed by the card that sends the outer one, or never (ERSPAN).
bool ends_may_offload(Tunnel tunnel) noexcept {
    return tunnel != Tunnel::none && tunnel != Tunnel::pppoe && tunnel != Tunnel::mpls;
}

}  // namespace

SumVerdict judge_checksum(const Packet& packet) noexcept {
    const auto& segment = packet.transport;
    if (packet.cut || packet.ip.is_fragment() || packet.ip.length_from_frame || ends_may_offload(packet.tunnel))
        return SumVerdict::unknown;
    if (packet.tcp->header_bytes < 20 || segment.size() != packet.ip.payload_bytes) return SumVerdict::unknown;
    const std::uint64_t pseudo = pseudo_sum(packet);
    const std::uint64_t length = in_wire_order(static_cast<std::uint32_t>(segment.size()));
    if (folded(pseudo + length + sum_of(segment.data(), segment.size())) == 0xffff) return SumVerdict::good;
    std::uint16_t field;
    std::memcpy(&field, segment.data() + 16, sizeof field);
    // Linux leaves the sum with the length, others without it; some drivers clear the field.
    if (field == 0 || field == folded(pseudo + length) || field == folded(pseudo)) return SumVerdict::unfinished;
    return SumVerdict::bad;
}

}  // namespace wiresage
