// IPv4, RFC 791.
//
//    0      7 8     15 16    23 24    31
//   +--------+--------+--------+--------+
//   |ver|ihl |  tos   |  total length   |
//   +--------+--------+--------+--------+
//   | identification  |flags, fragment  |
//   +--------+--------+--------+--------+
//   |  ttl   |protocol|    checksum     |
//   +--------+--------+--------+--------+
//   |          source address           |
//   +--------+--------+--------+--------+
//   |        destination address        |
//   +--------+--------+--------+--------+
//   |        options, ihl - 5 words     |
//
// The total length counts this header too.  Zero means that the packet was captured before the network card cut it
// up (segmentation offload, and BIG TCP beyond 64 KiB): it then reaches to the end of the frame.

#include "packet/decoding.hpp"

namespace wiresage {

namespace {

constexpr std::size_t least_header_bytes = 20;
constexpr std::uint16_t flag_more_fragments = 0x2000, fragment_bits = 0x1fff;
constexpr std::size_t fragment_unit = 8;

void fill(IpHeader& header, const Fields<least_header_bytes>& fields, std::uint32_t payload_bytes) noexcept {
    const std::uint16_t fragment = fields.u16<6>();
    put_v4(header.source, fields.bytes<12, 4>());
    put_v4(header.destination, fields.bytes<16, 4>());
    header.version = 4;
    header.protocol = fields.u8<9>();
    header.ttl = fields.u8<8>();
    header.tos = fields.u8<1>();
    header.identification = fields.u16<4>();
    header.has_identification = true;
    header.more_fragments = (fragment & flag_more_fragments) != 0;
    header.fragment_offset = static_cast<std::uint16_t>((fragment & fragment_bits) * fragment_unit);
    header.payload_bytes = payload_bytes;
    header.length_from_frame = fields.u16<2>() == 0;
}

}  // namespace

void decode_ip4(Decoding& d) noexcept {
    const std::size_t frame_bytes = d.on_wire();
    const auto fields = d.in.header<least_header_bytes>();
    if (!d.in.ok()) return d.ends_within(Anomaly::ip_header_truncated);

    const std::size_t header_bytes = std::size_t{4} * (fields.u8<0>() & 0x0fU);
    const std::size_t claimed_bytes = fields.u16<2>();
    const std::size_t total_bytes = claimed_bytes == 0 ? frame_bytes : claimed_bytes;
    if (fields.u8<0>() >> 4 != 4 || header_bytes < least_header_bytes || total_bytes < header_bytes) {
        return d.note(Anomaly::ip_malformed);
    }
    if (total_bytes > frame_bytes) d.note(Anomaly::ip_malformed);
    d.limit(total_bytes - least_header_bytes);

    const auto payload_bytes = static_cast<std::uint32_t>(total_bytes - header_bytes);
    begin_ip(d);
    fill(d.packet.ip, fields, payload_bytes);
    d.in.take(header_bytes - least_header_bytes);
    if (!d.in.ok()) d.ends_within(Anomaly::ip_header_truncated);
    decode_transport(d, d.in.ok());
}

}  // namespace wiresage
