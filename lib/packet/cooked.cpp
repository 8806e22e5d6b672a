// Linux cooked captures (LINKTYPE_LINUX_SLL, LINKTYPE_LINUX_SLL2) and loopback (LINKTYPE_NULL, LINKTYPE_LOOP).
//
//   SLL   +--------+--------+--------+--------+--------+--------+
//         |   packet type   |    hardware     | address length  |
//         +--------+--------+--------+--------+--------+--------+--------+--------+
//         |                          sender's address                             |
//         +--------+--------+--------+--------+--------+--------+--------+--------+
//         |    protocol     |
//         +--------+--------+
//   SLL2  +--------+--------+--------+--------+--------+--------+--------+--------+
//         |    protocol     |    reserved     |          interface index          |
//         +--------+--------+--------+--------+--------+--------+--------+--------+
//         |    hardware     | p.type |length  |  sender's address (8 bytes) ...
//         +--------+--------+--------+--------+
//
// The packet type: 0 to us, 1 broadcast, 2 multicast, 3 to somebody else, 4 from us (linux/if_packet.h).
// NULL and LOOP put the address family of BSD before the packet, NULL in the byte order of the capturing host.

#include "packet/decoding.hpp"

namespace wiresage {

namespace {

constexpr unsigned packet_other_host = 3, packet_outgoing = 4;
constexpr std::uint16_t protocol_802_3 = 0x0001, protocol_802_2 = 0x0004;  // linux/if_ether.h

void take_sender(Decoding& d, unsigned packet_type, std::size_t address_bytes,
                 std::span<const std::uint8_t, 6> address) noexcept {
    Packet& packet = d.packet;
    if (packet.direction == Direction::unknown && packet_type != packet_other_host && packet_type <= packet_outgoing) {
        packet.direction = packet_type == packet_outgoing ? Direction::sent : Direction::received;
    }
    packet.has_mac = address_bytes == 6;
    packet.source_mac = mac_address(address);
    packet.destination_mac = {};
}

void decode_cooked_protocol(Decoding& d, std::uint16_t protocol) noexcept {
    if (protocol == protocol_802_2) return decode_llc(d);
    if (protocol == protocol_802_3) return d.note(Anomaly::unknown_network);  // Novell's IPX without LLC.
    if (protocol < ether_type::smallest) return d.note(Anomaly::unknown_network);
    decode_ether_type(d, protocol);
}

}  // namespace

void decode_cooked_1(Decoding& d) noexcept {
    const auto header = d.in.header<16>();
    if (!d.in.ok()) return d.ends_within(Anomaly::link_malformed);
    take_sender(d, header.u16<0>(), header.u16<4>(), header.bytes<6, 6>());
    decode_cooked_protocol(d, header.u16<14>());
}

void decode_cooked_2(Decoding& d) noexcept {
    const auto header = d.in.header<20>();
    if (!d.in.ok()) return d.ends_within(Anomaly::link_malformed);
    d.packet.interface_index = header.u32<4>();
    take_sender(d, header.u8<10>(), header.u8<11>(), header.bytes<12, 6>());
    decode_cooked_protocol(d, header.u16<0>());
}

void decode_null(Decoding& d) noexcept {
    const auto header = d.in.header<4>();
    if (!d.in.ok()) return d.ends_within(Anomaly::link_malformed);
    std::uint32_t family = header.u32<0>();
    if (family > 0xffff) family = __builtin_bswap32(family);  // Written by a little-endian host.
    switch (family) {
        case 2:
            return decode_ip4(d);
        case 10:  // AF_INET6 of Linux, Windows, the older BSDs, FreeBSD and Darwin.
        case 23:
        case 24:
        case 28:
        case 30:
            return decode_ip6(d);
        default:
            break;
    }
    // Some writers put an EtherType into the last two bytes.
    const std::uint16_t type = header.u16<2>();
    if (type == ether_type::ipv4 || type == ether_type::ipv6) return decode_ether_type(d, type);
    d.note(Anomaly::unknown_network);
}

}  // namespace wiresage
