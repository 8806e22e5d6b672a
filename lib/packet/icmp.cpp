// ICMP, RFC 792, and ICMPv6, RFC 4443, with the packet that an error quotes.
//
//    0      7 8     15 16    23 24    31
//   +--------+--------+--------+--------+
//   |  type  |  code  |    checksum     |
//   +--------+--------+--------+--------+
//   | echo: identifier, sequence number |   Fragmentation needed: the MTU in the second half (RFC 1191, 4);
//   +--------+--------+--------+--------+   packet too big: the MTU in the whole word (RFC 4443, 3.2).
//   | errors: the IP header, and at least 8 bytes behind it, of the packet that caused them
//   +--------+--------+--------+--------+

#include "packet/decoding.hpp"

namespace wiresage {

namespace {

constexpr std::uint8_t v4_unreachable = 3, v4_code_fragmentation_needed = 4, v6_packet_too_big = 2;
constexpr std::uint8_t echo_reply = 0, echo_request = 8, v6_echo_request = 128, v6_echo_reply = 129;
constexpr std::uint8_t solicitation = 135, advertisement = 136;

bool has_ports(std::uint8_t protocol) noexcept {
    return protocol == ip_protocol::tcp || protocol == ip_protocol::udp || protocol == ip_protocol::sctp;
}

bool is_echo(std::uint8_t protocol, std::uint8_t type) noexcept {
    return protocol == ip_protocol::icmp     ? type == echo_request || type == echo_reply
           : protocol == ip_protocol::icmpv6 ? type == v6_echo_request || type == v6_echo_reply
                                             : false;
}

/// The first 8 bytes behind the quoted IP header: that many even the oldest routers send back.
void decode_quoted_transport(Reader in, QuotedPacket& quoted) noexcept {
    const auto transport = in.header<8>();
    if (!in.ok()) return;
    if (has_ports(quoted.protocol)) {
        quoted.has_ports = true;
        quoted.source_port = transport.u16<0>();
        quoted.destination_port = transport.u16<2>();
        quoted.has_sequence = quoted.protocol == ip_protocol::tcp;
        quoted.sequence = quoted.has_sequence ? transport.u32<4>() : 0;
    } else if (is_echo(quoted.protocol, transport.u8<0>())) {
        quoted.has_ports = true;  // As in the flow's key: the identifier stands for both.
        quoted.source_port = quoted.destination_port = transport.u16<4>();
    }
}

std::optional<QuotedPacket> decode_quoted_v4(Reader in) noexcept {
    const auto ip = in.header<20>();
    const std::size_t header_bytes = std::size_t{4} * (ip.u8<0>() & 0x0fU);
    if (!in.ok() || header_bytes < 20) return {};
    QuotedPacket quoted;
    quoted.source = address_v4(ip.bytes<12, 4>());
    quoted.destination = address_v4(ip.bytes<16, 4>());
    quoted.protocol = ip.u8<9>();
    in.take(header_bytes - 20);
    const bool later_fragment = (ip.u16<6>() & 0x1fff) != 0;
    if (!later_fragment) decode_quoted_transport(in, quoted);
    return quoted;
}

std::optional<QuotedPacket> decode_quoted_v6(Reader in) noexcept {
    const auto ip = in.header<40>();
    if (!in.ok()) return {};
    const auto extensions = walk_extensions(in, ip.u8<6>());
    QuotedPacket quoted;
    quoted.source = Address::v6(ip.bytes<8, 16>());
    quoted.destination = Address::v6(ip.bytes<24, 16>());
    quoted.protocol = extensions.protocol;
    if (extensions.fragment_offset == 0) decode_quoted_transport(in, quoted);
    return quoted;
}

std::optional<QuotedPacket> decode_quoted(Reader in) noexcept {
    const unsigned version = in.left() > 0 ? in.rest().front() >> 4 : 0;
    if (version == 4) return decode_quoted_v4(in);
    if (version == 6) return decode_quoted_v6(in);
    return {};
}

}  // namespace

void decode_icmp(Decoding& d, bool v6) noexcept {
    const auto fields = d.in.header<8>();
    if (!d.in.ok()) return d.ends_within(Anomaly::icmp_truncated);

    IcmpHeader& icmp = d.packet.icmp.emplace();
    icmp.v6 = v6;
    icmp.type = fields.u8<0>();
    icmp.code = fields.u8<1>();
    d.packet.payload = d.in.rest();
    if (icmp.is_echo_request() || icmp.is_echo_reply()) {
        icmp.identifier = fields.u16<4>();
        icmp.sequence = fields.u16<6>();
    } else if (icmp.is_error()) {
        if (v6 && icmp.type == v6_packet_too_big) icmp.mtu = fields.u32<4>();
        if (!v6 && icmp.type == v4_unreachable && icmp.code == v4_code_fragmentation_needed) icmp.mtu = fields.u16<6>();
        icmp.quoted = decode_quoted(d.in);
    } else if (v6 && (icmp.type == solicitation || icmp.type == advertisement)) {
        decode_neighbor_discovery(d, icmp, fields.u32<4>());
    }
}

}  // namespace wiresage
