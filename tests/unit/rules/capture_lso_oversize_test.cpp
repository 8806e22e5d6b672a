// capture_lso_oversize tells once an interface of segments beyond the MSS.

#include <gtest/gtest.h>

#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

const Endpoint host{ipv4(10, 61, 0, 80), 80};
const Endpoint peer{ipv4(10, 60, 0, 5), 40000};

OffloadedSegments marks(OffloadKind kind, std::uint32_t count, const Endpoint& source, const Endpoint& destination) {
    OffloadedSegments made;
    made.kind = kind;
    made.source = source;
    made.destination = destination;
    made.first = bench_begin + 1s;
    made.first_frame = 9;
    made.count = count;
    made.of = count * 2;
    made.first_payload = 2580;
    made.largest_payload = 14600;
    made.largest_frame = 14654;
    made.mss = 1460;
    return made;
}

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
