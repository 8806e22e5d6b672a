// capture_duplicates tells of packets that are captured twice, and how they come to be.

#include <gtest/gtest.h>

#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

Duplicates copies(std::uint32_t dropped, std::uint32_t packets, std::uint32_t loopback, std::uint32_t same_road) {
    Duplicates made{dropped, packets};
    made.lag_us = std::uint64_t{dropped} * 20;
    made.loopback = loopback;
    made.same_road = same_road;
    made.first = bench_begin + 1s;
    made.first_frame = 2;
    return made;
}

struct Story {
    const char* name;
    Duplicates copies;
    const char* kind;  ///< Empty: not told.
};

class CaptureDuplicates : public ::testing::TestWithParam<Story> {};

TEST_P(CaptureDuplicates, AreToldFromAFloorAndAShareOn) {
    const auto& story = GetParam();
    RuleBench bench{"capture_duplicates"};
    bench.tells(2s, story.copies);
    bench.until(3s);
    ASSERT_EQ(bench.last() != nullptr, *story.kind != '\0');
    if (bench.last() == nullptr) return;
    EXPECT_EQ(text(*bench.last(), "kind"), story.kind);
    EXPECT_EQ(whole(*bench.last(), "duplicates"), static_cast<std::int64_t>(story.copies.dropped));
    EXPECT_DOUBLE_EQ(number(*bench.last(), "lag_ms"), 0.02);
    EXPECT_EQ(bench.last()->start, bench_begin + 1s);
}

const Story stories[] = {
    {"loopback", copies(300, 600, 300, 0), "loopback"},   {"mirror", copies(300, 600, 0, 300), "mirror"},
    {"bridge", copies(300, 600, 0, 10), "bridge"},        {"a_few", copies(10, 20, 0, 10), ""},
    {"one_in_a_thousand", copies(30, 30'000, 0, 30), ""},
};

INSTANTIATE_TEST_SUITE_P(Table, CaptureDuplicates, ::testing::ValuesIn(stories),
                         [](const auto& row) { return std::string{row.param.name}; });

}  // namespace
}  // namespace wiresage::testing
