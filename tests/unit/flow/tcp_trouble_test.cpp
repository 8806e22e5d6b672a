// Troubles within connections: what is told of segments resent and missing, of closed windows and odd handshakes.

#include <gtest/gtest.h>

#include "shard_bench.hpp"

namespace wiresage::testing {
namespace {

/// After a handshake of 20 ms: the client has sent 100 bytes, which are acknowledged.
std::vector<Turn> after_request(std::vector<Turn> more) {
    std::vector<Turn> all = {{0ms, 'c', "S", 0, 0},
                             {10ms, 's', "SA", 0, 1},
                             {20ms, 'c', "A", 1, 1},
                             {21ms, 'c', "PA", 1, 1, 100},
                             {31ms, 's', "A", 1, 101}};
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

struct Story {
    const char* name;
    std::vector<Turn> turns;
    std::size_t stalls;  ///< Told, growing totals included.
    TroubleEnd end;      ///< Of the last one.
};

class ResentSegments : public ::testing::TestWithParam<Story> {};

TEST_P(ResentSegments, AreAStallAfterThreeGrowingWaits) {
    ShardBench bench;
    play(bench, after_request(GetParam().turns));
    bench.plays_to(2h);
    const auto told = bench.of<SegmentStall>();
    ASSERT_EQ(told.size(), GetParam().stalls);
    if (told.empty()) return;
    EXPECT_EQ(told.back().end, GetParam().end);
    EXPECT_EQ(told.back().seq_relative, 101U);
    EXPECT_EQ(told.back().payload_bytes, 1000U);
    EXPECT_TRUE(told.front().ends.first);
    EXPECT_FALSE(told.front().ends.sender_serves);
    EXPECT_EQ(told.front().began, bench.began + 1s);
}

constexpr std::uint32_t full = 1000;

const Story stories[] = {
    {"and_it_ends_by_the_servers_reset",
     {{1s, 'c', "PA", 101, 1, full},
      {2s, 'c', "PA", 101, 1, full},
      {4s, 'c', "PA", 101, 1, full},
      {8s, 'c', "PA", 101, 1, full},
      {16s, 'c', "PA", 101, 1, full},
      {20s, 's', "RA", 1, 101}},
     3,
     TroubleEnd::rst},
    {"and_it_ends_by_an_acknowledgment",
     {{1s, 'c', "PA", 101, 1, full},
      {2s, 'c', "PA", 101, 1, full},
      {4s, 'c', "PA", 101, 1, full},
      {8s, 'c', "PA", 101, 1, full},
      {9s, 's', "A", 1, 1101}},
     2,
     TroubleEnd::ack},
    {"and_it_is_given_up",
     {{1s, 'c', "PA", 101, 1, full},
      {2s, 'c', "PA", 101, 1, full},
      {4s, 'c', "PA", 101, 1, full},
      {8s, 'c', "PA", 101, 1, full}},
     2,
     TroubleEnd::timeout},
    {"not_where_the_second_copy_repairs_it",
     {{1s, 'c', "PA", 101, 1, full},
      {3s, 'c', "PA", 101, 1, full},
      {7s, 'c', "PA", 101, 1, full},
      {8s, 's', "A", 1, 1101}},
     0,
     TroubleEnd::open},
    {"not_where_the_waits_do_not_grow",
     {{1s, 'c', "PA", 101, 1, full},
      {2s, 'c', "PA", 101, 1, full},
      {3s, 'c', "PA", 101, 1, full},
      {4s, 'c', "PA", 101, 1, full},
      {5s, 'c', "PA", 101, 1, full},
      {6s, 's', "RA", 1, 101}},
     0,
     TroubleEnd::open},
    {"not_within_three_seconds",
     {{1s, 'c', "PA", 101, 1, full},
      {1200ms, 'c', "PA", 101, 1, full},
      {1600ms, 'c', "PA", 101, 1, full},
      {2400ms, 'c', "PA", 101, 1, full},
      {2500ms, 's', "RA", 1, 101}},
     0,
     TroubleEnd::open},
    {"not_of_keep_alives",
     {{1s, 'c', "A", 100, 1, 1},
      {2s, 'c', "A", 100, 1, 1},
      {4s, 'c', "A", 100, 1, 1},
      {8s, 'c', "A", 100, 1, 1},
      {16s, 'c', "A", 100, 1, 1}},
     0,
     TroubleEnd::open},
    {"not_of_a_fin",
     {{1s, 'c', "FA", 101, 1},
      {2s, 'c', "FA", 101, 1},
      {4s, 'c', "FA", 101, 1},
      {8s, 'c', "FA", 101, 1},
      {16s, 'c', "FA", 101, 1}},
     0,
     TroubleEnd::open},
    {"not_of_what_was_acknowledged",
     {{1s, 'c', "PA", 101, 1, full},
      {1100ms, 's', "A", 1, 1101},
      {2s, 'c', "PA", 101, 1, full},
      {4s, 'c', "PA", 101, 1, full},
      {8s, 'c', "PA", 101, 1, full},
      {16s, 'c', "PA", 101, 1, full}},
     0,
     TroubleEnd::open},
    {"not_into_a_closed_window",
     {{900ms, 's', "A", 1, 101, 0, 1000, 1000, 0},
      {1s, 'c', "PA", 101, 1, full},
      {2s, 'c', "PA", 101, 1, full},
      {4s, 'c', "PA", 101, 1, full},
      {8s, 'c', "PA", 101, 1, full}},
     0,
     TroubleEnd::open},
};

INSTANTIATE_TEST_SUITE_P(Table, ResentSegments, ::testing::ValuesIn(stories),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(Troubles, ACopyWithinARoundTripOfWhatFollowsCountsToo) {
    ShardBench bench;
    play(bench, after_request({{1s, 'c', "PA", 101, 1, full},
                               {1001ms, 'c', "PA", 1101, 1, 100},
                               {1005ms, 's', "A", 1, 101},
                               {1006ms, 'c', "PA", 101, 1, full},  // Out of order, as tshark has it.
                               {1300ms, 'c', "PA", 101, 1, full},
                               {1900ms, 'c', "PA", 101, 1, full},
                               {3100ms, 'c', "PA", 101, 1, full},
                               {5500ms, 'c', "PA", 101, 1, full},
                               {6s, 's', "RA", 1, 101}}));
    bench.plays_to(2h);
    const auto told = bench.of<SegmentStall>();
    ASSERT_FALSE(told.empty());
    EXPECT_EQ(told.back().copies, 5U);
}

TEST(Troubles, AnOvertakenSegmentIsNoCopy) {
    ShardBench bench;
    play(bench, after_request({{1s, 'c', "PA", 1101, 1, 100},
                               {1001ms, 'c', "PA", 101, 1, full},
                               {1300ms, 'c', "PA", 101, 1, full},
                               {1900ms, 'c', "PA", 101, 1, full},
                               {3100ms, 'c', "PA", 101, 1, full},
                               {5500ms, 'c', "PA", 101, 1, full},
                               {6s, 's', "RA", 1, 101}}));
    bench.plays_to(2h);
    const auto told = bench.of<SegmentStall>();
    ASSERT_FALSE(told.empty());
    EXPECT_EQ(told.back().copies, 4U);
}

TEST(Troubles, AHoleThatIsAskedForInVainIsToldAtTheEnd) {
    ShardBench bench;
    play(bench, after_request({{1s, 'c', "A", 1101, 1, full},
                               {1010ms, 's', "A", 1, 101},
                               {1020ms, 'c', "A", 2101, 1, full},
                               {1030ms, 's', "A", 1, 101},
                               {1040ms, 'c', "A", 3101, 1, full},
                               {1050ms, 's', "A", 1, 101},
                               {9s, 's', "RA", 1, 101}}));
    const auto told = bench.of<SequenceHole>();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].missing_bytes, 1000U);
    EXPECT_EQ(told[0].seq_relative, 101U);
    EXPECT_EQ(told[0].dup_acks, 3U);
    EXPECT_EQ(told[0].open, 8s);
    EXPECT_EQ(told[0].end, TroubleEnd::rst);
    EXPECT_TRUE(bench.of<CaptureGap>().empty());
}

TEST(Troubles, WhatIsAcknowledgedUnseenIsTheCapturesGap) {
    ShardBench bench;
    play(bench, after_request({{1s, 'c', "A", 101, 2581},
                               {1010ms, 's', "FA", 2581, 101},
                               {1020ms, 'c', "FA", 101, 2582},
                               {1030ms, 's', "A", 2582, 102}}));
    bench.plays_to(10s);
    const auto told = bench.of<CaptureGap>();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].missing_bytes, 2580U);
    EXPECT_EQ(told[0].gaps, 1U);
    EXPECT_EQ(told[0].ends.sender, server);
    EXPECT_TRUE(told[0].ends.sender_serves);
    EXPECT_TRUE(bench.of<SequenceHole>().empty());
}

