// UDP, RFC 768, and the common header of SCTP, RFC 9260, 3.1.
//
//    0      7 8     15 16    23 24    31
//   +--------+--------+--------+--------+
//   |   source port   |destination port |
//   +--------+--------+--------+--------+
//   |     length      |    checksum     |   SCTP: the verification tag, and then the checksum.
//   +--------+--------+--------+--------+
//
// UDP's length counts this header too, so 8 is the smallest honest value.  Zero means "to the end of the datagram",
// for IPv6 jumbograms (RFC 2675, 4).  In the first of several fragments it counts what the others carry.

#include "packet/decoding.hpp"

namespace wiresage {

namespace {

constexpr std::size_t header_bytes = 8;

}  // namespace

void decode_udp(Decoding& d) noexcept {
    const auto fields = d.in.header<header_bytes>();
    if (!d.in.ok()) return d.ends_within(Anomaly::udp_truncated);

    UdpHeader& udp = d.packet.udp.emplace();
    udp.source_port = fields.u16<0>();
    udp.destination_port = fields.u16<2>();
    udp.length = fields.u16<4>();

    const std::size_t datagram_bytes = d.packet.ip.payload_bytes;  // As the IP header has it; may be less than 8.
    const std::size_t claimed_bytes = udp.length == 0 ? datagram_bytes : udp.length;
    if (claimed_bytes < header_bytes) {
        d.packet.payload = {};
        return d.note(Anomaly::udp_malformed);
    }
    if (claimed_bytes > datagram_bytes && !d.packet.ip.more_fragments) d.note(Anomaly::udp_malformed);
    const std::size_t payload_bytes = std::min(claimed_bytes, datagram_bytes) - header_bytes;
    udp.payload_bytes = static_cast<std::uint32_t>(payload_bytes);
    d.limit(payload_bytes);
    d.packet.payload = d.in.rest();
    if (is_tunnel_port(udp.destination_port)) decode_udp_tunnel(d);
}

void decode_sctp(Decoding& d) noexcept {
    const auto fields = d.in.header<12>();
    if (!d.in.ok()) return d.ends_within(Anomaly::sctp_truncated);
    d.packet.sctp = SctpHeader{
        .source_port = fields.u16<0>(), .destination_port = fields.u16<2>(), .verification_tag = fields.u32<4>()};
    d.packet.payload = d.in.rest();
}

}  // namespace wiresage
