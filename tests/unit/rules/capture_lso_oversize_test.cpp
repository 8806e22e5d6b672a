// capture_lso_oversize tells once an interface of segments beyond the MSS.

#include <gtest/gtest.h>

#include "support/transport_facts.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;
using namespace offload_example;

TEST(CaptureLsoOversize, IsToldFromThreeOn) {
    RuleBench bench{"capture_lso_oversize", {}, site_of({host.ip})};
    bench.tells(2s, marks(OffloadKind::oversize, 2, host, peer));
    EXPECT_EQ(bench.last(), nullptr);
    bench.tells(12s, marks(OffloadKind::oversize, 40, host, peer));
    const auto* const finding = bench.last("input 1");
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(whole(*finding, "count"), 42);
    EXPECT_EQ(whole(*finding, "largest_frame"), 14654);
    EXPECT_EQ(whole(*finding, "mtu"), 1500);
    EXPECT_EQ(text(*finding, "direction"), "sent");
}

TEST(CaptureLsoOversize, GoesBothWaysWhereReceiveOffloadDoesItToo) {
    RuleBench bench{"capture_lso_oversize", {}, site_of({host.ip})};
    bench.tells(2s, marks(OffloadKind::oversize, 5, host, peer));
    bench.tells(3s, marks(OffloadKind::oversize, 5, peer, host));
    ASSERT_NE(bench.last(), nullptr);
    EXPECT_EQ(text(*bench.last(), "direction"), "both");
}

}  // namespace
}  // namespace wiresage::testing
