// wan_delay: only where the path, and neither side's thinking, takes the time.

#include <gtest/gtest.h>

#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

PathDelay delay(std::uint32_t rtt_us, std::uint32_t server_us, std::uint32_t client_us, std::uint32_t exchanges,
                std::uint32_t share = 990'000) {
    PathDelay made;
    made.near_client = {ipv4(192, 168, 1, 66), 46739};
    made.near_server = {ipv4(10, 1, 1, 7), 1433};
    made.far_client = {ipv4(172, 16, 5, 14), 63584};
    made.far_server = {ipv4(192, 168, 200, 148), 1433};
    made.first = bench_begin + 1s;
    made.rtt_us = rtt_us;
    made.server_us = server_us;
    made.client_us = client_us;
    made.exchanges = exchanges;
    made.path_share = share;
    made.frame = 4;
    made.clock_offset_ns = 537'216'000;
    made.clock_uncertainty_ns = 44'000'000;
    return made;
}

struct Story {
    const char* name;
    PathDelay what;
    bool found;
};

class WanDelay : public ::testing::TestWithParam<Story> {};

TEST_P(WanDelay, IsFoundWhereThePathTakesTheTime) {
    RuleBench bench{"wan_delay"};
    bench.sees(10s, GetParam().what);
    bench.until(11s);
    EXPECT_EQ(bench.last() != nullptr, GetParam().found);
}

const Story stories[] = {
    {"long_path", delay(89'000, 400, 2'000, 12), true},
    {"just_long_enough", delay(40'000, 10'000, 10'000, 5), true},
    {"short_path", delay(39'000, 400, 2'000, 12), false},
    {"few_exchanges", delay(89'000, 400, 2'000, 4), false},
    {"slow_server", delay(89'000, 30'000, 2'000, 12), false},
    {"thinking_client", delay(89'000, 400, 900'000, 12), false},
    {"a_few_very_slow_answers", delay(89'000, 400, 2'000, 12, 300'000), false},
};

INSTANTIATE_TEST_SUITE_P(Table, WanDelay, ::testing::ValuesIn(stories),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(WanDelayMore, TheEvidenceNamesBothPointsAndTheClocks) {
    RuleBench bench{"wan_delay"};
    bench.sees(10s, delay(89'000, 400, 2'000, 12));
    auto other = delay(91'000, 400, 2'000, 6);
    other.near_client.port = 46740;
    bench.sees(11s, other);
    bench.until(12s);
    const auto* const finding = bench.last("192.168.1.66>10.1.1.7:1433");
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(text(*finding, "near_source"), "192.168.1.66:46739");
    EXPECT_EQ(text(*finding, "near_destination"), "10.1.1.7:1433");
    EXPECT_EQ(text(*finding, "far_source"), "172.16.5.14:63584");
    EXPECT_EQ(text(*finding, "far_destination"), "192.168.200.148:1433");
    EXPECT_TRUE(says(*finding, "nat"));
    EXPECT_DOUBLE_EQ(number(*finding, "rtt_ms"), 89.0);
    EXPECT_DOUBLE_EQ(number(*finding, "server_think_ms"), 0.4);
    EXPECT_EQ(whole(*finding, "exchanges"), 18);
    EXPECT_DOUBLE_EQ(number(*finding, "clock_offset_s"), 0.537216);
    EXPECT_EQ(finding->source.port, std::nullopt);
    EXPECT_EQ(finding->destination.port, 1433);
}

}  // namespace
}  // namespace wiresage::testing
