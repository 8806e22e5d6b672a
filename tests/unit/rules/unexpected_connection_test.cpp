// unexpected_connection holds what servers ask for against their lists.

#include <gtest/gtest.h>

#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

const Address server = ipv4(10, 9, 0, 15);
const Endpoint target{ipv4(10, 1, 1, 1), 7789};

Site listed() {
    auto site = Site::standard();
    site.servers[server].allowed_outbound_tcp = {53, 88};
    return site;
}

TEST(UnexpectedConnection, APortThatTheListDoesNotHoldIsTold) {
    RuleBench bench{"unexpected_connection", {}, listed()};
    for (std::uint32_t i = 0; i < 5; ++i) bench.sees(i * 60s, tcp_attempt({server, 50'100}, target, i));
    ASSERT_NE(bench.last(), nullptr);
    const auto& finding = *bench.last();
    EXPECT_EQ(finding.entity, "10.9.0.15>10.1.1.1:7789");
    EXPECT_EQ(whole(finding, "attempts"), 5);
    EXPECT_FALSE(says(finding, "answered"));
    ASSERT_NE(finding.evidence.find("allowed"), nullptr);
    EXPECT_EQ(std::get<std::vector<std::int64_t>>(*finding.evidence.find("allowed")),
              (std::vector<std::int64_t>{53, 88}));
    EXPECT_EQ(bench.severity(finding), Severity::warning);
    EXPECT_EQ(finding.urgency, Urgency::ticket);
}

TEST(UnexpectedConnection, AnyAnswerIsTold) {
    for (const auto answer : {Answer::accepted, Answer::refused}) {
        RuleBench bench{"unexpected_connection", {}, listed()};
        bench.sees(0s, tcp_attempt({server, 50'100}, target));
        bench.sees(1s, tcp_outcome({server, 50'100}, target, answer, 0s));
        ASSERT_NE(bench.last(), nullptr);
        EXPECT_TRUE(says(*bench.last(), "answered"));
        EXPECT_EQ(whole(*bench.last(), "attempts"), 1);
    }
}

TEST(UnexpectedConnection, WhatIsAllowedAndWhatOthersDoIsSilent) {
    RuleBench bench{"unexpected_connection", {}, listed()};
    bench.sees(0s, tcp_attempt({server, 50'100}, {target.ip, 88}));
    bench.sees(1s, tcp_attempt({ipv4(10, 9, 0, 16), 50'100}, target));
    bench.sees(2s, tcp_attempt({target.ip, 50'100}, {server, 445}));
    auto midway = tcp_attempt({server, 50'101}, target);
    midway.initiator_known = false;
    bench.sees(3s, midway);
    auto datagram = tcp_attempt({server, 50'102}, target);
    datagram.transport = Transport::udp;
    datagram.technique = Technique::udp;
    bench.sees(4s, datagram);
    EXPECT_EQ(bench.last(), nullptr);
}

TEST(UnexpectedConnection, WithoutAListItIsSilent) {
    RuleBench bench{"unexpected_connection"};
    bench.sees(0s, tcp_attempt({server, 50'100}, target));
    EXPECT_EQ(bench.last(), nullptr);
}

}  // namespace
}  // namespace wiresage::testing
