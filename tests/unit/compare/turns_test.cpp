// TimedTurns of a session, timed at two points by two clocks.

#include "compare/turns.hpp"

#include <gtest/gtest.h>

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

constexpr EventTime begin = event_time(1'700'000'000'000'000'000);

/// A session between a client and a server that are `path` apart each way; the far clock is an hour ahead.
struct Conversation {
    Duration path;
    Duration server_think;
    Duration client_think;
    bool client_is_near = true;
};

TimedTurns play(const Conversation& how, int exchanges) {
    TimedTurns turns;
    std::uint64_t frame = 0;
    EventTime now = begin;
    const auto tell = [&](bool from_client, std::int64_t from, std::int64_t to) {
        for (const bool at_client : {from_client, !from_client}) {
            const bool is_sender = at_client == from_client;
            const auto point = at_client == how.client_is_near ? Point::near : Point::far;
            const auto clock = point == Point::far ? 3600s : 0s;
            turns.segment(point, from_client, from, to, {now + (is_sender ? 0ns : how.path) + clock, ++frame, 0});
        }
    };
    tell(true, 0, 1);
    now += how.path;
    tell(false, 0, 1);
    now += how.path;
    for (int i = 0; i < exchanges; ++i) {
        tell(true, 1 + 10 * i, 11 + 10 * i);
        now += how.path + how.server_think;
        tell(false, 1 + 100 * i, 101 + 100 * i);
        now += how.path + how.client_think;
    }
    return turns;
}

TEST(TurnsTest, TimeIsDividedWhateverTheClocksSay) {
    const auto turns = play({45ms, 2ms, 7ms}, 10);
    EXPECT_TRUE(turns.client_is_near());
    EXPECT_EQ(turns.exchanges(), 10U);
    EXPECT_EQ(turns.round_trip(), 90ms);
    EXPECT_EQ(turns.server_think(), 2ms);
    EXPECT_EQ(turns.client_think(), 7ms);
    EXPECT_EQ(turns.path_share(), 90U * 1'000'000 / 92);
}

TEST(TurnsTest, AClientAtTheFarPointIsKnown) {
    const auto turns = play({45ms, 2ms, 7ms, false}, 10);
    EXPECT_FALSE(turns.client_is_near());
    EXPECT_EQ(turns.round_trip(), 90ms);
    EXPECT_EQ(turns.server_think(), 2ms);
    EXPECT_EQ(turns.client_think(), 7ms);
}

TEST(TurnsTest, AHandshakeAloneTellsThePathAndNoExchange) {
    const auto turns = play({20ms, 0ms, 0ms}, 0);
    EXPECT_TRUE(turns.has_met());
    EXPECT_EQ(turns.exchanges(), 0U);
    EXPECT_EQ(turns.round_trip(), 40ms);
}

TEST(TurnsTest, RepeatsAreNoTurns) {
    TimedTurns turns;
    for (const auto point : both_points) {
        turns.segment(point, true, 1, 11, {begin, 1, 0});
        turns.segment(point, false, 1, 101, {begin + 10ms, 2, 0});
        turns.segment(point, true, 1, 11, {begin + 20ms, 3, 0});
        turns.segment(point, false, 1, 101, {begin + 30ms, 4, 0});
    }
    EXPECT_EQ(turns.exchanges(), 1U);
}

}  // namespace
}  // namespace wiresage::testing
