// The difference of two clocks, from packets that both points saw.

#include "compare/clock_match.hpp"

#include <gtest/gtest.h>

#include <random>

#include "compare/feature.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

constexpr EventTime begin = event_time(1'700'000'000'000'000'000);

/// A data segment of either direction; what a router does not change.
Packet segment(bool outward, std::uint32_t sequence, bool v6 = false) {
    Packet packet;
    packet.has_ip = true;
    packet.ip.version = v6 ? 6 : 4;
    packet.ip.source = outward ? ipv4(10, 0, 0, 5) : ipv4(10, 9, 0, 1);
    packet.ip.destination = outward ? ipv4(10, 9, 0, 1) : ipv4(10, 0, 0, 5);
    packet.tcp.emplace();
    packet.tcp->source_port = outward ? 40000 : 80;
    packet.tcp->destination_port = outward ? 80 : 40000;
    packet.tcp->sequence = sequence;
    packet.tcp->acknowledgment = 7;
    packet.tcp->payload_bytes = 100;
    packet.tcp->flags = tcp_flag::ack;
    return packet;
}

struct Clocks {
    const char* name;
    Duration offset;
    std::int64_t drift_ppb;
    Duration delay_out;
    Duration delay_back;
    Duration jitter;
    int packets;
};

class ClockMatch : public ::testing::TestWithParam<Clocks> {};

TEST_P(ClockMatch, TheOffsetIsWithinItsUncertaintyOfTheTruth) {
    const auto& clocks = GetParam();
    std::mt19937 random{1};
    ClockSketch near;
    ClockSketch far;
    for (int i = 0; i < clocks.packets; ++i) {
        const bool outward = i % 2 == 0;
        const auto sent = begin + i * 100ms;
        const auto jitter =
            Duration{static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(clocks.jitter.count() + 1))};
        const auto arrives = sent + (outward ? clocks.delay_out : clocks.delay_back) + jitter;
        const auto far_clock = [&](EventTime at) {
            return at + clocks.offset + (at - begin) / 1'000'000 * clocks.drift_ppb / 1000;
        };
        const auto packet = segment(outward, static_cast<std::uint32_t>(i + 1));
        near.see(packet, outward ? sent : arrives);
        far.see(packet, far_clock(outward ? arrives : sent));
    }
    const auto model = match_clocks(near, far);
    EXPECT_EQ(model.packets, static_cast<std::uint64_t>(clocks.packets));
    ASSERT_TRUE(model.both_directions);
    const auto half_trip = (clocks.delay_out + clocks.delay_back) / 2;
    EXPECT_LE(model.uncertainty, half_trip + clocks.jitter + 1ms);
    // Back to the near clock, at both ends of the capture.
    for (const auto at : {begin, begin + clocks.packets * 100ms}) {
        const auto far_at = at + clocks.offset + (at - begin) / 1'000'000 * clocks.drift_ppb / 1000;
        const auto wrong = model.near_time(far_at) - at;
        EXPECT_LE(std::max(wrong, -wrong), model.uncertainty + 1ms);
    }
}

const Clocks situations[] = {
    {"equal", 0s, 0, 1ms, 1ms, 0s, 20},
    {"an_hour_ahead", 3600s, 0, 20ms, 20ms, 2ms, 200},
    {"a_day_behind", -86400s, 0, 45ms, 45ms, 5ms, 200},
    {"lopsided_path", 10s, 0, 80ms, 10ms, 1ms, 200},
    {"drifting", -5s, 50'000, 2ms, 2ms, 1ms, 20'000},
    {"long_queues", 7200s, 0, 5ms, 5ms, 400ms, 2000},
};

INSTANTIATE_TEST_SUITE_P(Table, ClockMatch, ::testing::ValuesIn(situations),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(ClockMatchMore, ADriftIsMeasured) {
    ClockSketch near;
    ClockSketch far;
    for (int i = 0; i < 20'000; ++i) {
        const bool outward = i % 2 == 0;
        const auto at = begin + i * 100ms;
        const auto packet = segment(outward, static_cast<std::uint32_t>(i + 1));
        near.see(packet, outward ? at : at + 1ms);
        far.see(packet, (outward ? at + 1ms : at) + (at - begin) / 20'000);  // 50 ppm.
    }
    EXPECT_NEAR(static_cast<double>(match_clocks(near, far).drift_ppb), 50'000, 500);
}

TEST(ClockMatchMore, NothingInCommonIsSaid) {
    ClockSketch near;
    ClockSketch far;
    near.see(segment(true, 1), begin);
    far.see(segment(true, 2), begin);
    const auto model = match_clocks(near, far);
    EXPECT_EQ(model.packets, 0U);
    EXPECT_EQ(model.near_time(begin), begin);
}

TEST(ClockMatchMore, ARepeatedSegmentDoesNotVote) {
    ClockSketch near;
    ClockSketch far;
    for (int i = 0; i < 10; ++i) {
        near.see(segment(true, 1), begin + i * 1s);
        far.see(segment(true, 1), begin + i * 1s + 5s);
    }
    EXPECT_EQ(match_clocks(near, far).packets, 0U);
}

TEST(ClockMatchMore, AWrongMatchDoesNotMoveTheOffset) {
    ClockSketch near;
    ClockSketch far;
    for (std::uint32_t i = 1; i <= 40; ++i) {
        const bool outward = i % 2 == 0;
        const auto at = begin + i * 1s;
        near.see(segment(outward, i), outward ? at : at + 3ms);
        far.see(segment(outward, i), (outward ? at + 3ms : at) + 60s);
    }
    near.see(segment(true, 99), begin);
    far.see(segment(true, 99), begin + 5000s);
    const auto model = match_clocks(near, far);
    EXPECT_EQ(model.packets, 40U);
    EXPECT_EQ(model.offset, 60s);
    EXPECT_EQ(model.uncertainty, 3ms);
}

TEST(FeatureTest, WhatIsWorthRecognisingBy) {
    auto packet = segment(true, 5);
    const auto feature = feature_of(packet);
    EXPECT_NE(feature, 0U);
    packet.ip.source = ipv4(198, 51, 100, 1);  // Translated.
    packet.tcp->source_port = 1;
    packet.ip.ttl = 9;
    EXPECT_EQ(feature_of(packet), feature);
    packet.tcp->sequence = 6;
    EXPECT_NE(feature_of(packet), feature);
    packet.tcp->payload_bytes = 0;
    EXPECT_EQ(feature_of(packet), 0U) << "a bare acknowledgment";
    packet.tcp->flags = tcp_flag::rst;
    EXPECT_EQ(feature_of(packet), 0U);
}

}  // namespace
}  // namespace wiresage::testing
