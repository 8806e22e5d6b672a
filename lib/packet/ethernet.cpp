// Ethernet (IEEE 802.3), VLAN tags (IEEE 802.1Q), and LLC with SNAP (IEEE 802.2).
//
//   +--------+--------+--------+--------+--------+--------+
//   |                 destination address                 |
//   +--------+--------+--------+--------+--------+--------+
//   |                   source address                    |
//   +--------+--------+--------+--------+--------+--------+
//   | type or length  |
//   +--------+--------+
//
// A type of 0x0600 or more says what follows; below it is the length of an LLC frame, and the rest is padding.
// A VLAN tag stands in place of the type: two bytes of priority and VLAN id, then the type again.
//
//   +--------+--------+--------+      +--------+--------+--------+--------+--------+
//   |  DSAP  |  SSAP  |control |      | organisation (SNAP)      |      type       |
//   +--------+--------+--------+      +--------+--------+--------+--------+--------+

#include "packet/decoding.hpp"

namespace wiresage {

namespace {

constexpr std::uint16_t largest_length = 1500;  // IEEE 802.3, 3.2.6
constexpr std::uint16_t vlan_id_bits = 0x0fff;
constexpr std::uint8_t sap_snap = 0xaa, sap_ip = 0x06;  // IEEE 802.2; RFC 1042
constexpr std::uint8_t control_unnumbered = 0x03;       // Its two low bits: a control field of one byte.

/// Organisations of SNAP whose types are EtherTypes or bridged frames (RFC 1042, RFC 2684, IEEE 802.1H).
constexpr std::uint32_t snap_rfc_1042 = 0x000000, snap_bridge_tunnel = 0x0000f8, snap_bridged = 0x0080c2;
constexpr std::uint16_t bridged_ethernet_with_fcs = 0x0001, bridged_ethernet = 0x0007;

bool is_vlan(std::uint16_t type) noexcept {
    return type == ether_type::vlan || type == ether_type::service_vlan || type == ether_type::old_vlan;
}

void decode_snap(Decoding& d) noexcept {
    const auto snap = d.in.header<5>();
    if (!d.in.ok()) return d.ends_within(Anomaly::link_malformed);
    const std::uint32_t organisation = snap.u32<0>() >> 8;
    const std::uint16_t type = snap.u16<3>();
    if (organisation == snap_rfc_1042 || organisation == snap_bridge_tunnel) return decode_ether_type(d, type);
    if (organisation == snap_bridged && (type == bridged_ethernet || type == bridged_ethernet_with_fcs)) {
        if (d.step()) decode_ethernet(d);
        return;
    }
    d.note(Anomaly::unknown_network);
}

}  // namespace

void decode_ethernet(Decoding& d) noexcept {
    const auto header = d.in.header<14>();
    if (!d.in.ok()) return d.ends_within(Anomaly::link_malformed);
    if (d.is_outermost_frame()) {
        d.packet.has_mac = true;
        d.packet.destination_mac = mac_address(header.bytes<0, 6>());
        d.packet.source_mac = mac_address(header.bytes<6, 6>());
    }
    decode_ether_type(d, header.u16<12>());
}

void decode_ether_type(Decoding& d, std::uint16_t type) noexcept {
    while (is_vlan(type)) {
        const auto tag = d.in.header<4>();
        if (!d.in.ok()) return d.ends_within(Anomaly::link_malformed);
        if (d.is_outermost_frame() && d.packet.vlan_count < 255) {
            if (d.packet.vlan_count < d.packet.vlans.size())
                d.packet.vlans[d.packet.vlan_count] = tag.u16<0>() & vlan_id_bits;
            ++d.packet.vlan_count;
        }
        type = tag.u16<2>();
    }
    if (d.is_outermost_frame()) d.packet.ether_type = type;
    if (!d.step()) return;
    switch (type) {
        case ether_type::ipv4:
            return decode_ip4(d);
        case ether_type::ipv6:
            return decode_ip6(d);
        case ether_type::arp:
        case ether_type::rarp:
            return decode_arp(d);
        case ether_type::mpls:
        case ether_type::mpls_upstream:
            return decode_mpls(d);
        case ether_type::pppoe_session:
            return decode_pppoe(d);
        case ether_type::bridged:  // Transparent Ethernet bridging, in GRE and GENEVE (RFC 1701, RFC 8926).
            return decode_ethernet(d);
        default:
            break;
    }
    if (type > largest_length) return d.note(Anomaly::unknown_network);
    d.limit(type);
    decode_llc(d);
}

void decode_llc(Decoding& d) noexcept {
    const auto llc = d.in.header<3>();
    if (!d.in.ok()) return d.ends_within(Anomaly::link_malformed);
    const bool long_control = (llc.u8<2>() & control_unnumbered) != control_unnumbered;
    if (long_control) d.in.u8();
    if (!d.in.ok()) return d.ends_within(Anomaly::link_malformed);
    if (llc.u8<0>() == sap_snap && llc.u8<1>() == sap_snap) return decode_snap(d);
    if (llc.u8<0>() == sap_ip && llc.u8<1>() == sap_ip) return decode_ip4(d);
    d.note(Anomaly::unknown_network);
}

}  // namespace wiresage
