// udp_request_unanswered counts questions over UDP that nobody answers.

#include <gtest/gtest.h>

#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

Outcome udp_outcome(const Endpoint& client, const Endpoint& server, Answer answer, Duration began,
                    std::uint16_t segments = 1, bool unproven = false) {
    auto made = tcp_outcome(client, server, answer, began, segments);
    made.transport = Transport::udp;
    made.technique = Technique::udp;
    made.unproven = unproven;
    return made;
}

const Endpoint name_server{ipv4(10, 50, 9, 53), 53};
const Address client = ipv4(10, 50, 0, 1);

class UdpRequestUnanswered : public ::testing::Test {
protected:
    /// One datagram from a port of its own, known to be silent three seconds later.
    void silent(Duration at, const Endpoint& server = name_server, const Address& from = client,
                bool unproven = false) {
        bench.tells(at + 3s, udp_outcome({from, ++port}, server, Answer::silent, at, 1, unproven));
    }
    void answered(Duration at, const Endpoint& server = name_server, const Address& from = client) {
        bench.sees(at, two_way(from, server.ip));
        bench.sees(at, udp_outcome({from, ++port}, server, Answer::accepted, at));
    }

    RuleBench bench{"udp_request_unanswered"};
    std::uint16_t port = 40'000;
};

TEST_F(UdpRequestUnanswered, FiveOfAServiceThatAnsweredBeforeAreATrouble) {
    answered(0s);
    for (int i = 1; i <= 5; ++i) silent(i * 1s);
    bench.until(20s);
    ASSERT_NE(bench.last(), nullptr);
    const auto& finding = *bench.last();
    EXPECT_EQ(finding.entity, "10.50.9.53:53");
    EXPECT_EQ(bench.severity(finding), Severity::warning);
    EXPECT_EQ(whole(finding, "count"), 5);
    EXPECT_EQ(whole(finding, "distinct_source_ports"), 5);
    EXPECT_TRUE(says(finding, "answered_before"));
    EXPECT_DOUBLE_EQ(number(finding, "waited_s"), 3.0);
}

TEST_F(UdpRequestUnanswered, FourAreNone) {
    answered(0s);
    for (int i = 1; i <= 4; ++i) silent(i * 1s);
    bench.until(20s);
    EXPECT_EQ(bench.last(), nullptr);
}

TEST_F(UdpRequestUnanswered, AUnknownPortCountsOnlyWhereItAnsweredBefore) {
    const Endpoint unknown{ipv4(10, 50, 9, 9), 7654};
    bench.sees(0s, two_way(client, unknown.ip));
    for (int i = 1; i <= 9; ++i) silent(i * 1s, unknown);
    bench.until(20s);
    EXPECT_EQ(bench.last(), nullptr);
    answered(21s, unknown);
    for (int i = 1; i <= 9; ++i) silent(21s + i * 1s, unknown);
    bench.until(50s);
    ASSERT_NE(bench.last(), nullptr);
}

TEST_F(UdpRequestUnanswered, AFewAmongManyAnsweredAreNone) {
    for (int i = 0; i < 300; ++i) {
        answered(i * 20ms);
        if (i == 100) {
            for (int n = 0; n < 6; ++n)
                bench.tells(i * 20ms, udp_outcome({client, 1}, name_server, Answer::silent, 0s));
        }
    }
    bench.until(40s);
    EXPECT_EQ(bench.last(), nullptr);
}

TEST_F(UdpRequestUnanswered, WithoutProofOfBothDirectionsItHoldsBack) {
    for (int i = 1; i <= 9; ++i) silent(i * 1s);
    bench.until(30s);
    EXPECT_EQ(bench.last(), nullptr);
}

TEST_F(UdpRequestUnanswered, StrangersWhoWereNeverServedDoNotCount) {
    answered(0s);
    for (std::uint8_t i = 1; i <= 9; ++i) silent(i * 1s, name_server, ipv4(198, 51, 100, i));
    bench.until(30s);
    EXPECT_EQ(bench.last(), nullptr);
}

TEST_F(UdpRequestUnanswered, GroupsOneWayProtocolsAndTracerouteExpectNothing) {
    Duration now{};
    for (const auto& server : {Endpoint{ipv4(224, 0, 0, 251), 5353}, Endpoint{ipv4(10, 50, 9, 14), 514},
                               Endpoint{ipv4(10, 50, 9, 15), 33'440}}) {
        answered(now += 1s, server);
        for (int i = 1; i <= 9; ++i) silent(now += 1s, server);
        now += 3s;
    }
    bench.until(now + 30s);
    EXPECT_EQ(bench.last(), nullptr);
}

TEST_F(UdpRequestUnanswered, TheEndOfACaptureIsNoOutage) {
    answered(0s);
    for (int i = 1; i <= 9; ++i) silent(1s + i * 10ms, name_server, client, true);
    bench.until(30s);
    EXPECT_EQ(bench.last(), nullptr);
}

TEST_F(UdpRequestUnanswered, AResolverMeetsLameNameServers) {
    bench.sees(0s, two_way(client, ipv4(10, 0, 0, 9)));
    for (std::uint8_t i = 1; i <= 3; ++i) silent(i * 1s, {ipv4(203, 0, 113, i), 53});
    for (int i = 0; i < 9; ++i) silent(10s + i * 1s, {ipv4(203, 0, 113, 3), 53});
    bench.until(40s);
    EXPECT_EQ(bench.last(), nullptr);
}

TEST_F(UdpRequestUnanswered, AFlowThatGoesSilentCountsWhereEachDatagramAsks) {
    answered(0s);
    Unanswered told;
    told.client = {client, 50'000};
    told.server = name_server;
    told.since = told.since_stamp = bench_begin + 10s;
    told.datagrams = 6;
    told.was_answered = true;
    bench.sees(20s, told);
    bench.until(40s);
    ASSERT_NE(bench.last(), nullptr);
    EXPECT_EQ(whole(*bench.last(), "count"), 6);
    EXPECT_EQ(whole(*bench.last(), "distinct_source_ports"), 1);
}

TEST_F(UdpRequestUnanswered, StreamsAreNoQuestions) {
    const Endpoint media{ipv4(10, 50, 9, 20), 10'000};
    answered(0s, media);
    bench.tells(4s, udp_outcome({client, 9}, media, Answer::silent, 1s, 150));
    bench.until(30s);
    EXPECT_EQ(bench.last(), nullptr);
}

}  // namespace
}  // namespace wiresage::testing
