// loopback_response_slow compares answers within the host with the others and with remote ones.

#include <gtest/gtest.h>

#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

const Endpoint service{ipv4(192, 168, 50, 10), 1433};

SlowAnswer slow(Duration at, Microseconds waited, const Address& client = service.ip) {
    SlowAnswer made;
    made.asked = made.asked_stamp = bench_begin + at - std::chrono::microseconds{waited};
    made.client = {client, 40000};
    made.server = service;
    made.waited = waited;
    made.handshake_rtt = 40;
    made.interface_index = 1;
    return made;
}

ServiceWaits sums(std::uint16_t count, Microseconds wait, bool within_host) {
    ServiceWaits made;
    made.server = service;
    made.exchanges = count;
    made.answers[wait_bucket(wait)] = count;
    made.within_host = within_host;
    return made;
}

struct Story {
    const char* name;
    std::uint16_t others;
    int count;
    Microseconds waited;
    Microseconds remote;  ///< 0: none seen.
    bool found;
};

class LoopbackResponseSlow : public ::testing::TestWithParam<Story> {};

TEST_P(LoopbackResponseSlow, IsFoundWhereOnlyTheOwnHostWaits) {
    const auto& story = GetParam();
    RuleBench bench{"loopback_response_slow"};
    if (story.others > 0) bench.tells(1s, sums(story.others, 1'000, true));
    if (story.remote > 0) bench.tells(1s, sums(20, story.remote, false));
    for (int i = 0; i < story.count; ++i)
        bench.sees(4s + i * 1s, slow(4s + i * 1s, story.waited + static_cast<Microseconds>(i) * 77'000));
    bench.tells(20s, sums(static_cast<std::uint16_t>(story.count), story.waited, true));
    bench.until(21s);
    EXPECT_EQ(bench.last() != nullptr, story.found);
}

const Story stories[] = {
    {"remote_clients_are_served", 20, 4, 2'600'000, 1'500, true},
    {"no_remote_client", 20, 4, 2'600'000, 0, true},
    {"slow_for_all", 20, 4, 2'600'000, 2'000'000, false},
    {"two_are_too_few", 20, 2, 2'600'000, 1'500, false},
    {"not_slow_enough", 20, 4, 260'000, 1'500, false},
    {"nothing_to_compare_with", 0, 4, 2'600'000, 1'500, false},
};

INSTANTIATE_TEST_SUITE_P(Table, LoopbackResponseSlow, ::testing::ValuesIn(stories),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(LoopbackResponseSlowMore, TheEvidenceComparesThem) {
    RuleBench bench{"loopback_response_slow"};
    bench.tells(1s, sums(20, 1'000, true));
    bench.tells(1s, sums(20, 1'500, false));
    for (int i = 0; i < 5; ++i) bench.sees(4s + i * 1s, slow(4s + i * 1s, 1'600'000 + static_cast<Microseconds>(i) * 800'000));
    bench.tells(20s, sums(5, 1'600'000, true));
    bench.until(21s);
    const auto* const finding = bench.last("192.168.50.10:1433");
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(whole(*finding, "slow_responses"), 5);
    EXPECT_DOUBLE_EQ(number(*finding, "max_response_s"), 4.8);
    EXPECT_DOUBLE_EQ(number(*finding, "response_s"), 3.2);
    EXPECT_LT(number(*finding, "baseline_s"), 0.002);
    EXPECT_LT(number(*finding, "remote_response_s"), 0.002);
    EXPECT_EQ(whole(*finding, "interface_index"), 1);
    EXPECT_EQ(finding->source.ip, service.ip);
    EXPECT_EQ(finding->destination.port, service.port);
}

}  // namespace
}  // namespace wiresage::testing
