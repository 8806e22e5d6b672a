// tcp_syn_received_no_reply counts connections to the capturing host that nothing answered.

#include <gtest/gtest.h>

#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

const Address server = ipv4(10, 30, 0, 80);
const Address inside = ipv4(10, 30, 0, 9);
const Address outside = ipv4(198, 51, 100, 7);
const Endpoint service{server, 8530};

class TcpSynReceivedNoReply : public ::testing::Test {
protected:
    /// One attempt of `segments` SYNs that begins at `at` and is told silent three seconds later.
    void silent(Duration at, const Address& client, const Endpoint& to = service, std::uint16_t segments = 3,
                bool unproven = false) {
        auto outcome = tcp_outcome({client, ++port}, to, Answer::silent, at, segments);
        outcome.unproven = unproven;
        bench.tells(at + 3s, outcome);
    }
    void accepted(Duration at, const Address& client, const Endpoint& to) {
        bench.sees(at, tcp_outcome({client, ++port}, to, Answer::accepted, at));
    }

    RuleBench bench{"tcp_syn_received_no_reply", {}, site_of({server})};
    std::uint16_t port = 40'000;
};

TEST_F(TcpSynReceivedNoReply, ThreeConnectionsOfAnInternalClientAreAWarning) {
    accepted(0s, inside, {server, 22});
    for (int i = 0; i < 4; ++i) silent(i * 20s + 1s, inside);
    bench.until(70s);

    const auto* const finding = bench.last("10.30.0.9>10.30.0.80:8530");
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(bench.severity(*finding), Severity::warning);
    EXPECT_EQ(whole(*finding, "connections"), 4);
    EXPECT_EQ(whole(*finding, "syns"), 12);
    EXPECT_TRUE(says(*finding, "other_ports_answer"));
    EXPECT_FALSE(says(*finding, "answered_before"));
    EXPECT_EQ(finding->source.ip, inside);
    EXPECT_EQ(finding->source.port, std::nullopt) << "the connections' ports differ";
    EXPECT_EQ(finding->destination.port, service.port);
    EXPECT_EQ(finding->start, bench_begin + 1s) << "the first SYN, not the verdict";
    EXPECT_EQ(finding->confidence, Confidence::medium) << "no past of this port";
}

