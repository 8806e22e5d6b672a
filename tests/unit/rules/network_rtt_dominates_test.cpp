// network_rtt_dominates finds conversations whose waits are round trips, whichever end is far.

#include <gtest/gtest.h>

#include "support/transport_facts.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;
using namespace exchange_example;

struct Story {
    const char* name;
    std::uint32_t count;
    Microseconds rtt, server_rtt, server_wait, client_wait;
    const char* far;  ///< Empty: not found.
};

class NetworkRttDominates : public ::testing::TestWithParam<Story> {};

TEST_P(NetworkRttDominates, IsFoundWhereTheWaitForTheFarSideIsARoundTrip) {
    const auto& story = GetParam();
    RuleBench bench{"network_rtt_dominates"};
    bench.tells(10s, exchanges(story.count, story.rtt, story.server_rtt, story.server_wait, story.client_wait));
    ASSERT_EQ(bench.last() != nullptr, *story.far != '\0');
    if (bench.last() == nullptr) return;
    EXPECT_EQ(text(*bench.last(), "far"), story.far);
    EXPECT_EQ(bench.severity(*bench.last()), Severity::info);
    EXPECT_EQ(whole(*bench.last(), "exchanges"), static_cast<std::int64_t>(story.count));
    EXPECT_NEAR(number(*bench.last(), "ratio"), 1.05, 0.25);
    EXPECT_GT(number(*bench.last(), "network_share"), 0.5);
}

const Story stories[] = {
    {"at_the_client", 10, 89'000, 89'000, 91'000, 2'000, "server"},
    {"at_the_server", 10, 89'000, 100, 2'000, 92'000, "client"},
    {"in_between", 10, 90'000, 50'000, 52'000, 43'000, "both"},
    {"a_lan", 10, 300, 300, 320, 100, ""},
    {"too_few", 4, 89'000, 89'000, 91'000, 2'000, ""},
    {"a_slow_server_far_away", 10, 89'000, 89'000, 300'000, 2'000, ""},
    {"a_client_that_thinks", 10, 89'000, 89'000, 91'000, 900'000, ""},
    {"a_hidden_path", 10, 89'000, 89'000, 1'000, 1'000, ""},
};

INSTANTIATE_TEST_SUITE_P(Table, NetworkRttDominates, ::testing::ValuesIn(stories),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(NetworkRttDominatesMore, ItsEntityIsTheClientAndTheService) {
    RuleBench bench{"network_rtt_dominates"};
    bench.vlan = 30;
    bench.tells(10s, exchanges(10, 89'000, 89'000, 91'000, 2'000));
    const auto* const finding = bench.last("10.60.0.5>10.61.0.7:1433");
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(finding->source.port, client.port);
    EXPECT_EQ(finding->vlan, 30);
    EXPECT_EQ(finding->start, bench_begin + 1s);
    EXPECT_DOUBLE_EQ(number(*finding, "handshake_rtt_ms"), 89.0);
}

}  // namespace
}  // namespace wiresage::testing