TEST(Troubles, DataThatItsAcknowledgmentOvertookIsNoGap) {
    ShardBench bench;
    play(bench, after_request({{1s, 'c', "A", 101, 1001}, {1001ms, 's', "PA", 1, 101, 1000}}));
    bench.plays_to(10s);
    EXPECT_TRUE(bench.of<CaptureGap>().empty());
}

TEST(Troubles, AClosedWindowIsToldWhileItLastsAndWhenItOpens) {
    ShardBench bench;
    play(bench, after_request({{1s, 's', "A", 1, 101, 0, 1000, 1000, 0},
                               {1500ms, 'c', "A", 100, 1},
                               {1510ms, 's', "A", 1, 101, 0, 1000, 1000, 0},
                               {4s, 'c', "A", 100, 1},
                               {4010ms, 's', "A", 1, 101, 0, 1000, 1000, 0},
                               {6s, 's', "A", 1, 101}}));
    bench.plays_to(20s);
    const auto told = bench.of<WindowStall>();
    ASSERT_GE(told.size(), 2U);
    Duration stalled{};
    std::uint32_t episodes = 0, probes = 0;
    for (const auto& one : told) {
        stalled += one.stalled;
        episodes += one.episodes;
        probes += one.probes;
    }
    EXPECT_EQ(stalled, 5s);
    EXPECT_EQ(told.back().longest, 5s);
    EXPECT_EQ(episodes, 1U);
    EXPECT_EQ(probes, 2U);
    EXPECT_EQ(told.back().end, TroubleEnd::ack);
    EXPECT_EQ(told.back().ends.receiver, server);
}

