// udp_fanout_small_payload tells rounds of small datagrams to many from scans and servers.

#include <gtest/gtest.h>

#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

const Address sender = ipv4(10, 63, 0, 25);

Attempt datagram(std::uint8_t to, std::uint16_t source_port, std::uint16_t port, std::uint16_t bytes = 8) {
    auto made = tcp_attempt({sender, source_port}, {ipv4(10, 63, 1, to), port});
    made.transport = Transport::udp;
    made.technique = Technique::udp;
    made.payload_bytes = bytes;
    return made;
}

class UdpFanoutSmallPayload : public ::testing::Test {
protected:
    void round(Duration at, std::uint8_t count, bool one_port = false, bool one_source = false) {
        for (std::uint8_t i = 0; i < count; ++i) {
            bench.sees(at + i * 1ms,
                       datagram(i, one_source ? 500 : static_cast<std::uint16_t>(36'000 + at / 1s * 100 + i),
                                one_port ? 161 : static_cast<std::uint16_t>(1100 + 37 * i)));
        }
    }
    RuleBench bench{"udp_fanout_small_payload"};
};

TEST_F(UdpFanoutSmallPayload, RoundsOfEightBytesAreExplained) {
    round(0s, 12);
    round(2s, 12);
    bench.until(10s);
    ASSERT_NE(bench.last(), nullptr);
    const auto& finding = *bench.last();
    EXPECT_EQ(finding.entity, "10.63.0.25");
    EXPECT_EQ(whole(finding, "destination_count"), 12);
    EXPECT_EQ(whole(finding, "destination_ports"), 12);
    EXPECT_EQ(whole(finding, "datagrams"), 24);
    EXPECT_EQ(whole(finding, "rounds"), 2);
    EXPECT_TRUE(says(finding, "source_ports_rising"));
    EXPECT_EQ(text(finding, "classification"), "mail_notification_suspected");
    EXPECT_EQ(bench.severity(finding), Severity::info);
}

TEST_F(UdpFanoutSmallPayload, FewHostsAreNone) {
    round(0s, 9);
    round(2s, 9);
    bench.until(10s);
    EXPECT_EQ(bench.last(), nullptr);
}

TEST_F(UdpFanoutSmallPayload, OnePortAtManyHostsIsAScan) {
    round(0s, 40, true);
    bench.until(10s);
    EXPECT_EQ(bench.last(), nullptr);
}

TEST_F(UdpFanoutSmallPayload, OneSourcePortIsAServer) {
    round(0s, 40, false, true);
    bench.until(10s);
    EXPECT_EQ(bench.last(), nullptr);
}

TEST_F(UdpFanoutSmallPayload, AnswersMakeItAPoller) {
    round(0s, 40);
    for (std::uint8_t i = 0; i < 20; ++i) {
        auto answer = tcp_outcome({sender, 36'000}, {ipv4(10, 63, 1, i), 1100}, Answer::accepted, 0s);
        answer.transport = Transport::udp;
        answer.technique = Technique::udp;
        bench.sees(1s, answer);
    }
    bench.until(10s);
    EXPECT_EQ(bench.last(), nullptr);
}

TEST_F(UdpFanoutSmallPayload, SlowlyOneAfterTheOtherIsNone) {
    for (std::uint8_t i = 0; i < 60; ++i) {
        bench.sees(i * 300ms,
                   datagram(i, static_cast<std::uint16_t>(36'000 + i), static_cast<std::uint16_t>(1100 + 37 * i)));
    }
    bench.until(40s);
    EXPECT_EQ(bench.last(), nullptr);
}

}  // namespace
}  // namespace wiresage::testing
