// What is counted: every packet once as decoded or as one anomaly, outer and inner headers by Wireshark's conventions.

#include "packet/packet_counts.hpp"

#include <gtest/gtest.h>

#include <numeric>

#include "samples.hpp"

namespace wiresage::testing {
namespace {

PacketCounts counts_of(const std::vector<Frame>& frames) {
    PacketCounts counts;
    for (const auto& frame : frames) {
        Packet packet;
        decode(view_of(frame), packet);
        counts.add(view_of(frame), packet);
    }
    return counts;
}

TEST(PacketCounts, TunnelledPacketHasTwoHeaders) {
    const auto counts = counts_of({routers_frame(ip_protocol::ipv6, inner_ip(true))});
    EXPECT_EQ(counts.outer.v4, 1U);
    EXPECT_EQ(counts.outer.v6, 0U);
    EXPECT_EQ(counts.inner.v4, 0U);
    EXPECT_EQ(counts.inner.v6, 1U);
    EXPECT_EQ(counts.outer.protocol[ip_protocol::ipv6], 1U);
    EXPECT_EQ(counts.inner.protocol[ip_protocol::udp], 1U);
    EXPECT_EQ(counts.tunnels[static_cast<std::size_t>(Tunnel::six_in_four)], 1U);
}

TEST(PacketCounts, QuotedHeaderIsNotCounted) {
    const auto counts =
        counts_of({icmp({.src = server_v4().ip, .dst = client_v4().ip, .type = 3, .quoted = inner_ip()})});
    EXPECT_EQ(counts.inner.v4, 1U);
    EXPECT_EQ(counts.inner.protocol[ip_protocol::icmp], 1U);
    EXPECT_EQ(counts.inner.protocol[ip_protocol::udp], 0U);
}

TEST(PacketCounts, FragmentsAndArpAndTags) {
    const auto a = ipv4(10, 0, 0, 1);
    const auto b = ipv4(10, 0, 0, 2);
    const auto counts = counts_of({
        udp({.src = client_v4(), .dst = server_v4(), .ip = {.more_fragments = true}}),
        udp({.src = client_v4(), .dst = server_v4(), .ip = {.more_fragments = true, .fragment_offset = 8}}),
        udp({.src = client_v6(), .dst = server_v6(), .ip = {.fragment_offset = 16}}),
        arp({.sender_ip = a, .target_ip = b, .link = {.vlans = {3}}}),
        arp({.operation = 2, .sender_ip = b, .target_ip = a}),
        arp({.operation = 9, .sender_ip = b, .target_ip = a}),
    });
    EXPECT_EQ(counts.first_fragments, 1U);
    EXPECT_EQ(counts.later_fragments, 2U);
    EXPECT_EQ(counts.outer.protocol[ip_protocol::udp], 3U);
    EXPECT_EQ(counts.arp_requests, 1U);
    EXPECT_EQ(counts.arp_replies, 1U);
    EXPECT_EQ(counts.arp_others, 1U);
    EXPECT_EQ(counts.vlan_frames, 1U);
    EXPECT_EQ(counts.packets, 6U);
    EXPECT_EQ(counts.decoded(), 6U);
}

TEST(PacketCounts, EveryPacketIsDecodedOrOneAnomaly) {
    PacketCounts counts;
    std::uint64_t given = 0;
    std::uint64_t wire_bytes = 0;
    for (const auto& sample : samples()) {
        for (std::size_t bytes = 0; bytes <= sample.frame.size(); bytes += 3) {
            const auto view = cut_view_of(sample.frame, bytes, sample.link);
            Packet packet;
            decode(view, packet);
            counts.add(view, packet);
            ++given;
            wire_bytes += sample.frame.size();
        }
    }
    EXPECT_EQ(counts.packets, given);
    EXPECT_EQ(std::accumulate(counts.anomalies.begin(), counts.anomalies.end(), std::uint64_t{0}), given);
    EXPECT_EQ(std::accumulate(counts.tunnels.begin(), counts.tunnels.end(), std::uint64_t{0}), given);
    EXPECT_EQ(counts.bytes_on_wire, wire_bytes);
    EXPECT_LT(counts.bytes_captured, wire_bytes);
    EXPECT_GT(counts.frames_cut_by_snaplen, 0U);
}

TEST(PacketCounts, SumOfTwoIsTheCountOfBoth) {
    const std::vector<Frame> first = {inner_frame(),
                                      arp({.sender_ip = ipv4(10, 0, 0, 1), .target_ip = ipv4(10, 0, 0, 2)})};
    const std::vector<Frame> second = {inner_frame(true), routers_frame(ip_protocol::ipip, inner_ip()), Frame(5)};
    auto all = first;
    all.insert(all.end(), second.begin(), second.end());
    auto sum = counts_of(first);
    sum += counts_of(second);
    const auto whole = counts_of(all);
    EXPECT_EQ(sum.packets, whole.packets);
    EXPECT_EQ(sum.bytes_on_wire, whole.bytes_on_wire);
    EXPECT_EQ(sum.bytes_captured, whole.bytes_captured);
    EXPECT_EQ(sum.outer.v4, whole.outer.v4);
    EXPECT_EQ(sum.inner.v6, whole.inner.v6);
    EXPECT_EQ(sum.outer.protocol, whole.outer.protocol);
    EXPECT_EQ(sum.inner.protocol, whole.inner.protocol);
    EXPECT_EQ(sum.arp_requests, whole.arp_requests);
    EXPECT_EQ(sum.tunnels, whole.tunnels);
    EXPECT_EQ(sum.anomalies, whole.anomalies);
}

}  // namespace
}  // namespace wiresage::testing
