// app_slow_response compares the answers of a service with its past, or with the round trip.

#include <gtest/gtest.h>

#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

const Endpoint service{ipv4(10, 61, 0, 7), 1433};

SlowAnswer slow(Microseconds waited, Microseconds rtt = 300, std::uint8_t client = 1) {
    SlowAnswer made;
    made.client = {ipv4(10, 60, 0, client), 40000};
    made.server = service;
    made.waited = waited;
    made.handshake_rtt = rtt;
    made.initiator_known = true;
    return made;
}

ServiceWaits sums(std::uint16_t quick, std::uint16_t slow_ones, Microseconds quick_wait = 3'000,
                  Microseconds slow_wait_ = 450'000) {
    ServiceWaits made;
    made.server = service;
    made.exchanges = static_cast<std::uint32_t>(quick) + slow_ones;
    made.answers[wait_bucket(quick_wait)] = quick;
    made.answers[wait_bucket(slow_wait_)] =
        static_cast<std::uint16_t>(made.answers[wait_bucket(slow_wait_)] + slow_ones);
    made.server_us = std::uint64_t{quick} * quick_wait + std::uint64_t{slow_ones} * slow_wait_;
    made.network_us = std::uint64_t{made.exchanges} * 300;
    return made;
}

/// Slow answers, then the sums of the same five seconds.
void plays(RuleBench& bench, Duration at, int count, std::uint16_t quick, Microseconds waited = 450'000,
           Microseconds rtt = 300) {
    for (int i = 0; i < count; ++i) {
        auto told = slow(waited + static_cast<Microseconds>(i) * 1000, rtt, static_cast<std::uint8_t>(1 + i % 4));
        told.asked = told.asked_stamp = bench_begin + at + i * 10ms;
        bench.sees(at + i * 10ms, told);
    }
    bench.tells(at + 2s, sums(quick, static_cast<std::uint16_t>(count), 3'000, waited));
    bench.until(at + 2500ms);
}

struct Story {
    const char* name;
    std::uint16_t past;  ///< Quick exchanges before.
    int count;
    std::uint16_t quick;  ///< Meanwhile.
    Microseconds waited;
    Microseconds rtt;
    bool found;
    Confidence confidence;
};

class AppSlowResponse : public ::testing::TestWithParam<Story> {};

TEST_P(AppSlowResponse, IsFoundAgainstThePastOrTheRoundTrip) {
    const auto& story = GetParam();
    RuleBench bench{"app_slow_response"};
    if (story.past > 0) bench.tells(1s, sums(story.past, 0));
    plays(bench, 5s, story.count, story.quick, story.waited, story.rtt);
    ASSERT_EQ(bench.last() != nullptr, story.found);
    if (!story.found) return;
    EXPECT_EQ(bench.last()->confidence, story.confidence);
    EXPECT_EQ(whole(*bench.last(), "count"), story.count);
    EXPECT_EQ(whole(*bench.last(), "exchanges"), story.count + story.quick);
}

const Story stories[] = {
    {"seven_of_nine_without_a_past", 0, 7, 2, 450'000, 300, true, Confidence::low},
    {"four_are_too_few", 0, 4, 0, 450'000, 300, false, {}},
    {"one_in_ten_without_a_past", 0, 10, 90, 450'000, 300, false, {}},
    {"one_in_ten_against_a_quick_past", 400, 10, 90, 450'000, 300, true, Confidence::high},
    {"one_in_a_hundred_against_a_quick_past", 400, 6, 594, 450'000, 300, false, {}},
    {"a_long_round_trip", 0, 10, 0, 450'000, 100'000, false, {}},
    {"a_poll_on_the_stroke", 0, 10, 0, 5'000'000, 300, false, {}},
    {"no_handshake_seen", 400, 10, 10, 450'000, 0, true, Confidence::medium},
};

INSTANTIATE_TEST_SUITE_P(Table, AppSlowResponse, ::testing::ValuesIn(stories),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(AppSlowResponseMore, TheEvidenceHoldsTheSlowOnesAndThePast) {
    RuleBench bench{"app_slow_response"};
    bench.tells(1s, sums(400, 0));
    plays(bench, 5s, 20, 20);
    const auto* const finding = bench.last("10.61.0.7:1433");
    ASSERT_NE(finding, nullptr);
    EXPECT_NEAR(number(*finding, "response_ms"), 460, 10);
    EXPECT_NEAR(number(*finding, "p95_ms"), 468, 3);
    EXPECT_NEAR(number(*finding, "baseline_ms"), 3, 1);
    EXPECT_DOUBLE_EQ(number(*finding, "handshake_rtt_ms"), 0.3);
    EXPECT_GT(number(*finding, "server_share"), 0.9);
    EXPECT_EQ(finding->source.port, service.port);
    EXPECT_EQ(finding->destination.ip, std::nullopt);
    EXPECT_EQ(finding->start, bench_begin + 5s);
}

TEST(AppSlowResponseMore, AnEpisodeEndsOnceAnswersAreQuickAgain) {
    RuleBench bench{"app_slow_response"};
    bench.tells(1s, sums(400, 0));
    plays(bench, 5s, 20, 20);
    const auto reports = bench.findings().size();
    for (int i = 1; i <= 30; ++i) bench.tells(10s + i * 5s, sums(100, 0));
    bench.until(170s);
    EXPECT_LE(bench.findings().size(), reports + 13);
    plays(bench, 175s, 20, 20);
    ASSERT_NE(bench.last(), nullptr);
    EXPECT_EQ(bench.last()->start, bench_begin + 175s);
    EXPECT_EQ(whole(*bench.last(), "count"), 20);
}

}  // namespace
}  // namespace wiresage::testing
