// capture_loss tells of packets that the capture lost, with the place where most were.

#include <gtest/gtest.h>

#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

struct Story {
    const char* name;
    CaptureLoss loss;
    const char* reason;  ///< Empty: not told.
};

class CaptureLosses : public ::testing::TestWithParam<Story> {};

TEST_P(CaptureLosses, AreToldFromAFloorAndAShareOn) {
    const auto& story = GetParam();
    RuleBench bench{"capture_loss"};
    bench.tells(2s, story.loss);
    ASSERT_EQ(bench.last() != nullptr, *story.reason != '\0');
    if (bench.last() == nullptr) return;
    EXPECT_EQ(text(*bench.last(), "reason"), story.reason);
    EXPECT_EQ(bench.last()->confidence, Confidence::high);
}

const Story stories[] = {
    {"kernel", {.kernel = 500, .captured = 1000}, "kernel_buffer"},
    {"ring", {.kernel = 5, .ring = 500, .captured = 1000}, "ring"},
    {"interface", {.interface = 500, .captured = 1000}, "interface"},
    {"link", {.captured = 1000, .link = 200}, "link"},
    {"a_few", {.kernel = 50, .captured = 1000}, ""},
    {"a_thousandth_of_a_thousandth", {.kernel = 100, .captured = 100'000'000}, ""},
    {"none", {.captured = 1000}, ""},
};

INSTANTIATE_TEST_SUITE_P(Table, CaptureLosses, ::testing::ValuesIn(stories),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(CaptureLossMore, TotalsAreOfTheEpisode) {
    RuleBench bench{"capture_loss"};
    bench.tells(2s, CaptureLoss{.kernel = 300, .captured = 700});
    bench.tells(3s, CaptureLoss{.captured = 700});
    bench.tells(4s, CaptureLoss{.kernel = 300, .captured = 700});
    const auto* const finding = bench.last("input 1");
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(whole(*finding, "lost"), 600);
    EXPECT_EQ(whole(*finding, "captured"), 2100);
    EXPECT_NEAR(number(*finding, "dropped_ratio"), 0.222, 0.001);
}

}  // namespace
}  // namespace wiresage::testing
