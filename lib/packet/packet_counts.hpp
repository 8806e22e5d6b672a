// What was counted while decoding, one sum for each worker.
#pragma once

#include <array>
#include <cstdint>

#include "packet/packet.hpp"
#include "packet/packet_view.hpp"

namespace wiresage {

/// Counts of decoded packets, with the conventions of Wireshark: "outer" is the first IP header of a frame, "inner" the
/// last one, and a header quoted in an ICMP message counts in neither.  A later fragment has a protocol, no ports.
/// Plain numbers: written by one worker, summed by whoever asks.
struct PacketCounts {
    /// One of the two IP headers, or the only one twice.
    struct Layer {
        std::uint64_t v4 = 0;
        std::uint64_t v6 = 0;
        std::array<std::uint64_t, 256> protocol{};  ///< By IP protocol number, after the extension headers of IPv6.
    };

    std::uint64_t packets = 0;  ///< decoded() + unfinished of each kind, exactly.
    std::uint64_t bytes_on_wire = 0;
    std::uint64_t bytes_captured = 0;
    std::uint64_t frames_cut_by_snaplen = 0;
    Layer outer;
    Layer inner;
    std::uint64_t arp_requests = 0;
    std::uint64_t arp_replies = 0;
    std::uint64_t arp_others = 0;
    std::uint64_t first_fragments = 0;  ///< Of the outer header: more follow, and this is the first.
    std::uint64_t later_fragments = 0;
    std::uint64_t vlan_frames = 0;
    std::array<std::uint64_t, tunnel_count> tunnels{};  ///< Frames by the innermost Tunnel; `none` among them.
    std::array<std::uint64_t, static_cast<std::size_t>(Anomaly::count_)> anomalies{};  ///< By Anomaly; `none`: decoded.

    /// Packets without any anomaly.
    std::uint64_t decoded() const noexcept { return anomalies[static_cast<std::size_t>(Anomaly::none)]; }

    void add(const PacketView& view, const Packet& packet) noexcept;
    PacketCounts& operator+=(const PacketCounts& other) noexcept;
};

}  // namespace wiresage
