// The way into a packet: by the link type of the capture.

#include "packet/decoding.hpp"

namespace wiresage {

namespace {

/// Puts the packet back to empty, but for the IP headers: nearly every packet writes its own anew, see decode().
void reset(Packet& packet, const PacketView& view) noexcept {
    packet.has_mac = false;
    packet.source_mac = {};
    packet.destination_mac = {};
    packet.ether_type = 0;
    packet.vlan_count = 0;
    packet.vlans = {};
    packet.direction = view.direction;
    packet.tunnel = Tunnel::none;
    packet.tunnel_id = 0;
    packet.has_outer_ip = false;
    packet.has_ip = false;
    packet.interface_index = 0;
    packet.tcp.reset();
    packet.udp.reset();
    packet.sctp.reset();
    packet.icmp.reset();
    packet.neighbor.reset();
    packet.arp = false;
    packet.arp_operation = 0;
    packet.transport = {};
    packet.payload = {};
    packet.anomaly = Anomaly::none;
    packet.cut = view.wire_bytes > view.bytes.size();
}

void decode_link(const PacketView& view, Packet& packet) noexcept {
    Decoding d{
        .packet = packet, .in = Reader{view.bytes}, .missing = packet.cut ? view.wire_bytes - view.bytes.size() : 0};
    switch (static_cast<std::uint16_t>(view.link)) {
        case static_cast<std::uint16_t>(LinkType::ethernet):
            return decode_ethernet(d);
        case static_cast<std::uint16_t>(LinkType::linux_sll):
            return decode_cooked_1(d);
        case static_cast<std::uint16_t>(LinkType::linux_sll2):
            return decode_cooked_2(d);
        case static_cast<std::uint16_t>(LinkType::null):
        case static_cast<std::uint16_t>(LinkType::loop):
            return decode_null(d);
        case static_cast<std::uint16_t>(LinkType::ppp):
        case static_cast<std::uint16_t>(LinkType::ppp_hdlc):
            return decode_ppp_hdlc(d);
        case static_cast<std::uint16_t>(LinkType::cisco_hdlc):
            return decode_cisco_hdlc(d);
        case static_cast<std::uint16_t>(LinkType::ipv4):
            return decode_ip4(d);
        case static_cast<std::uint16_t>(LinkType::ipv6):
            return decode_ip6(d);
        case static_cast<std::uint16_t>(LinkType::raw):
        case 12:  // DLT_RAW of most systems,
        case 14:  // and of OpenBSD.
            return decode_ip(d);
        default:
            return d.note(Anomaly::link_malformed);
    }
}

}  // namespace

void decode(const PacketView& view, Packet& packet) noexcept {
    reset(packet, view);
    decode_link(view, packet);
    if (packet.has_ip) return;
    packet.ip = {};  // What the last packet left there must not be seen in this one.
}

}  // namespace wiresage
