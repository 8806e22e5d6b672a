// GRE (RFC 2784, RFC 2890, with the routing of RFC 1701), PPTP's version of it (RFC 2637) and ERSPAN
// (draft-foschiano-erspan-03).
//
//    0      7 8     15 16    23 24    31
//   +--------+--------+--------+--------+
//   |C R K S s A  ver | protocol type   |
//   +--------+--------+--------+--------+
//   |    checksum     |     offset      |   with C or R
//   +--------+--------+--------+--------+
//   |               key                 |   with K; PPTP: payload length and call id
//   +--------+--------+--------+--------+
//   |         sequence number           |   with S
//   +--------+--------+--------+--------+
//   |       acknowledgment number       |   with A, PPTP only
//   +--------+--------+--------+--------+
//   | routing entries                   |   with R: family, offset, length, data; both zero end them
//
// ERSPAN type II, 8 bytes, comes with a sequence number, type I without one and without a header; type III is 12 bytes:
//
//   +--------+--------+--------+--------+
//   |ver, vlan        |cos, ..., session|
//   +--------+--------+--------+--------+
//   | II: index; III: timestamp         |
//   +--------+--------+--------+--------+
//   | III: tag, P, frame type, ..., O   |   O: 8 bytes more of the platform's
//   +--------+--------+--------+--------+

#include "packet/decoding.hpp"

namespace wiresage {

namespace {

constexpr std::uint16_t flag_checksum = 0x8000, flag_routing = 0x4000, flag_key = 0x2000, flag_sequence = 0x1000,
                        flag_acknowledgment = 0x0080, version_bits = 0x0007, version_pptp = 1;
constexpr std::uint32_t call_id_bits = 0xffff;
constexpr std::uint16_t session_bits = 0x03ff;
constexpr std::uint16_t platform_bit = 0x0001, frame_type_bits = 0x7c00, frame_type_ip = 2;
constexpr unsigned frame_type_shift = 10;

void skip_routing(Reader& in) noexcept {
    while (in.ok()) {
        const auto entry = in.header<4>();
        if (entry.u16<0>() == 0 && entry.u8<3>() == 0) return;
        in.take(entry.u8<3>());
    }
}

}  // namespace

void decode_gre(Decoding& d) noexcept {
    const auto header = d.in.header<4>();
    const std::uint16_t flags = header.u16<0>();
    const std::uint16_t type = header.u16<2>();
    const unsigned version = flags & version_bits;
    if ((flags & (flag_checksum | flag_routing)) != 0) d.in.u32();
    std::uint32_t key = (flags & flag_key) != 0 ? d.in.u32() : 0;
    if ((flags & flag_sequence) != 0) d.in.u32();
    if (version == version_pptp && (flags & flag_acknowledgment) != 0) d.in.u32();
    if ((flags & flag_routing) != 0) skip_routing(d.in);
    if (!d.in.ok()) return d.ends_within(Anomaly::tunnel_malformed);
    if (version > version_pptp) return d.note(Anomaly::tunnel_malformed);

    if (d.on_wire() == 0) return;  // An acknowledgment of PPTP, or a keep-alive: nothing is carried.
    if (type == ether_type::erspan || type == ether_type::erspan_3)
        return decode_erspan(d, type, (flags & flag_sequence) != 0);
    if (version == version_pptp) key &= call_id_bits;
    if (!d.enter(Tunnel::gre, key)) return;
    if (type == ether_type::ppp) return decode_ppp(d);
    decode_ether_type(d, type);
}

void decode_erspan(Decoding& d, std::uint16_t type, bool has_sequence) noexcept {
    std::uint16_t session = 0;
    bool carries_ip = false;
    if (type == ether_type::erspan_3) {
        const auto header = d.in.header<12>();
        session = header.u16<2>() & session_bits;
        carries_ip = (header.u16<10>() & frame_type_bits) >> frame_type_shift == frame_type_ip;
        if ((header.u16<10>() & platform_bit) != 0) d.in.take(8);
    } else if (has_sequence) {
        session = d.in.header<8>().u16<2>() & session_bits;
    }
    if (!d.in.ok()) return d.ends_within(Anomaly::tunnel_malformed);
    if (!d.enter(Tunnel::erspan, session)) return;
    if (carries_ip) {
        decode_ip(d);
    } else {
        decode_ethernet(d);
    }
}

}  // namespace wiresage
