// Counts of decoded packets.

#include "packet/packet_counts.hpp"

namespace wiresage {

namespace {

void add_layer(PacketCounts::Layer& layer, const IpHeader& ip) noexcept {
    ++(ip.version == 4 ? layer.v4 : layer.v6);
    ++layer.protocol[ip.protocol];
}

void sum(PacketCounts::Layer& layer, const PacketCounts::Layer& other) noexcept {
    layer.v4 += other.v4;
    layer.v6 += other.v6;
    for (std::size_t i = 0; i < layer.protocol.size(); ++i) layer.protocol[i] += other.protocol[i];
}

}  // namespace

void PacketCounts::add(const PacketView& view, const Packet& packet) noexcept {
    ++packets;
    bytes_on_wire += view.wire_bytes;
    bytes_captured += view.bytes.size();
    frames_cut_by_snaplen += packet.cut ? 1 : 0;
    vlan_frames += packet.vlan_count > 0 ? 1 : 0;
    ++anomalies[static_cast<std::size_t>(packet.anomaly)];
    ++tunnels[static_cast<std::size_t>(packet.tunnel)];
    if (packet.has_ip) {
        const IpHeader& first = packet.first_ip();
        add_layer(outer, first);
        add_layer(inner, packet.ip);
        if (first.is_later_fragment()) {
            ++later_fragments;
        } else if (first.more_fragments) {
            ++first_fragments;
        }
    }
    if (packet.arp) ++(packet.arp_operation == 1 ? arp_requests : packet.arp_operation == 2 ? arp_replies : arp_others);
}

PacketCounts& PacketCounts::operator+=(const PacketCounts& other) noexcept {
    packets += other.packets;
    bytes_on_wire += other.bytes_on_wire;
    bytes_captured += other.bytes_captured;
    frames_cut_by_snaplen += other.frames_cut_by_snaplen;
    sum(outer, other.outer);
    sum(inner, other.inner);
    arp_requests += other.arp_requests;
    arp_replies += other.arp_replies;
    arp_others += other.arp_others;
    first_fragments += other.first_fragments;
    later_fragments += other.later_fragments;
    vlan_frames += other.vlan_frames;
    for (std::size_t i = 0; i < tunnels.size(); ++i) tunnels[i] += other.tunnels[i];
    for (std::size_t i = 0; i < anomalies.size(); ++i) anomalies[i] += other.anomalies[i];
    return *this;
}

}  // namespace wiresage
