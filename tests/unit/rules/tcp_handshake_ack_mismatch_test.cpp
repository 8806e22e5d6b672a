// tcp_handshake_ack_mismatch says by how much a client's first acknowledgment is off.

#include <gtest/gtest.h>

#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

OddHandshake odd(std::uint32_t observed, std::uint16_t port = 40001) {
    OddHandshake made;
    made.client = {ipv4(10, 60, 0, 5), port};
    made.server = {ipv4(10, 61, 0, 80), 443};
    made.began = made.began_stamp = bench_begin + 1s;
    made.server_isn = 5000;
    made.observed_ack = observed;
    made.ack_seen = true;
    made.kind = OddHandshakeKind::ack_mismatch;
    made.first = true;
    return made;
}

struct Row {
    const char* name;
    std::uint32_t observed;
    std::int64_t delta;
};

class TcpHandshakeAckMismatch : public ::testing::TestWithParam<Row> {};

TEST_P(TcpHandshakeAckMismatch, SaysByHowMuch) {
    RuleBench bench{"tcp_handshake_ack_mismatch"};
    bench.sees(1s, odd(GetParam().observed));
    const auto* const finding = bench.last("10.60.0.5>10.61.0.80:443");
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(whole(*finding, "delta"), GetParam().delta);
    EXPECT_EQ(whole(*finding, "expected_ack"), 5001);
    EXPECT_EQ(whole(*finding, "observed_ack"), GetParam().observed);
    EXPECT_EQ(bench.severity(*finding), Severity::error);
    EXPECT_EQ(finding->confidence, Confidence::medium);
}

INSTANTIATE_TEST_SUITE_P(Table, TcpHandshakeAckMismatch,
                         ::testing::Values(Row{"two_more", 5003, 2}, Row{"one_less", 5000, -1}),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(TcpHandshakeAckMismatchMore, ThreeConnectionsMakeItSure) {
    RuleBench bench{"tcp_handshake_ack_mismatch"};
    for (std::uint16_t i = 0; i < 3; ++i) bench.sees(1s + i * 1s, odd(5003, static_cast<std::uint16_t>(40001 + i)));
    EXPECT_EQ(whole(*bench.last(), "count"), 3);
    EXPECT_EQ(bench.last()->confidence, Confidence::high);
}

TEST(TcpHandshakeAckMismatchMore, SynAcksWithPayloadAreAnothersBusiness) {
    RuleBench bench{"tcp_handshake_ack_mismatch"};
    auto other = odd(5003);
    other.kind = OddHandshakeKind::synack_payload;
    bench.sees(1s, other);
    EXPECT_EQ(bench.last(), nullptr);
}

}  // namespace
}  // namespace wiresage::testing
