// path_mtu_black_hole wants two connections of a net whose full-size segments, and only those, are lost.

#include <gtest/gtest.h>

#include "support/transport_facts.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;
using namespace stall_example;

SegmentStall at_port(SegmentStall what, std::uint16_t port) {
    what.ends.sender.port = port;
    return what;
}

TEST(PathMtuBlackHole, TwoConnectionsMakeIt) {
    RuleBench bench{"path_mtu_black_hole"};
    bench.sees(70s, at_port(stall(inside, other, 3), 40001));
    bench.sees(71s, at_port(stall(inside, other, 4), 40001));
    EXPECT_EQ(bench.last(), nullptr);
    bench.sees(72s, at_port(stall(ipv4(10, 60, 0, 6), other, 3), 40002));
    const auto* const finding = bench.last("10.61.0.0/24");
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(whole(*finding, "flows"), 2);
    EXPECT_EQ(whole(*finding, "lost_segments"), 5 + 4);
    EXPECT_EQ(whole(*finding, "smallest_lost"), 1460);
    EXPECT_EQ(whole(*finding, "largest_passed"), 586);
    EXPECT_EQ(whole(*finding, "mss"), 1460);
    EXPECT_FALSE(says(*finding, "icmp_seen"));
    EXPECT_EQ(text(*finding, "peer_net"), "10.61.0.0/24");
    EXPECT_EQ(finding->source.ip, std::nullopt);
    EXPECT_EQ(finding->destination.ip, other);
    EXPECT_EQ(finding->destination.port, std::nullopt);
}

struct Row {
    const char* name;
    std::uint32_t lost;
    std::uint16_t passed;
    std::uint16_t mss;
    bool found;
};

class WhichSegments : public ::testing::TestWithParam<Row> {};

TEST_P(WhichSegments, AreABlackHoles) {
    RuleBench bench{"path_mtu_black_hole"};
    for (std::uint16_t port = 40001; port <= 40003; ++port) {
        auto what = at_port(stall(inside, other), port);
        what.payload_bytes = GetParam().lost;
        what.largest_passed = GetParam().passed;
        what.mss = GetParam().mss;
        bench.sees(std::chrono::seconds{port - 40000}, what);
    }
    EXPECT_EQ(bench.last() != nullptr, GetParam().found);
}

const Row rows[] = {
    {"full_ones", 1448, 500, 1460, true},           {"small_ones", 700, 500, 1460, false},
    {"full_after_full", 1460, 1460, 1460, false},   {"nothing_passed_at_all", 1460, 0, 1460, false},
    {"bundles_of_offload", 14600, 500, 1460, true}, {"a_small_mss", 536, 100, 536, true},
};

INSTANTIATE_TEST_SUITE_P(Table, WhichSegments, ::testing::ValuesIn(rows),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(PathMtuBlackHole, AnIcmpMessageThatIsIgnoredIsNamed) {
    RuleBench bench{"path_mtu_black_hole"};
    for (std::uint16_t port = 40001; port <= 40002; ++port) {
        auto what = at_port(stall(inside, other), port);
        what.icmp_seen = true;
        what.icmp_mtu = 1400;
        bench.sees(std::chrono::seconds{port - 40000}, what);
    }
    ASSERT_NE(bench.last(), nullptr);
    EXPECT_TRUE(says(*bench.last(), "icmp_seen"));
    EXPECT_EQ(whole(*bench.last(), "icmp_mtu"), 1400);
}

}  // namespace
}  // namespace wiresage::testing
