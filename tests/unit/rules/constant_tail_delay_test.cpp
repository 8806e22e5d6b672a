// constant_tail_delay finds pauses of one length before the end of responses.

#include <gtest/gtest.h>

#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

const Endpoint sender{ipv4(10, 61, 0, 2), 445};
const Endpoint receiver{ipv4(10, 60, 0, 1), 2242};

TailDelays tails(std::uint32_t delayed, std::uint32_t responses, Microseconds pause, Microseconds spread = 0) {
    TailDelays made;
    made.sender = sender;
    made.receiver = receiver;
    made.began = bench_begin + 2s;
    made.began_frame = 17;
    made.responses = responses;
    made.delayed = delayed;
    made.tail_bytes = 352;
    made.count = static_cast<std::uint8_t>(std::min<std::size_t>(delayed, TailDelays::most));
    for (std::size_t i = 0; i < made.count; ++i)
        made.pauses[i] = to_short(pause + spread * static_cast<Microseconds>(i) / static_cast<Microseconds>(TailDelays::most));
    made.sender_serves = true;
    return made;
}

struct Story {
    const char* name;
    std::uint32_t delayed, responses;
    Microseconds pause, spread;
    bool found;
};

class ConstantTailDelay : public ::testing::TestWithParam<Story> {};

TEST_P(ConstantTailDelay, IsFoundWhereNearlyAllResponsesPauseForTheSameTime) {
    const auto& story = GetParam();
    RuleBench bench{"constant_tail_delay"};
    bench.tells(10s, tails(story.delayed, story.responses, story.pause, story.spread));
    EXPECT_EQ(bench.last() != nullptr, story.found);
}

const Story stories[] = {
    {"all_of_nineteen", 19, 19, 406'000, 2'000, true}, {"at_a_fifth_of_a_second", 12, 14, 200'000, 0, true},
    {"nine_are_too_few", 9, 9, 406'000, 0, false},     {"half_of_them", 12, 24, 406'000, 0, false},
    {"irregular", 12, 12, 200'000, 400'000, false},
};

INSTANTIATE_TEST_SUITE_P(Table, ConstantTailDelay, ::testing::ValuesIn(stories),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(ConstantTailDelayMore, TotalsAreOfTheEpisode) {
    RuleBench bench{"constant_tail_delay"};
    for (int i = 1; i <= 3; ++i) bench.tells(i * 10s, tails(5, 6, 406'000));
    const auto* const finding = bench.last("10.61.0.2:445>10.60.0.1");
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(whole(*finding, "count"), 15);
    EXPECT_EQ(whole(*finding, "responses"), 18);
    EXPECT_NEAR(number(*finding, "delay_s"), 0.406, 0.001);
    EXPECT_EQ(whole(*finding, "tail_len"), 352);
    EXPECT_TRUE(says(*finding, "ack_before_delay"));
    EXPECT_EQ(finding->source.port, sender.port);
    EXPECT_EQ(finding->destination.port, receiver.port);
    EXPECT_EQ(finding->start, bench_begin + 2s);
}

}  // namespace
}  // namespace wiresage::testing
