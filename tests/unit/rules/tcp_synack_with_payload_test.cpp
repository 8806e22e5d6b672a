// tcp_synack_with_payload names SYN-ACKs that carry bytes, and who acknowledged them.

#include <gtest/gtest.h>

#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

const Endpoint client{ipv4(10, 60, 0, 5), 40001};
const Endpoint server{ipv4(10, 61, 0, 80), 443};

OddHandshake odd(std::uint32_t bytes) {
    OddHandshake made;
    made.client = client;
    made.server = server;
    made.began = made.began_stamp = bench_begin + 1s;
    made.began_frame = 2;
    made.server_isn = 5000;
    made.payload_bytes = bytes;
    made.syn_acks = 1;
    made.kind = OddHandshakeKind::synack_payload;
    made.first = true;
    return made;
}

TEST(TcpSynackWithPayload, IsToldAtOnceAndAgainWithWhatTheClientAcknowledged) {
    RuleBench bench{"tcp_synack_with_payload"};
    auto what = odd(2);
    bench.sees(1s, what);
    ASSERT_EQ(bench.findings().size(), 1U);
    EXPECT_EQ(bench.last()->evidence.find("observed_ack"), nullptr);
    what.first = false;
    what.syn_acks = 0;
    what.ack_seen = true;
    what.observed_ack = 5003;
    what.equals_padding = true;
    bench.sees(1020ms, what);
    what.syn_acks = 1;
    bench.sees(4s, what);
    const auto* const finding = bench.last("10.61.0.80:443>10.60.0.5");
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(whole(*finding, "count"), 1);
    EXPECT_EQ(whole(*finding, "synack_count"), 2);
    EXPECT_EQ(whole(*finding, "payload_len"), 2);
    EXPECT_EQ(whole(*finding, "seq"), 5000);
    EXPECT_EQ(whole(*finding, "expected_ack"), 5001);
    EXPECT_EQ(whole(*finding, "observed_ack"), 5003);
    EXPECT_TRUE(says(*finding, "equals_ethernet_padding"));
    EXPECT_EQ(finding->source.port, server.port);
    EXPECT_EQ(finding->destination.port, client.port);
    EXPECT_EQ(bench.severity(*finding), Severity::error);
    EXPECT_EQ(finding->start, bench_begin + 1s);
}

TEST(TcpSynackWithPayload, OtherOddHandshakesAndSmallerPayloadsAreNone) {
    RuleBench bench{"tcp_synack_with_payload", {{"payload", 4}}};
    bench.sees(1s, odd(3));
    auto other = odd(9);
    other.kind = OddHandshakeKind::ack_mismatch;
    bench.sees(2s, other);
    EXPECT_EQ(bench.last(), nullptr);
}

TEST(TcpSynackWithPayload, ThePortThatDiffersIsLeftOut) {
    RuleBench bench{"tcp_synack_with_payload"};
    bench.sees(1s, odd(2));
    auto second = odd(2);
    second.client.port = 40002;
    bench.sees(2s, second);
    EXPECT_EQ(whole(*bench.last(), "count"), 2);
    EXPECT_EQ(bench.last()->destination.port, std::nullopt);
}

}  // namespace
}  // namespace wiresage::testing
