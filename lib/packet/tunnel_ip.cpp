// Tunnels right above IP or a link: IP in IP (RFC 2003, RFC 2473), 6in4 (RFC 4213), also behind an authentication
// header (RFC 4302), and MPLS (RFC 3032, RFC 4023).
//
//    0      7 8     15 16    23 24    31
//   +--------+--------+--------+--------+
//   |  label (20 bits), class, S |  ttl  |   S marks the bottom of the stack.
//   +--------+--------+--------+--------+
//
// Nothing in a label stack says what it carries.  As everybody does, the first nibble tells IPv4 and IPv6, and zero a
// pseudo-wire with a control word (RFC 4385, 3; RFC 4448, 4.6), whose Ethernet frame may also come without one.
//
//   +--------+--------+--------+--------+
//   |  next  | length |    reserved     |   The authentication header; the length in words, less two.
//   +--------+--------+--------+--------+
//   | parameters index, sequence number, check value ...
//   +--------+--------+--------+--------+

#include "packet/decoding.hpp"

namespace wiresage {

namespace {

constexpr std::uint32_t bottom_of_stack = 0x100;
constexpr unsigned label_shift = 12;

/// Whether a type stands where an Ethernet frame that begins `skipped` bytes from here has its own.
bool looks_like_ethernet(Reader in, std::size_t skipped) noexcept {
    in.take(skipped + 12);
    switch (in.u16()) {
        case ether_type::ipv4:
        case ether_type::ipv6:
        case ether_type::arp:
        case ether_type::vlan:
        case ether_type::service_vlan:
        case ether_type::mpls:
        case ether_type::pppoe_session:
            return true;
        default:
            return false;
    }
}

void decode_pseudo_wire(Decoding& d, unsigned nibble) noexcept {
    const bool without_control_word = looks_like_ethernet(d.in, 0) && !looks_like_ethernet(d.in, 4);
    if (nibble != 0 && !without_control_word) return d.note(Anomaly::unknown_network);
    if (!without_control_word) d.in.u32();
    decode_ethernet(d);
}

}  // namespace

void decode_ip_in_ip(Decoding& d, std::uint8_t inner_version) noexcept {
    const bool six_in_four = inner_version == 6 && d.packet.ip.version == 4;
    if (!d.enter(six_in_four ? Tunnel::six_in_four : Tunnel::ipip, 0)) return;
    if (inner_version == 4) {
        decode_ip4(d);
    } else {
        decode_ip6(d);
    }
}

void decode_authentication(Decoding& d) noexcept {
    const auto header = d.in.header<8>();
    d.in.take(std::size_t{4} * header.u8<1>());
    if (!d.in.ok()) return d.ends_within(Anomaly::tunnel_malformed);
    // In transport mode it is a protocol of its own, here as in the counts; only a whole packet behind it is looked at.
    if (header.u8<0>() == ip_protocol::ipip) return decode_ip_in_ip(d, 4);
    if (header.u8<0>() == ip_protocol::ipv6) decode_ip_in_ip(d, 6);
}

void decode_mpls(Decoding& d) noexcept {
    std::uint32_t entry = 0;
    do {
        entry = d.in.u32();
        if (!d.in.ok()) return d.ends_within(Anomaly::tunnel_malformed);
    } while ((entry & bottom_of_stack) == 0);
    if (!d.enter(Tunnel::mpls, entry >> label_shift)) return;
    if (d.in.left() == 0) return d.ends_within(Anomaly::tunnel_malformed);
    const unsigned nibble = d.in.rest().front() >> 4;
    if (nibble == 4 && !looks_like_ethernet(d.in, 0)) return decode_ip4(d);
    if (nibble == 6 && !looks_like_ethernet(d.in, 0)) return decode_ip6(d);
    decode_pseudo_wire(d, nibble);
}

}  // namespace wiresage
