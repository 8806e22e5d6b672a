// From an IP header to what it carries.

#include "packet/decoding.hpp"

namespace wiresage {

void begin_ip(Decoding& d) noexcept {
    Packet& packet = d.packet;
    if (packet.has_ip) {  // The transport so far was the tunnel's.
        if (!packet.has_outer_ip) packet.outer = packet.ip;
        packet.has_outer_ip = true;
        packet.tcp.reset();
        packet.udp.reset();
        packet.sctp.reset();
        packet.icmp.reset();
    }
    packet.has_ip = true;
    packet.tunnel = d.tunnel;
    packet.tunnel_id = d.tunnel_id;
}

void decode_transport(Decoding& d, bool readable) noexcept {
    d.packet.transport = {};
    d.packet.payload = readable ? d.in.rest() : Bytes{};
    if (!readable || d.packet.ip.is_later_fragment()) return;
    d.packet.transport = d.in.rest();
    switch (d.packet.ip.protocol) {
        case ip_protocol::tcp:
            return decode_tcp(d);
        case ip_protocol::udp:
            return decode_udp(d);
        case ip_protocol::icmp:
            return decode_icmp(d, false);
        case ip_protocol::icmpv6:
            return decode_icmp(d, true);
        case ip_protocol::sctp:
            return decode_sctp(d);
        case ip_protocol::gre:
            return decode_gre(d);
        case ip_protocol::ipip:
            return decode_ip_in_ip(d, 4);
        case ip_protocol::ipv6:
            return decode_ip_in_ip(d, 6);
        case ip_protocol::ah:
            return decode_authentication(d);
        case ip_protocol::mpls:
            return decode_mpls(d);
        default:
            return;
    }
}

void decode_ip(Decoding& d) noexcept {
    if (d.in.left() == 0) return d.ends_within(Anomaly::ip_header_truncated);
    const unsigned version = d.in.rest().front() >> 4;
    if (version == 4) return decode_ip4(d);
    if (version == 6) return decode_ip6(d);
    d.note(Anomaly::ip_malformed);
}

}  // namespace wiresage