TEST(Troubles, ALossIsBeyondThisPointWhereTheFirstCopyWasSeen) {
    ShardBench bench;
    play(bench, after_request({{1s, 'c', "PA", 101, 1, full},
                               {2s, 'c', "PA", 101, 1, full},
                               {2010ms, 's', "A", 1, 1101},
                               {3s, 'c', "PA", 2101, 1, full},
                               {4s, 'c', "PA", 1101, 1, full},
                               {4010ms, 's', "A", 1, 3101},
                               {5s, 'c', "PA", 2101, 1, full}}));
    bench.plays_to(2h);
    LossTally::Side sum;
    for (const auto& one : bench.of<LossTally>()) {
        sum.lost_after += one.by_client.lost_after;
        sum.lost_before += one.by_client.lost_before;
        sum.spurious += one.by_client.spurious;
    }
    EXPECT_EQ(sum.lost_after, 1U);
    EXPECT_EQ(sum.lost_before, 1U);
    EXPECT_EQ(sum.spurious, 1U);
}

TEST(Troubles, AnOddAcknowledgmentIsToldOnceTheServerObjects) {
    ShardBench bench;
    play(bench, {{0ms, 'c', "S", 0, 0}, {1ms, 's', "SA", 0, 1}, {17ms, 'c', "A", 1, 3}});
    EXPECT_TRUE(bench.of<OddHandshake>().empty());
    play(bench, {{3s, 's', "SA", 0, 1, 0, 1000, 1000, 1000, -1, 77}});
    const auto told = bench.of<OddHandshake>();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].kind, OddHandshakeKind::ack_mismatch);
    EXPECT_EQ(told[0].server_isn, 1000U);
    EXPECT_EQ(told[0].observed_ack, 1003U);
    EXPECT_TRUE(bench.of<CaptureGap>().empty());
}

TEST(Troubles, ASynAckWithPayloadIsToldWithItsAcknowledgment) {
    ShardBench bench;
    play(bench, {{0ms, 'c', "S", 0, 0}, {17ms, 's', "SA", 0, 1, 2}, {18ms, 'c', "A", 1, 3}});
    const auto told = bench.of<OddHandshake>();
    ASSERT_EQ(told.size(), 2U);
    EXPECT_EQ(told[0].payload_bytes, 2U);
    EXPECT_FALSE(told[0].ack_seen);
    EXPECT_TRUE(told[1].ack_seen);
    EXPECT_EQ(told[1].observed_ack, 1003U);
    EXPECT_EQ(told[0].syn_acks + told[1].syn_acks, 1);
}

TEST(Troubles, HealthyConnectionsTellNothingButTheirSegments) {
    ShardBench bench;
    std::vector<Turn> turns;
    for (std::uint32_t i = 0; i < 40; ++i) {
        turns.push_back({1s + i * 10ms, 'c', "A", 101 + i * full, 1, full});
        turns.push_back({1s + i * 10ms + 5ms, 's', "A", 1, 101 + (i + 1) * full});
    }
    play(bench, after_request(turns));
    bench.plays_to(2h);
    const auto told = bench.of<LossTally>();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_GE(told[0].by_client.segments, 40U);
    EXPECT_EQ(told[0].by_client.lost_after + told[0].by_client.lost_before + told[0].by_client.spurious, 0U);
    EXPECT_TRUE(bench.of<SegmentStall>().empty());
    EXPECT_TRUE(bench.of<WindowStall>().empty());
}

}  // namespace
}  // namespace wiresage::testing
