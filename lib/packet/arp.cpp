// ARP, RFC 826 (and RARP, RFC 903, which has the same form).
//
//   +--------+--------+--------+--------+--------+--------+--------+--------+
//   | hardware type   | protocol type   |hw bytes|pr bytes|   operation     |
//   +--------+--------+--------+--------+--------+--------+--------+--------+
//   | sender hardware address, sender protocol address, target hardware address, target protocol address ...
//   +--------+--------+--------+--------+

#include "packet/decoding.hpp"

namespace wiresage {

namespace {

constexpr std::uint16_t hardware_ethernet = 1, hardware_ieee_802 = 6;
constexpr std::uint16_t operation_request = 1, operation_reply = 2;

}  // namespace

void decode_arp(Decoding& d) noexcept {
    const auto header = d.in.header<8>();
    if (!d.in.ok()) return d.ends_within(Anomaly::arp_malformed);
    d.packet.arp = true;
    d.packet.arp_operation = header.u16<6>();

    const bool ethernet = header.u16<0>() == hardware_ethernet || header.u16<0>() == hardware_ieee_802;
    const bool request = d.packet.arp_operation == operation_request;
    if (!ethernet || header.u16<2>() != ether_type::ipv4) return;
    if (header.u8<4>() != 6 || header.u8<5>() != 4) return d.note(Anomaly::arp_malformed);
    if (!request && d.packet.arp_operation != operation_reply) return;

    const auto addresses = d.in.header<20>();
    if (!d.in.ok()) return d.ends_within(Anomaly::arp_malformed);
    d.packet.neighbor = NeighborHeader{
        .kind = request ? NeighborHeader::Kind::request : NeighborHeader::Kind::reply,
        .nd = false,
        .sender_mac = mac_address(addresses.bytes<0, 6>()),
        .sender_ip = address_v4(addresses.bytes<6, 4>()),
        .target_mac = mac_address(addresses.bytes<10, 6>()),
        .target_ip = address_v4(addresses.bytes<16, 4>()),
        .tunnelled = d.tunnels > 0,
    };
}

}  // namespace wiresage
