// tcp_retransmission_stall is an error within the site, and for strangers only where several of a net share it.

#include <gtest/gtest.h>

#include "support/transport_facts.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;
using namespace stall_example;

TEST(TcpRetransmissionStall, TheEvidenceIsTheWorstSegments) {
    RuleBench bench{"tcp_retransmission_stall"};
    auto what = stall(inside, other, 3);
    bench.sees(70s, what);
    what.copies = 5;
    what.ends.first = false;
    what.sack = {1742, 2328};
    what.sack_count = 2;
    what.end = TroubleEnd::rst;
    what.stalled_ms = 129'938;
    bench.sees(131s, what);
    const auto* const finding = bench.last("10.60.0.5>10.61.0.80:80");
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(whole(*finding, "count"), 1);
    EXPECT_EQ(whole(*finding, "retransmissions"), 5);
    EXPECT_EQ(whole(*finding, "segment_len"), 1460);
    EXPECT_EQ(whole(*finding, "seq_relative"), 282);
    EXPECT_DOUBLE_EQ(number(*finding, "stalled_s"), 129.938);
    EXPECT_DOUBLE_EQ(number(*finding, "backoff_ratio"), 2.0);
    EXPECT_TRUE(says(*finding, "smaller_passed"));
    EXPECT_EQ(text(*finding, "ended_by"), "rst");
    EXPECT_EQ(std::get<std::vector<std::int64_t>>(*finding->evidence.find("sack")),
              (std::vector<std::int64_t>{1742, 2328}));
    EXPECT_EQ(bench.severity(*finding), Severity::error);
    EXPECT_EQ(finding->start, bench_begin + 1s);
}

TEST(TcpRetransmissionStall, OneStrangerIsInfoAndThreeOfANetAreNot) {
    RuleBench bench{"tcp_retransmission_stall"};
    bench.sees(70s, stall(other, outside));
    EXPECT_EQ(bench.severity(*bench.last()), Severity::info);
    bench.sees(71s, stall(other, ipv4(198, 51, 100, 8)));
    EXPECT_EQ(bench.severity(*bench.last()), Severity::info);
    bench.sees(72s, stall(other, ipv4(198, 51, 100, 9)));
    EXPECT_EQ(bench.severity(*bench.last()), Severity::error);
    bench.sees(73s, stall(other, ipv4(203, 0, 113, 9)));
    EXPECT_EQ(bench.severity(*bench.last()), Severity::info);
}

TEST(TcpRetransmissionStall, ShortOnesAndThoseWithFewCopiesAreNone) {
    RuleBench bench{"tcp_retransmission_stall", {{"retransmissions", 4}}};
    auto brief = stall(inside, other);
    brief.stalled_ms = 2'999;
    bench.sees(70s, brief);
    bench.sees(71s, stall(inside, other, 3));
    EXPECT_EQ(bench.last(), nullptr);
}

TEST(TcpRetransmissionStall, WhatPassedAsLargeIsNotMissingForItsSize) {
    RuleBench bench{"tcp_retransmission_stall"};
    auto what = stall(inside, other);
    what.largest_passed = 1460;
    bench.sees(70s, what);
    EXPECT_FALSE(says(*bench.last(), "smaller_passed"));
    EXPECT_EQ(bench.last()->evidence.find("ended_by"), nullptr);
}

}  // namespace
}  // namespace wiresage::testing
