// IPv6 and its extension headers, RFC 8200.
//
//    0      7 8     15 16    23 24    31
//   +--------+--------+--------+--------+
//   |ver, traffic class, flow label     |
//   +--------+--------+--------+--------+
//   | payload length  | next   |hop lim.|
//   +--------+--------+--------+--------+
//   |     source address (16 bytes)     |
//   +--------+--------+--------+--------+
//   |  destination address (16 bytes)   |
//   +--------+--------+--------+--------+
//
//   +--------+--------+--------+--------+--------+--------+--------+--------+
//   |  next  | length |   options or routing data; the length in units of 8 bytes, the first not counted
//   +--------+--------+--------+--------+--------+--------+--------+--------+
//   |  next  |reserved| offset    00 M  |          identification           |   fragment header
//   +--------+--------+--------+--------+--------+--------+--------+--------+
//
// The payload length does not count this header.  Zero means a jumbogram (RFC 2675, in a hop-by-hop option) or a
// packet captured before segmentation: it then reaches to the end of the frame.

#include "packet/decoding.hpp"

namespace wiresage {

namespace {

constexpr std::uint8_t hop_by_hop = 0, routing = 43, fragment = 44, destination_options = 60;
constexpr std::uint16_t fragment_offset_bits = 0xfff8, fragment_more_bit = 0x0001;

bool is_extension(std::uint8_t next_header) noexcept {
    return next_header == hop_by_hop || next_header == routing || next_header == fragment ||
           next_header == destination_options;
}

bool may_be_larger_than_its_length_field(std::uint8_t next_header) noexcept {
    return next_header == ip_protocol::tcp || next_header == ip_protocol::udp || next_header == hop_by_hop;
}

void fill(IpHeader& header, const Fields<40>& fields, const Extensions& extensions, std::uint32_t payload_bytes,
          bool from_frame) noexcept {
    put_v6(header.source, fields.bytes<8, 16>());
    put_v6(header.destination, fields.bytes<24, 16>());
    header.version = 6;
    header.protocol = extensions.protocol;
    header.ttl = fields.u8<7>();
    header.tos = static_cast<std::uint8_t>(fields.u16<0>() >> 4);
    header.identification = extensions.identification;
    header.has_identification = extensions.has_fragment;
    header.more_fragments = extensions.more_fragments;
    header.fragment_offset = extensions.fragment_offset;
    header.payload_bytes = payload_bytes;
    header.length_from_frame = from_frame;
}

}  // namespace

Extensions walk_extensions(Reader& in, std::uint8_t next_header) noexcept {
    Extensions found{.protocol = next_header};
    while (is_extension(found.protocol)) {
        const auto header = in.header<8>();  // None is shorter.
        if (!in.ok()) break;
        if (found.protocol == fragment) {
            found.has_fragment = true;
            found.fragment_offset = header.u16<2>() & fragment_offset_bits;
            found.more_fragments = (header.u16<2>() & fragment_more_bit) != 0;
            found.identification = header.u32<4>();
        } else {
            in.take(std::size_t{8} * header.u8<1>());
        }
        found.protocol = header.u8<0>();
        if (!in.ok() || found.fragment_offset != 0) break;  // A later fragment holds the middle of something.
    }
    found.fits = in.ok();
    return found;
}

void decode_ip6(Decoding& d) noexcept {
    const auto fields = d.in.header<40>();
    if (!d.in.ok()) return d.ends_within(Anomaly::ip_header_truncated);
    if (fields.u8<0>() >> 4 != 6) return d.note(Anomaly::ip_malformed);

    const std::size_t frame_bytes = d.on_wire();
    const std::size_t claimed_bytes = fields.u16<4>();
    const bool from_frame = claimed_bytes == 0 && may_be_larger_than_its_length_field(fields.u8<6>());
    const std::size_t payload_bytes = from_frame ? frame_bytes : claimed_bytes;
    if (payload_bytes > frame_bytes) d.note(Anomaly::ip_malformed);
    d.limit(payload_bytes);

    const std::size_t before = d.in.left();
    const auto extensions = walk_extensions(d.in, fields.u8<6>());
    const std::size_t extension_bytes = before - d.in.left();
    const auto rest_bytes = static_cast<std::uint32_t>(extensions.fits ? payload_bytes - extension_bytes : 0);
    begin_ip(d);
    fill(d.packet.ip, fields, extensions, rest_bytes, from_frame);
    if (!extensions.fits) d.ends_within(Anomaly::ipv6_extension_malformed);
    decode_transport(d, extensions.fits);
}

}  // namespace wiresage
