// tcp_segment_lost_in_path makes one alert of all that a pair of addresses lost for good.

#include <gtest/gtest.h>

#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

const Endpoint sender{ipv4(10, 1, 1, 1), 1098};
const Endpoint receiver{ipv4(172, 16, 1, 1), 80};

PathLoss loss(std::uint32_t copies, bool went_on, std::uint16_t port = 1098) {
    PathLoss made;
    made.sender = {sender.ip, port};
    made.receiver = receiver;
    made.first = bench_begin + 1s;
    made.last = bench_begin + 9s;
    made.seq_relative = 282;
    made.length = 1460;
    made.copies = copies;
    made.ranges = 1;
    made.bytes = 1460;
    made.frames = {5, 8, 9, 0};
    made.near_to_far = true;
    made.went_on = went_on;
    return made;
}

struct Story {
    const char* name;
    std::uint32_t copies;
    bool went_on;
    bool missed;
    bool found;
    Confidence confidence;
};

class TcpSegmentLostInPath : public ::testing::TestWithParam<Story> {};

TEST_P(TcpSegmentLostInPath, IsFoundWhereNoCopyArrivedAndTheSessionDidNotJustEnd) {
    const auto& story = GetParam();
    RuleBench bench{"tcp_segment_lost_in_path"};
    auto what = loss(story.copies, story.went_on);
    what.receiver_missed = story.missed;
    bench.sees(10s, what);
    EXPECT_EQ(bench.last(), nullptr) << "judged only when everything is told";
    bench.until(11s);
    ASSERT_EQ(bench.last() != nullptr, story.found);
    if (!story.found) return;
    EXPECT_EQ(bench.last()->confidence, story.confidence);
}

const Story stories[] = {
    {"six_copies", 6, true, false, true, Confidence::high},
    {"two_copies_at_the_end", 2, false, false, true, Confidence::medium},
    {"one_copy_at_the_end", 1, false, false, false, {}},
    {"one_copy_and_more_after_it", 1, true, false, true, Confidence::medium},
    {"a_capture_that_misses_packets", 6, true, true, true, Confidence::low},
    {"one_copy_in_such_a_capture", 1, true, true, false, {}},
};

INSTANTIATE_TEST_SUITE_P(Table, TcpSegmentLostInPath, ::testing::ValuesIn(stories),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(TcpSegmentLostInPathMore, TheEvidenceIsThatOfTheWorstRange) {
    RuleBench bench{"tcp_segment_lost_in_path"};
    bench.sees(10s, loss(2, true, 1200));
    auto worst = loss(6, true);
    worst.arrived_smaller = true;
    bench.sees(11s, worst);
    bench.until(12s);
    ASSERT_EQ(bench.entities().size(), 1U);
    const auto* const finding = bench.last("10.1.1.1>172.16.1.1");
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(whole(*finding, "lost_copies"), 6);
    EXPECT_EQ(whole(*finding, "seq_relative"), 282);
    EXPECT_EQ(whole(*finding, "segment_len"), 1460);
    EXPECT_TRUE(says(*finding, "arrived_smaller"));
    EXPECT_EQ(text(*finding, "direction"), "near_to_far");
    EXPECT_EQ(finding->source.port, std::nullopt) << "two connections";
    EXPECT_EQ(finding->destination.port, 80);
    EXPECT_EQ(finding->start, bench_begin + 1s);
    EXPECT_EQ(finding->packets.size(), 3U);
}

TEST(TcpSegmentLostInPathMore, ASynThatNeverArrivesIsNamedAsSuch) {
    RuleBench bench{"tcp_segment_lost_in_path"};
    auto syn = loss(3, false);
    syn.seq_relative = syn.length = 0;
    syn.receiver_silent = true;
    bench.sees(10s, syn);
    bench.until(11s);
    ASSERT_NE(bench.last(), nullptr);
    EXPECT_EQ(whole(*bench.last(), "segment_len"), 0);
    EXPECT_NE(bench.last()->message.find("SYN"), std::string::npos);
}

}  // namespace
}  // namespace wiresage::testing
