// capture_one_sided tells of inputs that show one direction of many connections.

#include <gtest/gtest.h>

#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

Sidedness sides(std::uint32_t flows, std::uint32_t one_sided, std::uint32_t received, std::uint32_t sent) {
    Sidedness made;
    made.flows = flows;
    made.one_sided = one_sided;
    made.received_only = received;
    made.sent_only = sent;
    made.first_source = ipv4(10, 61, 0, 80);
    made.first = bench_begin + 1s;
    made.first_frame = 3;
    return made;
}

struct Story {
    const char* name;
    Sidedness sides;
    const char* seen;  ///< Empty: not told.
};

class CaptureOneSided : public ::testing::TestWithParam<Story> {};

TEST_P(CaptureOneSided, IsToldFromAFloorAndAShareOn) {
    const auto& story = GetParam();
    RuleBench bench{"capture_one_sided"};
    bench.tells(2s, story.sides);
    bench.until(3s);
    ASSERT_EQ(bench.last() != nullptr, *story.seen != '\0');
    if (bench.last() == nullptr) return;
    EXPECT_EQ(text(*bench.last(), "seen"), story.seen);
    EXPECT_EQ(whole(*bench.last(), "flows"), static_cast<std::int64_t>(story.sides.flows));
    EXPECT_EQ(bench.severity(*bench.last()), Severity::info);
}

const Story stories[] = {
    {"received", sides(20, 18, 18, 0), "received"}, {"sent", sides(20, 18, 0, 18), "sent"},
    {"nobody_knows", sides(20, 18, 0, 0), "mixed"}, {"a_few", sides(5, 5, 5, 0), ""},
    {"one_in_ten", sides(100, 10, 10, 0), ""},
};

INSTANTIATE_TEST_SUITE_P(Table, CaptureOneSided, ::testing::ValuesIn(stories),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(CaptureOneSidedMore, TheSiteSaysWhichWayItIs) {
    RuleBench bench{"capture_one_sided", {}, site_of({ipv4(10, 60, 0, 5)})};
    bench.tells(2s, sides(20, 18, 0, 0));
    bench.until(3s);
    ASSERT_NE(bench.last(), nullptr);
    EXPECT_EQ(text(*bench.last(), "seen"), "received");
}

}  // namespace
}  // namespace wiresage::testing
