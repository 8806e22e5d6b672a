// What segments say about the capture: offload's marks, bad checksums and their fate, connections seen from one side.
#include <gtest/gtest.h>

#include "shard_bench.hpp"

namespace wiresage::testing {
namespace {

constexpr std::size_t sum_at = 14 + 20 + 16;  // Ethernet, IPv4, and the field within TCP.

Frame segment_frame(const Turn& turn, unsigned id, unsigned mss = 0) {
    auto spec = segment(turn);
    spec.ip.id = id;
    spec.mss = mss;
    return tcp(spec);
}

Frame damaged(Frame frame) {
    frame[sum_at] ^= 0x55;
    return frame;
}

/// The sum of the pseudo-header alone, as an offloading host leaves it.
Frame unfinished(Frame frame) {
    const std::size_t size = frame.size() - 34;
    std::uint32_t sum = 6 + static_cast<std::uint32_t>(size);
    for (std::size_t i = 26; i < 34; i += 2) sum += static_cast<std::uint32_t>(frame[i] << 8 | frame[i + 1]);
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
    frame[sum_at] = static_cast<std::uint8_t>(sum >> 8);
    frame[sum_at + 1] = static_cast<std::uint8_t>(sum);
    return frame;
}

void shakes_hands(ShardBench& bench, unsigned mss = 1460) {
    bench.sees(0ms, segment_frame({0ms, 'c', "S", 0, 0}, 1, mss));
    bench.sees(1ms, segment_frame({0ms, 's', "SA", 0, 1}, 2, mss));
    bench.sees(2ms, segment_frame({0ms, 'c', "A", 1, 1}, 3));
}

BadChecksums bad_of(const ShardBench& bench) {
    BadChecksums sum;
    for (const auto& told : bench.of<BadChecksums>()) {
        sum.count += told.count;
        sum.acknowledged += told.acknowledged;
        sum.resent += told.resent;
        sum.unanswered += told.unanswered;
        sum.sender = told.sender;
    }
    return sum;
}

TEST(BadChecksum, IsResentWhereTheReceiverDidNotTakeIt) {
    ShardBench bench;
    shakes_hands(bench);
    bench.sees(10ms, damaged(segment_frame({0ms, 's', "PA", 1, 1, 100}, 10)));
    bench.sees(300ms, segment_frame({0ms, 's', "PA", 1, 1, 100}, 11));
    bench.sees(301ms, segment_frame({0ms, 'c', "A", 1, 101}, 12));
    bench.plays_to(10s);
    EXPECT_EQ(bad_of(bench).count, 1U);
    EXPECT_EQ(bad_of(bench).resent, 1U);
    EXPECT_EQ(bad_of(bench).sender, server);
}

TEST(BadChecksum, IsOffloadWhereItIsAcknowledgedAllTheSame) {
    ShardBench bench;
    shakes_hands(bench);
    bench.sees(10ms, damaged(segment_frame({0ms, 's', "PA", 1, 1, 100}, 10)));
    bench.sees(11ms, segment_frame({0ms, 'c', "A", 1, 101}, 12));
    bench.plays_to(10s);
    EXPECT_EQ(bad_of(bench).acknowledged, 1U);
    EXPECT_EQ(bad_of(bench).resent, 0U);
}

TEST(BadChecksum, MayStayUnanswered) {
    ShardBench bench;
    shakes_hands(bench);
    bench.sees(10ms, damaged(segment_frame({0ms, 's', "PA", 1, 1, 100}, 10)));
    bench.plays_to(10s);
    EXPECT_EQ(bad_of(bench).unanswered, 1U);
}

TEST(BadChecksum, IsNotJudgedInCutFrames) {
    ShardBench bench;
    shakes_hands(bench);
    bench.sees(10ms, damaged(segment_frame({0ms, 's', "PA", 1, 1, 100}, 10)), 100);
    bench.plays_to(10s);
    EXPECT_TRUE(bench.of<BadChecksums>().empty());
}

TEST(BadChecksum, IsFoundInASampleOfABusyConnection) {
    ShardBench bench;
    shakes_hands(bench);
    std::uint32_t next = 1;
    for (unsigned i = 0; i < 200; ++i, next += 1400) {  // 280,000 bytes within one tick, the last damaged.
        const auto frame = segment_frame({0ms, 's', "A", next, 1, 1400}, 10 + i);
        bench.sees(10ms + i * 100us, i == 199 ? damaged(frame) : frame);
    }
    bench.plays_to(10s);
    EXPECT_TRUE(bench.of<BadChecksums>().empty());
    bench.sees(10050ms, damaged(segment_frame({0ms, 's', "A", next, 1, 1400}, 900)));
    bench.plays_to(20s);
    EXPECT_EQ(bad_of(bench).count, 1U);
}

TEST(Offload, LeavesSumsUnfinished) {
    ShardBench bench;
    shakes_hands(bench);
    for (unsigned i = 0; i < 4; ++i)
        bench.sees(10ms + i * 1ms, unfinished(segment_frame({0ms, 's', "PA", 1 + 100 * i, 1, 100}, 10 + i)));
    bench.plays_to(30s);
    const auto told = bench.of<OffloadedSegments>();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].kind, OffloadKind::unfinished_sum);
    EXPECT_EQ(told[0].count, 4U);
    EXPECT_EQ(told[0].of, 7U);
    EXPECT_EQ(told[0].source, server);
    EXPECT_TRUE(bench.of<BadChecksums>().empty());
}

