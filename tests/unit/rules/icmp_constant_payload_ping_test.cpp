// icmp_constant_payload_ping counts pings with the same tiny payload.

#include <gtest/gtest.h>

#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

const Address prober = ipv4(10, 65, 0, 1);

class IcmpConstantPayloadPing : public ::testing::Test {
protected:
    /// A flow of its own for each: request, and ten seconds later its end.
    void ping(Duration at, std::uint8_t to, std::vector<std::uint8_t> payload, bool replied = true) {
        TinyEcho told;
        told.client = prober;
        told.server = ipv4(10, 65, 0, to);
        told.began = told.began_stamp = bench_begin + at;
        told.requests = 1;
        told.identifier = 512;
        told.payload_bytes = static_cast<std::uint8_t>(payload.size());
        std::copy(payload.begin(), payload.end(), told.payload.begin());
        bench.sees(at, told);
        told.ended = true;
        told.replies = replied ? 1 : 0;
        told.payload_bytes = 0;
        told.payload = {};
        bench.tells(at + 1s, told);
    }
    RuleBench bench{"icmp_constant_payload_ping"};
};

TEST_F(IcmpConstantPayloadPing, OneByteToTwoHostsIsAProbe) {
    for (int i = 0; i < 30; ++i) ping(i * 5s, i % 2 == 0 ? 20 : 21, {0x3f}, i != 7);
    ASSERT_NE(bench.last(), nullptr);
    const auto& finding = *bench.last();
    EXPECT_EQ(finding.entity, "10.65.0.1");
    EXPECT_EQ(whole(finding, "count"), 30);
    EXPECT_EQ(whole(finding, "replies"), 29);
    EXPECT_EQ(whole(finding, "destination_count"), 2);
    EXPECT_EQ(text(finding, "payload_hex"), "3f");
    EXPECT_DOUBLE_EQ(number(finding, "interval_s"), 10.0);
    EXPECT_EQ(text(finding, "classification"), "directory_access_probe_suspected");
    EXPECT_FALSE(finding.destination.ip);
}

TEST_F(IcmpConstantPayloadPing, NineteenAreNone) {
    for (int i = 0; i < 19; ++i) ping(i * 5s, 20, {0x3f});
    EXPECT_EQ(bench.last(), nullptr);
}

TEST_F(IcmpConstantPayloadPing, APayloadThatChangesIsNone) {
    for (int i = 0; i < 60; ++i) ping(i * 5s, 20, {static_cast<std::uint8_t>(i / 10)});
    EXPECT_EQ(bench.last(), nullptr);
}

TEST_F(IcmpConstantPayloadPing, BytesThatCountUpAreAPersonsPing) {
    for (int i = 0; i < 60; ++i) ping(i * 5s, 20, {'a', 'b', 'c', 'd'});
    EXPECT_EQ(bench.last(), nullptr);
}

TEST_F(IcmpConstantPayloadPing, AFlowThatLastsIsCountedOnce) {
    for (std::uint32_t i = 1; i <= 40; ++i) {
        TinyEcho told;
        told.client = prober;
        told.server = ipv4(10, 65, 0, 20);
        told.began = told.began_stamp = bench_begin;
        told.requests = i;
        told.replies = i - 1;
        told.payload_bytes = 1;
        bench.sees(i * 1s, told);
    }
    ASSERT_NE(bench.last(), nullptr);
    EXPECT_EQ(whole(*bench.last(), "count"), 40);
    EXPECT_EQ(whole(*bench.last(), "replies"), 39);
    EXPECT_DOUBLE_EQ(number(*bench.last(), "interval_s"), 1.0);
    EXPECT_EQ(bench.last()->destination.ip, ipv4(10, 65, 0, 20));
    EXPECT_EQ(bench.last()->evidence.find("classification"), nullptr);
}

}  // namespace
}  // namespace wiresage::testing