TEST_F(TcpSynReceivedNoReply, RepeatedSynsCountAsSynsNotAsConnections) {
    for (int i = 0; i < 3; ++i) silent(i * 1s, inside, service, 2);
    bench.sees(9s, tcp_outcome({inside, 40'001}, service, Answer::still_silent, 0s, 3));
    bench.until(10s);
    ASSERT_NE(bench.last(), nullptr);
    EXPECT_EQ(whole(*bench.last(), "connections"), 3);
    EXPECT_EQ(whole(*bench.last(), "syns"), 7);
}

TEST_F(TcpSynReceivedNoReply, TwoConnectionsAreNotEnough) {
    silent(0s, inside);
    silent(1s, inside);
    bench.until(2min);
    EXPECT_EQ(bench.last(), nullptr);
}

TEST_F(TcpSynReceivedNoReply, AttemptsFarApartAreNotAddedUp) {
    for (int i = 0; i < 5; ++i) silent(i * 12min, inside);
    bench.until(61min);
    EXPECT_EQ(bench.last(), nullptr);
}

TEST_F(TcpSynReceivedNoReply, ServersThatAreNotOursAreNoAffairOfOurStack) {
    for (int i = 0; i < 5; ++i) silent(i * 1s, inside, {ipv4(10, 30, 0, 81), 8530});
    bench.until(30s);
    EXPECT_EQ(bench.last(), nullptr);
}

TEST(TcpSynReceivedNoReplyAlone, IsSilentWhereTheLocalAddressesAreUnknown) {
    RuleBench bench{"tcp_syn_received_no_reply"};
    for (int i = 0; i < 5; ++i) {
        bench.tells(i * 1s + 3s,
                    tcp_outcome({inside, 40'000}, service, Answer::silent, i * 1s, 3, static_cast<std::uint32_t>(i)));
    }
    bench.until(30s);
    EXPECT_EQ(bench.last(), nullptr);
}

TEST_F(TcpSynReceivedNoReply, StrangersAtAPortThatNeverAnsweredAreOneInfo) {
    for (std::uint8_t i = 1; i <= 40; ++i) silent(i * 1s, ipv4(198, 51, 100, i));
    bench.until(60s);
    ASSERT_EQ(bench.entities(), std::vector<std::string>{"outside>10.30.0.80:8530"});
    EXPECT_EQ(bench.severity(*bench.last()), Severity::info);
    EXPECT_EQ(whole(*bench.last(), "connections"), 40);
    EXPECT_EQ(bench.last()->source.ip, std::nullopt);
}

TEST_F(TcpSynReceivedNoReply, APortThatWorkedAndNowAnswersNobodyIsAWarningForStrangersToo) {
    accepted(0s, outside, service);
    for (int i = 1; i <= 3; ++i) silent(i * 1s, outside);
    bench.until(10s);
    ASSERT_NE(bench.last("198.51.100.7>10.30.0.80:8530"), nullptr);
    EXPECT_EQ(bench.severity(*bench.last()), Severity::warning);
    EXPECT_TRUE(says(*bench.last(), "answered_before"));
    EXPECT_EQ(bench.last()->confidence, Confidence::high);
    EXPECT_EQ(bench.last()->urgency, Urgency::ticket);
}

TEST_F(TcpSynReceivedNoReply, AStrangerTurnedAwayWhileOthersAreServedIsInfo) {
    accepted(0s, ipv4(198, 51, 100, 1), service);
    for (int i = 1; i <= 3; ++i) silent(i * 1s, outside);
    accepted(6500ms, ipv4(198, 51, 100, 1), service);
    silent(7s, outside);
    bench.until(11s);
    ASSERT_NE(bench.last("198.51.100.7>10.30.0.80:8530"), nullptr);
    EXPECT_EQ(bench.severity(*bench.last()), Severity::info);
}

TEST_F(TcpSynReceivedNoReply, TheEndOfACaptureIsNoOutage) {
    for (int i = 0; i < 5; ++i) silent(i * 10ms, inside, service, 1, true);
    bench.until(30s);
    EXPECT_EQ(bench.last(), nullptr);
}

TEST_F(TcpSynReceivedNoReply, UnprovenVerdictsCountAfterAProvenOne) {
    silent(0s, inside);
    for (int i = 0; i < 3; ++i) silent(4s + i * 10ms, inside, service, 1, true);
    bench.until(30s);
    ASSERT_NE(bench.last(), nullptr);
    EXPECT_EQ(whole(*bench.last(), "connections"), 4);
}

TEST_F(TcpSynReceivedNoReply, LateIsNotSilent) {
    silent(0s, inside);
    silent(1s, inside);
    auto late = tcp_outcome({inside, 40'001}, service, Answer::accepted, 0s, 5);
    late.after_silent = true;
    bench.sees(5s, late);
    silent(6s, inside);
    bench.until(30s);
    EXPECT_EQ(bench.last(), nullptr);
}

TEST_F(TcpSynReceivedNoReply, WithoutProofOfBothDirectionsConfidenceIsAtMostMedium) {
    for (int i = 0; i < 3; ++i) silent(i * 1s, inside);
    bench.until(10s);
    ASSERT_NE(bench.last(), nullptr);
    EXPECT_LE(bench.last()->confidence, Confidence::medium);
}

TEST_F(TcpSynReceivedNoReply, ADoubledInputLowersConfidence) {
    accepted(0s, inside, service);
    for (int i = 1; i <= 3; ++i) silent(i * 1s, inside);
    bench.tells(6050ms, Duplicates{50, 100});
    silent(3100ms, inside);
    bench.until(10s);
    ASSERT_NE(bench.last(), nullptr);
    EXPECT_EQ(bench.last()->confidence, Confidence::low);
}

TEST_F(TcpSynReceivedNoReply, ANewEpisodeCountsAnew) {
    for (int i = 0; i < 3; ++i) silent(i * 1s, inside);
    bench.until(5min);
    for (int i = 0; i < 3; ++i) silent(5min + i * 1s, inside);
    bench.until(6min);
    ASSERT_NE(bench.last(), nullptr);
    EXPECT_EQ(whole(*bench.last(), "connections"), 3);
    EXPECT_EQ(bench.last()->start, bench_begin + 5min);
}

}  // namespace
}  // namespace wiresage::testing
