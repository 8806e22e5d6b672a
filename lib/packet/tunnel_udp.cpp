// Tunnels in UDP: VXLAN (RFC 7348) and its generic form (draft-ietf-nvo3-vxlan-gpe), GENEVE (RFC 8926) and GTP-U (3GPP
// TS 29.281).
//
//    0      7 8     15 16    23 24    31
//   +--------+--------+--------+--------+
//   | flags  |     reserved    | (next) |   VXLAN: flag 0x08 says that the network identifier is valid;
//   +--------+--------+--------+--------+
//   |   network identifier     |reserved|   generic: flag 0x04 says that the next protocol is.
//   +--------+--------+--------+--------+
//
//   +--------+--------+--------+--------+
//   |ver,optl| O C    | protocol type   |   GENEVE; optl: words of options behind the identifier.
//   +--------+--------+--------+--------+
//   |   network identifier     |reserved|
//   +--------+--------+--------+--------+
//
//   +--------+--------+--------+--------+
//   |ver PESN|  type  |     length      |   GTP-U; the length counts what follows the first 8 bytes.
//   +--------+--------+--------+--------+
//   |         endpoint identifier       |
//   +--------+--------+--------+--------+
//   | sequence number | N-PDU  | next   |   with any of E, S, N; with E extension headers follow.
//   +--------+--------+--------+--------+
//
// A port is a hint only: a client may own the same number.  What does not look like the tunnel's header stays plain
// UDP, and that is no oddity.

#include "packet/decoding.hpp"

namespace wiresage {

namespace {

constexpr std::uint16_t port_vxlan_gpe = 4790, port_geneve = 6081, port_gtp_u = 2152;
constexpr std::uint16_t first_unprivileged_port = 1024;  // Below are services, which answer a client of that number.
constexpr unsigned vxlan_flag_valid = 0x08, vxlan_flag_policy = 0x80;  // The latter: draft-smith-vxlan-group-policy.
constexpr unsigned gpe_flag_next = 0x04, gpe_version_and_oam_bits = 0x31, gpe_ipv4 = 1, gpe_ipv6 = 2, gpe_ethernet = 3;
constexpr unsigned geneve_option_bits = 0x3f, geneve_reserved_bits = 0x3f;
constexpr unsigned gtp_version_1 = 0x30, gtp_version_bits = 0xf0, gtp_optional_bits = 0x07, gtp_extension_bit = 0x04;
constexpr unsigned gtp_reserved_bit = 0x08, gtp_packet = 255;

void decode_vxlan(Decoding& d) noexcept {
    const auto header = d.in.header<8>();
    if (!d.in.ok()) return;
    const unsigned flags = header.u8<0>();
    if ((flags & ~vxlan_flag_policy) != vxlan_flag_valid || header.u8<7>() != 0) return;
    if (d.enter(Tunnel::vxlan, header.u32<4>() >> 8)) decode_ethernet(d);
}

void decode_vxlan_gpe(Decoding& d) noexcept {
    const auto header = d.in.header<8>();
    if (!d.in.ok()) return;
    const unsigned flags = header.u8<0>();
    const unsigned next = (flags & gpe_flag_next) != 0 ? header.u8<3>() : gpe_ethernet;
    if ((flags & vxlan_flag_valid) == 0 || (flags & gpe_version_and_oam_bits) != 0 || header.u8<7>() != 0) return;
    if (next < gpe_ipv4 || next > gpe_ethernet || !d.enter(Tunnel::vxlan, header.u32<4>() >> 8)) return;
    if (next == gpe_ipv4) return decode_ip4(d);
    if (next == gpe_ipv6) return decode_ip6(d);
    decode_ethernet(d);
}

void decode_geneve(Decoding& d) noexcept {
    const auto header = d.in.header<8>();
    if (!d.in.ok()) return;
    const unsigned first = header.u8<0>();
    const bool version_0 = first >> 6 == 0;
    if (!version_0 || (header.u8<1>() & geneve_reserved_bits) != 0 || header.u8<7>() != 0) return;
    d.in.take(std::size_t{4} * (first & geneve_option_bits));
    if (!d.in.ok()) return d.ends_within(Anomaly::tunnel_malformed);
    if (d.enter(Tunnel::geneve, header.u32<4>() >> 8)) decode_ether_type(d, header.u16<2>());
}

/// The chain of extension headers (29.281, 5.2.1): a length in words, content, and the next one's type; 0 ends it.
void skip_gtp_extensions(Reader& in, std::uint8_t next) noexcept {
    while (next != 0 && in.ok()) {
        const std::size_t bytes = std::size_t{4} * in.u8();
        if (bytes == 0) {
            in.take(in.left() + 1);  // Impossible, and it would never end.
            return;
        }
        in.take(bytes - 2);
        next = in.u8();
    }
}

void decode_gtp_u(Decoding& d) noexcept {
    const auto header = d.in.header<8>();
    if (!d.in.ok()) return;
    const unsigned flags = header.u8<0>();
    if ((flags & gtp_version_bits) != gtp_version_1 || (flags & gtp_reserved_bit) != 0) return;
    if (header.u8<1>() != gtp_packet) return;  // Echo, error indication: nothing is carried.
    if (header.u16<2>() > d.on_wire()) return;
    d.limit(header.u16<2>());
    if ((flags & gtp_optional_bits) != 0) {
        const auto optional = d.in.header<4>();
        if ((flags & gtp_extension_bit) != 0) skip_gtp_extensions(d.in, optional.u8<3>());
    }
    if (!d.in.ok()) return d.ends_within(Anomaly::tunnel_malformed);
    if (!d.enter(Tunnel::gtp_u, header.u32<4>())) return;
    if (d.in.left() == 0) return d.ends_within(Anomaly::tunnel_malformed);
    const unsigned version = d.in.rest().front() >> 4;
    if (version == 4) return decode_ip4(d);
    if (version == 6) return decode_ip6(d);
    d.note(Anomaly::unknown_network);  // Ethernet and unstructured sessions.
}

}  // namespace

void decode_udp_tunnel(Decoding& d) noexcept {
    const UdpHeader& udp = *d.packet.udp;
    if (udp.destination_port == port_gtp_u) return decode_gtp_u(d);
    if (udp.source_port < first_unprivileged_port) return;
    if (udp.destination_port == port_geneve) return decode_geneve(d);
    if (udp.destination_port == port_vxlan_gpe) return decode_vxlan_gpe(d);
    decode_vxlan(d);
}

}  // namespace wiresage
