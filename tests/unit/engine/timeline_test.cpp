// Event time: never back, ticks at each 100 ms, gaps cut to the longest time-out, steps of the clock kept as an offset.

#include "engine/timeline.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace wiresage {
namespace {

using namespace std::chrono_literals;

constexpr EventTime start = event_time(1'600'000'000'050'000'000);  // 50 ms after a tick.

struct Row {
    const char* name;
    std::vector<Duration> stamps;   ///< After `start`, the last one is looked at.
    Duration time;                  ///< Its event time after `start`.
    std::uint64_t ticks;            ///< Before it ...
    std::uint64_t slow_ticks;       ///< ... those of a long silence.
    Duration step;                  ///< The clock step it reports, 0: none.
};

class TimelineRows : public ::testing::TestWithParam<Row> {};

TEST_P(TimelineRows, GiveEventTimeAndTicks) {
    const auto& row = GetParam();
    Timeline timeline;
    timeline.advance(start);
    Timeline::Step last;
    for (const auto after : row.stamps) last = timeline.advance(start + after);
    EXPECT_EQ(last.time - start, row.time);
    EXPECT_EQ(last.ticks.count, row.ticks);
    EXPECT_EQ(last.slow_ticks.count, row.slow_ticks);
    EXPECT_EQ(last.clock_step.value_or(0ns), row.step);
}

const Row rows[] = {
    {"the_same_tick", {49ms}, 49ms, 0, 0, 0ns},
    {"the_next_tick", {50ms}, 50ms, 1, 0, 0ns},
    {"several_ticks", {1s}, 1s, 10, 0, 0ns},
    {"a_little_back_is_clamped", {500ms, 400ms}, 500ms, 0, 0, 0ns},
    {"a_second_back_is_clamped", {2s, 1s}, 2s, 0, 0, 0ns},
    {"more_than_a_second_back_keeps_an_offset", {10s, 8s}, 10s, 0, 0, 2s},
    {"time_goes_on_after_a_step_back", {10s, 8s, 9s}, 11s, 10, 0, 0ns},
    {"a_single_stray_stamp_is_forgotten", {10s, 1s, 10100ms}, 10100ms, 1, 0, 0ns},
    {"a_gap_costs_the_longest_timeout", {48h}, 48h, 100, 7190, 0ns},
    {"after_ten_silent_seconds_ticks_are_slow", {1s, 31s}, 31s, 100, 20, 0ns},
};

INSTANTIATE_TEST_SUITE_P(, TimelineRows, ::testing::ValuesIn(rows), [](const auto& each) { return each.param.name; });

TEST(Timeline, SilenceMovesTimeOnAndNeverBack) {
    Timeline timeline;
    timeline.advance(start);
    EXPECT_EQ(timeline.idle_until(start + 1s).ticks.count, 10U);
    EXPECT_EQ(timeline.idle_until(start).ticks.count, 0U);
    EXPECT_EQ(timeline.now(), start + 1s);
}

TEST(Timeline, TicksAreSlowWhileSilenceIsLong) {
    Timeline timeline;
    timeline.advance(start);
    EXPECT_EQ(timeline.idle_until(start + 1s).ticks.count, 10U);
    const auto silence = timeline.idle_until(start + 12s);
    EXPECT_EQ(silence.ticks.count, 90U);
    EXPECT_EQ(silence.slow_ticks.count, 2U);
    EXPECT_EQ(timeline.idle_until(start + 12900ms).slow_ticks.count, 0U);
    EXPECT_EQ(timeline.idle_until(start + 13s).slow_ticks.count, 1U);
    EXPECT_EQ(timeline.advance(start + 13200ms).ticks.count, 0U);  // Silence ends: ticks are as before.
    EXPECT_EQ(timeline.advance(start + 13400ms).ticks.count, 2U);
}

TEST(Timeline, TheEndsOfTimeDoNotOverflow) {
    Timeline timeline;
    timeline.advance(latest_event_time);
    timeline.advance(event_time(0));  // A step back by all of it ...
    const auto step = timeline.advance(latest_event_time);
    EXPECT_GE(step.time, event_time(0));  // ... and forward again.
    EXPECT_EQ(timeline.stepped(), 1U);
    const auto silence = timeline.idle_until(timeline.now() + longest_timeout);  // What follows the end of a file.
    EXPECT_EQ(silence.ticks.count, 100U);
    EXPECT_EQ(silence.slow_ticks.count, 7190U);
    EXPECT_LT(silence.slow_ticks.first + 7190 * silence.slow_ticks.apart, latest_event_time);
}

}  // namespace
}  // namespace wiresage
