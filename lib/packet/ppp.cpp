// PPP (RFC 1661) in HDLC-like framing (RFC 1662), Cisco's HDLC, and PPP over Ethernet (RFC 2516).
//
//   +--------+--------+--------+--------+
//   |  0xff  |  0x03  |    protocol     |   Both bytes of the framing may be left out, and the protocol's first byte
//   +--------+--------+--------+--------+   where it is zero (RFC 1661, 6.5 and 6.6).
//
//   +--------+--------+--------+--------+
//   | 0x0f   |  0x00  |   EtherType     |   Cisco: 0x0f unicast, 0x8f broadcast.
//   +--------+--------+--------+--------+
//
//   +--------+--------+--------+--------+--------+--------+
//   |ver type|  code  |     session     |     length      |   PPPoE; the length counts what follows, PPP's protocol
//   first.
//   +--------+--------+--------+--------+--------+--------+

#include "packet/decoding.hpp"

namespace wiresage {

namespace {

constexpr std::uint8_t hdlc_all_stations = 0xff, cisco_unicast = 0x0f, cisco_broadcast = 0x8f;
constexpr std::uint16_t ppp_ipv4 = 0x0021, ppp_ipv6 = 0x0057, ppp_mpls = 0x0281, ppp_mpls_multicast = 0x0283;

}  // namespace

void decode_ppp(Decoding& d) noexcept {
    if (d.in.left() > 0 && d.in.rest().front() == hdlc_all_stations) d.in.take(2);
    std::uint16_t protocol = d.in.u8();
    if ((protocol & 1) == 0) protocol = static_cast<std::uint16_t>(protocol << 8 | d.in.u8());
    if (!d.in.ok()) return d.ends_within(d.tunnels > 0 ? Anomaly::tunnel_malformed : Anomaly::link_malformed);
    switch (protocol) {
        case ppp_ipv4:
            return decode_ip4(d);
        case ppp_ipv6:
            return decode_ip6(d);
        case ppp_mpls:
        case ppp_mpls_multicast:
            return decode_mpls(d);
        default:
            return d.note(Anomaly::unknown_network);  // Link control, authentication, compressed or encrypted data.
    }
}

void decode_ppp_hdlc(Decoding& d) noexcept {
    const std::uint8_t first = d.in.left() > 0 ? d.in.rest().front() : 0;
    if (first == cisco_unicast || first == cisco_broadcast) return decode_cisco_hdlc(d);
    decode_ppp(d);
}

void decode_cisco_hdlc(Decoding& d) noexcept {
    const auto header = d.in.header<4>();
    if (!d.in.ok()) return d.ends_within(Anomaly::link_malformed);
    const std::uint16_t type = header.u16<2>();
    if (type < ether_type::smallest || type == ether_type::rarp) {  // 0x8035 is Cisco's own keep-alive here, not RARP.
        return d.note(Anomaly::unknown_network);
    }
    decode_ether_type(d, type);
}

void decode_pppoe(Decoding& d) noexcept {
    const auto header = d.in.header<6>();
    if (!d.in.ok()) return d.ends_within(Anomaly::tunnel_malformed);
    if (header.u8<0>() != 0x11) return d.note(Anomaly::tunnel_malformed);  // Version 1, type 1 (RFC 2516, 4).
    if (header.u8<1>() != 0) return d.note(Anomaly::unknown_network);      // A code other than session data.
    if (!d.enter(Tunnel::pppoe, header.u16<2>())) return;
    d.limit(header.u16<4>());
    decode_ppp(d);
}

}  // namespace wiresage
