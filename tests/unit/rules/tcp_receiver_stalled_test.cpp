// tcp_receiver_stalled adds up the time for which a receiver took nothing.

#include <gtest/gtest.h>

#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

WindowStall closed(const Address& receiver, Duration stalled, std::uint32_t probes = 3) {
    WindowStall made;
    made.ends.receiver = {receiver, 9100};
    made.ends.sender = {ipv4(10, 60, 0, 5), 40001};
    made.ends.handshake_seen = true;
    made.ends.first = true;
    made.began = made.began_stamp = bench_begin + 1s;
    made.stalled = made.longest = stalled;
    made.episodes = 1;
    made.probes = probes;
    return made;
}

const Address printer = ipv4(10, 61, 0, 80);

TEST(TcpReceiverStalled, EpisodesOfAConnectionAddUp) {
    RuleBench bench{"tcp_receiver_stalled"};
    bench.sees(10s, closed(printer, 1500ms));
    EXPECT_EQ(bench.last(), nullptr);
    auto more = closed(printer, 9s);
    more.ends.first = false;
    bench.sees(20s, more);
    const auto* const finding = bench.last("10.61.0.80>10.60.0.5:9100");
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(whole(*finding, "count"), 1);
    EXPECT_EQ(whole(*finding, "zero_windows"), 2);
    EXPECT_EQ(whole(*finding, "probes"), 6);
    EXPECT_DOUBLE_EQ(number(*finding, "stalled_s"), 10.5);
    EXPECT_DOUBLE_EQ(number(*finding, "longest_s"), 9.0);
    EXPECT_EQ(bench.severity(*finding), Severity::warning);
    EXPECT_EQ(finding->source.port, 9100);
    EXPECT_EQ(finding->confidence, Confidence::high);
}

TEST(TcpReceiverStalled, AStrangersIsInfoAndAnUnprobedOneIsLessSure) {
    RuleBench bench{"tcp_receiver_stalled"};
    bench.sees(10s, closed(ipv4(198, 51, 100, 7), 60s));
    EXPECT_EQ(bench.severity(*bench.last()), Severity::info);
    bench.sees(11s, closed(printer, 60s, 0));
    EXPECT_EQ(bench.last()->confidence, Confidence::medium);
}

TEST(TcpReceiverStalled, ANewEpisodeCountsAnew) {
    RuleBench bench{"tcp_receiver_stalled"};
    bench.sees(10s, closed(printer, 5s));
    bench.sees(200s, closed(printer, 3s));
    EXPECT_DOUBLE_EQ(number(*bench.last(), "stalled_s"), 3.0);
    EXPECT_EQ(whole(*bench.last(), "zero_windows"), 1);
}

}  // namespace
}  // namespace wiresage::testing