TEST(Offload, MakesSegmentsLargerThanTheReceiverAllows) {
    ShardBench bench;
    shakes_hands(bench);
    bench.sees(10ms, segment_frame({0ms, 's', "A", 1, 1, 1460}, 10));
    bench.sees(11ms, segment_frame({0ms, 's', "A", 1461, 1, 5840}, 11));
    bench.plays_to(30s);
    const auto told = bench.of<OffloadedSegments>();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].kind, OffloadKind::oversize);
    EXPECT_EQ(told[0].count, 1U);
    EXPECT_EQ(told[0].largest_payload, 5840U);
    EXPECT_EQ(told[0].mss, 1460);
}

TEST(Offload, IsToldOfOnceAndThenEveryTenSeconds) {
    ShardBench bench;
    shakes_hands(bench);
    std::uint32_t next = 1;
    for (unsigned i = 0; i < 300; ++i, next += 2920)
        bench.sees(100ms + i * 100ms, segment_frame({0ms, 's', "A", next, 1, 2920}, 10 + i));
    bench.plays_to(60s);
    EXPECT_LE(bench.of<OffloadedSegments>().size(), 5U);
    std::uint32_t count = 0;
    for (const auto& told : bench.of<OffloadedSegments>()) count += told.count;
    EXPECT_EQ(count, 300U);
}

struct Sight {
    const char* name;
    std::vector<Turn> turns;
    std::uint32_t flows;
    std::uint32_t one_sided;
};

class SidednessOfConnections : public ::testing::TestWithParam<Sight> {};

TEST_P(SidednessOfConnections, IsCountedOnceItIsProven) {
    ShardBench bench;
    play(bench, GetParam().turns);
    bench.plays_to(10s);
    std::uint32_t flows = 0;
    std::uint32_t one_sided = 0;
    for (const auto& told : bench.of<Sidedness>()) {
        flows += told.flows;
        one_sided += told.one_sided;
    }
    EXPECT_EQ(flows, GetParam().flows);
    EXPECT_EQ(one_sided, GetParam().one_sided);
}

const Sight sights[] = {
    {"both", {{0ms, 'c', "S", 0, 0}, {1ms, 's', "SA", 0, 1}, {2ms, 'c', "A", 1, 1}}, 1, 0},
    {"attempts_without_answer", {{0ms, 'c', "S", 0, 0}, {1s, 'c', "S", 0, 0}, {3s, 'c', "S", 0, 0}}, 0, 0},
    {"hears_somebody_unseen", {{0ms, 'c', "A", 1, 1}, {9ms, 'c', "A", 1, 1401}, {19ms, 'c', "A", 1, 2801}}, 1, 1},
    {"says_one_thing", {{0ms, 's', "PA", 1, 1, 100}}, 0, 0},
};

INSTANTIATE_TEST_SUITE_P(Table, SidednessOfConnections, ::testing::ValuesIn(sights),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(Copies, AreToldWithTheirLagAndWhatTheyAre) {
    ShardBench bench;
    for (unsigned i = 0; i < 5; ++i) {
        const auto frame = segment_frame({0ms, 'c', "PA", 1 + i * 10, 1, 10}, 50 + i);
        bench.sees(10ms * i, frame);
        bench.sees(10ms * i + 20us, frame);
    }
    bench.plays_to(1s);
    const auto told = bench.of<Duplicates>();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].dropped, 5U);
    EXPECT_EQ(told[0].lag_us, 100U);
    EXPECT_EQ(told[0].same_road, 5U);
    EXPECT_EQ(told[0].first_frame, 2U);
}

}  // namespace
}  // namespace wiresage::testing
