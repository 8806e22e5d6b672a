// tcp_hole_never_filled is an error within the site, and for strangers only where several share it.

#include <gtest/gtest.h>

#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

SequenceHole hole(const Address& sender, const Address& receiver, Duration open) {
    SequenceHole made;
    made.ends.sender = {sender, 40001};
    made.ends.receiver = {receiver, 80};
    made.ends.handshake_seen = true;
    made.ends.first = true;
    made.began = made.began_stamp = bench_begin + 1s;
    made.open = open;
    made.seq_relative = 282;
    made.missing_bytes = 1460;
    made.sacked = true;
    made.end = TroubleEnd::rst;
    return made;
}

const Address inside = ipv4(10, 60, 0, 5);
const Address server = ipv4(10, 61, 0, 80);

TEST(TcpHoleNeverFilled, TheEvidenceIsTheLongestOnes) {
    RuleBench bench{"tcp_hole_never_filled"};
    bench.sees(131s, hole(inside, server, 130s));
    auto second = hole(inside, server, 5s);
    second.missing_bytes = 7;
    bench.sees(132s, second);
    const auto* const finding = bench.last("10.60.0.5>10.61.0.80:80");
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(whole(*finding, "count"), 2);
    EXPECT_EQ(whole(*finding, "missing_bytes"), 1460);
    EXPECT_EQ(whole(*finding, "seq_relative"), 282);
    EXPECT_EQ(whole(*finding, "dup_acks"), 0);
    EXPECT_DOUBLE_EQ(number(*finding, "open_s"), 130.0);
    EXPECT_EQ(text(*finding, "ended_by"), "rst");
    EXPECT_EQ(bench.severity(*finding), Severity::error);
}

TEST(TcpHoleNeverFilled, OneStrangerIsInfoAndThreeAreNot) {
    RuleBench bench{"tcp_hole_never_filled"};
    for (std::uint8_t i = 1; i <= 3; ++i) {
        bench.sees(10s + i * 1s, hole(ipv4(198, 51, 100, i), server, 5s));
        EXPECT_EQ(bench.severity(*bench.last()), i < 3 ? Severity::info : Severity::error);
    }
}

TEST(TcpHoleNeverFilled, ShortOnesAreNone) {
    RuleBench bench{"tcp_hole_never_filled", {{"open", in_seconds(10)}}};
    bench.sees(20s, hole(inside, server, 9s));
    EXPECT_EQ(bench.last(), nullptr);
}

}  // namespace
}  // namespace wiresage::testing
