// client_slow finds conversations that wait for their client.

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
    bool found;
};

class ClientSlow : public ::testing::TestWithParam<Story> {};

TEST_P(ClientSlow, IsFoundWhereMostWaitingIsTheClients) {
    const auto& story = GetParam();
    RuleBench bench{"client_slow"};
    bench.tells(10s, exchanges(story.count, story.rtt, story.server_rtt, story.server_wait, story.client_wait));
    EXPECT_EQ(bench.last() != nullptr, story.found);
}

const Story stories[] = {
    {"a_batch", 10, 400, 300, 3'000, 300'000, true},
    {"far_away_and_thinking", 10, 89'000, 100, 2'000, 400'000, true},
    {"without_a_handshake", 10, 0, 0, 3'000, 300'000, true},
    {"only_far_away", 10, 89'000, 100, 2'000, 91'000, false},
    {"a_slow_server_too", 10, 400, 300, 600'000, 300'000, false},
    {"idle", 10, 400, 300, 3'000, 22'000'000, false},
    {"a_poller", 10, 400, 300, 8'000, 4'992'000, false},
    {"too_few", 4, 400, 300, 3'000, 300'000, false},
};

INSTANTIATE_TEST_SUITE_P(Table, ClientSlow, ::testing::ValuesIn(stories),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(ClientSlowMore, TheEvidenceLeavesOutTheNetworksPart) {
    RuleBench bench{"client_slow"};
    bench.tells(10s, exchanges(10, 100'000, 1'000, 2'000, 399'000));
    const auto* const finding = bench.last("10.60.0.5>10.61.0.7:1433");
    ASSERT_NE(finding, nullptr);
    EXPECT_NEAR(number(*finding, "think_ms"), 300, 1);
    EXPECT_NEAR(number(*finding, "client_share"), 0.75, 0.01);
    EXPECT_DOUBLE_EQ(number(*finding, "handshake_rtt_ms"), 100.0);
}

}  // namespace
}  // namespace wiresage::testing
