// Neighbour discovery, RFC 4861: the solicitation (4.3) and the advertisement (4.4).
//
//   +--------+--------+--------+--------+
//   |  type  |  code  |    checksum     |
//   +--------+--------+--------+--------+
//   |R S O of an advertisement, reserved|
//   +--------+--------+--------+--------+
//   |     target address (16 bytes)     |
//   +--------+--------+--------+--------+
//   | option | length | value; the length in units of 8 bytes, all of the option counted
//   +--------+--------+--------+--------+

#include "packet/decoding.hpp"

namespace wiresage {

namespace {

constexpr std::uint8_t advertisement = 136;
constexpr std::uint8_t option_source_link_layer = 1, option_target_link_layer = 2;
constexpr std::uint32_t flag_solicited = 0x40000000;
constexpr std::uint8_t hop_limit_of_a_neighbor = 255;

/// The address in the option of this kind, or zero.
MacAddress link_layer_option(Reader in, std::uint8_t wanted) noexcept {
    while (in.left() >= 8) {
        const std::uint8_t kind = in.u8();
        const std::size_t bytes = std::size_t{8} * in.u8();
        if (bytes == 0) break;
        Reader value{in.take(bytes - 2)};
        if (kind != wanted) continue;
        const auto address = value.header<6>();
        return value.ok() ? mac_address(address.bytes<0, 6>()) : MacAddress{};
    }
    return {};
}

}  // namespace

void decode_neighbor_discovery(Decoding& d, const IcmpHeader& icmp, std::uint32_t flags) noexcept {
    const auto target = d.in.header<16>();
    if (!d.in.ok()) return d.ends_within(Anomaly::icmp_truncated);
    // Everybody drops what came from beyond the link (RFC 4861, 7.1.1 and 7.1.2).
    if (d.packet.ip.ttl != hop_limit_of_a_neighbor || icmp.code != 0) return;

    const Address about = Address::v6(target.bytes<0, 16>());
    const bool reply = icmp.type == advertisement;
    d.packet.neighbor = NeighborHeader{
        .kind = reply ? NeighborHeader::Kind::reply : NeighborHeader::Kind::request,
        .nd = true,
        .sender_mac = link_layer_option(d.in, reply ? option_target_link_layer : option_source_link_layer),
        .sender_ip = reply ? about : d.packet.ip.source,
        .target_mac = {},
        .target_ip = reply ? d.packet.ip.destination : about,
        .solicited = reply && (flags & flag_solicited) != 0,
        .tunnelled = d.tunnels > 0,
    };
}

}  // namespace wiresage
