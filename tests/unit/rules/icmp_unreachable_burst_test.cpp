// icmp_unreachable_burst counts ICMP errors about what one of ours sent.

#include <gtest/gtest.h>

#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

const Address asker = ipv4(10, 67, 0, 1);
const Endpoint target{ipv4(10, 67, 9, 53), 53};

IcmpError error_of(std::uint16_t port, const Address& reporter = target.ip, const Endpoint& to = target,
                   Unreachable reason = Unreachable::port) {
    IcmpError made;
    made.reporter = reporter;
    made.asker = asker;
    made.client = {asker, port};
    made.server = to;
    made.protocol = 17;
    made.reason = reason;
    return made;
}

class IcmpUnreachableBurst : public ::testing::Test {
protected:
    RuleBench bench{"icmp_unreachable_burst"};
};

TEST_F(IcmpUnreachableBurst, TenWithinTenSecondsAreATrouble) {
    for (std::uint16_t i = 0; i < 10; ++i) bench.sees(i * 900ms, error_of(static_cast<std::uint16_t>(40'000 + i)));
    bench.until(20s);
    ASSERT_NE(bench.last(), nullptr);
    const auto& finding = *bench.last();
    EXPECT_EQ(finding.entity, "10.67.9.53, 10.67.9.53");
    EXPECT_EQ(whole(finding, "count"), 10);
    EXPECT_EQ(text(finding, "code"), "port");
    EXPECT_EQ(whole(finding, "quoted_port"), 53);
    EXPECT_EQ(text(finding, "quoted_protocol"), "udp");
    EXPECT_DOUBLE_EQ(number(finding, "share"), 1.0);
    EXPECT_EQ(bench.severity(finding), Severity::warning);
    EXPECT_EQ(finding.destination.ip, asker);
}

TEST_F(IcmpUnreachableBurst, SlowerIsNone) {
    for (std::uint16_t i = 0; i < 30; ++i) bench.sees(i * 2s, error_of(static_cast<std::uint16_t>(40'000 + i)));
    bench.until(90s);
    EXPECT_EQ(bench.last(), nullptr);
}

TEST_F(IcmpUnreachableBurst, AFewAmongManyServedAreNone) {
    bench.sees(0s, error_of(1));
    for (int i = 0; i < 100; ++i)
        bench.sees(1s + i * 10ms, tcp_outcome({asker, 7}, {target.ip, 80}, Answer::accepted, 0s));
    for (std::uint16_t i = 0; i < 12; ++i) bench.sees(3s + i * 100ms, error_of(static_cast<std::uint16_t>(40'000 + i)));
    bench.until(20s);
    EXPECT_EQ(bench.last(), nullptr);
}

TEST_F(IcmpUnreachableBurst, TracerouteWantsItsErrors) {
    for (std::uint16_t i = 0; i < 40; ++i) {
        bench.sees(i * 100ms, error_of(50'000, target.ip, {target.ip, static_cast<std::uint16_t>(33'434 + i)}));
        const auto hop = ipv4(10, 67, static_cast<std::uint8_t>(i % 4), 1);
        bench.sees(i * 100ms + 50ms, error_of(50'001, hop, {ipv4(10, 9, 9, 9), 443}, Unreachable::hop_limit));
    }
    bench.until(20s);
    EXPECT_EQ(bench.last(), nullptr);
}

TEST_F(IcmpUnreachableBurst, ManyPortsOfOneHostAreAScan) {
    for (std::uint16_t i = 0; i < 40; ++i) {
        bench.sees(i * 100ms, error_of(50'000, target.ip, {target.ip, static_cast<std::uint16_t>(1000 + i)}));
    }
    bench.until(20s);
    EXPECT_EQ(bench.last(), nullptr);
}

TEST_F(IcmpUnreachableBurst, AnApplicationThatWasClosedIsNone) {
    for (int i = 0; i < 30; ++i) {
        auto error = error_of(50'000);
        error.was_answered = true;
        bench.sees(i * 100ms, error);
    }
    bench.until(20s);
    EXPECT_EQ(bench.last(), nullptr);
}

TEST_F(IcmpUnreachableBurst, StrangersAreInfo) {
    for (std::uint16_t i = 0; i < 20; ++i) {
        auto error = error_of(static_cast<std::uint16_t>(40'000 + i));
        error.client.ip = error.asker = ipv4(198, 51, 100, 7);
        bench.sees(i * 100ms, error);
    }
    bench.until(20s);
    ASSERT_NE(bench.last(), nullptr);
    EXPECT_EQ(bench.severity(*bench.last()), Severity::info);
}

}  // namespace
}  // namespace wiresage::testing
