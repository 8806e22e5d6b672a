// tcp_connect_timeout counts, for each service, attempts that nothing answered.

#include <gtest/gtest.h>

#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

const Endpoint service{ipv4(10, 41, 0, 80), 443};
const Address client = ipv4(10, 40, 0, 1);
const Address stranger = ipv4(198, 51, 100, 7);

class TcpConnectTimeout : public ::testing::Test {
protected:
    void silent(Duration at, const Address& from, const Endpoint& to = service, std::uint16_t segments = 3,
                bool unproven = false) {
        auto outcome = tcp_outcome({from, ++port}, to, Answer::silent, at, segments);
        outcome.unproven = unproven;
        bench.tells(at + 3s, outcome);
    }
    void accepted(Duration at, const Address& from, const Endpoint& to = service) {
        bench.sees(at, tcp_outcome({from, ++port}, to, Answer::accepted, at));
    }

    RuleBench bench{"tcp_connect_timeout"};
    std::uint16_t port = 40'000;
};

TEST_F(TcpConnectTimeout, AServiceThatWorkedAndAnswersNobodyAnyMoreIsAWarning) {
    accepted(0s, client);
    for (std::uint8_t i = 1; i <= 6; ++i) silent(i * 1s, ipv4(10, 40, 0, i));
    bench.until(20s);

    const auto* const finding = bench.last("10.41.0.80:443");
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(bench.severity(*finding), Severity::warning);
    EXPECT_EQ(whole(*finding, "attempts"), 6);
    EXPECT_EQ(whole(*finding, "syns"), 18);
    EXPECT_EQ(whole(*finding, "peers"), 6);
    EXPECT_TRUE(says(*finding, "answered_before"));
    EXPECT_DOUBLE_EQ(number(*finding, "waited_s"), 3.0);
    EXPECT_EQ(finding->confidence, Confidence::high);
    EXPECT_EQ(finding->urgency, Urgency::ticket);
    EXPECT_EQ(finding->source.ip, std::nullopt);
    EXPECT_EQ(finding->destination.ip, service.ip);
}

TEST_F(TcpConnectTimeout, NeverWorkedHereIsANote) {
    bench.sees(0s, two_way(client, ipv4(10, 0, 0, 53)));
    for (int i = 1; i <= 3; ++i) silent(i * 1s, client);
    bench.until(10s);
    ASSERT_NE(bench.last(), nullptr);
    EXPECT_EQ(bench.last()->source.ip, client);
    EXPECT_EQ(bench.last()->confidence, Confidence::medium);
    EXPECT_EQ(bench.last()->urgency, Urgency::note);
}

TEST_F(TcpConnectTimeout, WaitedIsTheTimeToTheLastSignOfWaiting) {
    accepted(0s, client);
    for (int i = 1; i <= 3; ++i) silent(i * 1s, client, service, 1);
    for (int i = 1; i <= 3; ++i) {
        bench.sees(9s + i * 1s, tcp_outcome({client, static_cast<std::uint16_t>(40'001 + i)}, service,
                                            Answer::still_silent, i * 1s, 2));
    }
    bench.until(20s);
    ASSERT_NE(bench.last(), nullptr);
    EXPECT_DOUBLE_EQ(number(*bench.last(), "waited_s"), 9.0);
}

TEST_F(TcpConnectTimeout, WithoutProofOfBothDirectionsItHoldsBack) {
    for (std::uint8_t i = 1; i <= 9; ++i) silent(i * 1s, ipv4(10, 40, 0, i));
    bench.until(20s);
    EXPECT_EQ(bench.last(), nullptr);
}

TEST_F(TcpConnectTimeout, ProofOlderThanTenMinutesIsNone) {
    accepted(0s, client);
    for (int i = 1; i <= 3; ++i) silent(11min + i * 1s, client);
    bench.until(12min);
    EXPECT_EQ(bench.last(), nullptr);
}

TEST_F(TcpConnectTimeout, ProofOfAnotherInterfaceIsNone) {
    bench.input = 1;
    accepted(0s, client);
    bench.input = 0;
    for (int i = 1; i <= 3; ++i) silent(i * 1s, client);
    bench.until(12s);
    EXPECT_EQ(bench.last(), nullptr);
}

TEST_F(TcpConnectTimeout, AFewSilentOnesAmongManyAnsweredAreNoTimeoutOfTheService) {
    // 20 a second are answered all the time; the silence of five attempts of second 2 is known in second 5.
    for (int i = 0; i < 100; ++i) accepted(i * 50ms, client);
    for (int i = 0; i < 5; ++i) silent(2s + i * 10ms, client);
    bench.until(40s);
    EXPECT_EQ(bench.last(), nullptr);
}

TEST_F(TcpConnectTimeout, OneAttemptOfManySynsIsOneAttempt) {
    accepted(0s, client, {ipv4(10, 41, 0, 81), 443});
    silent(1s, client, service, 3);
    for (std::uint16_t i = 4; i <= 8; ++i) {
        bench.sees(i * 1s + 1s, tcp_outcome({client, 40'002}, service, Answer::still_silent, 1s, i));
    }
    bench.until(60s);
    EXPECT_EQ(bench.last(), nullptr);
}

TEST_F(TcpConnectTimeout, StrangersAtAPortThatNeverAnsweredAreInfo) {
    bench.sees(0s, two_way(service.ip, ipv4(10, 0, 0, 53)));
    for (std::uint8_t i = 1; i <= 9; ++i) silent(i * 1s, ipv4(198, 51, 100, i));
    bench.until(20s);
    ASSERT_NE(bench.last(), nullptr);
    EXPECT_EQ(bench.severity(*bench.last()), Severity::info);
}

TEST_F(TcpConnectTimeout, AClientThatFindsEverythingSilentBlamesNoService) {
    bench.sees(0s, two_way(client, ipv4(10, 0, 0, 53)));
    for (std::uint16_t i = 0; i < 20; ++i)
        silent(1s + i * 10ms, client, {ipv4(10, 42, 0, static_cast<std::uint8_t>(i)), 22});
    for (std::uint16_t i = 0; i < 40; ++i)
        silent(5s + i * 10ms, client, {ipv4(10, 42, 0, static_cast<std::uint8_t>(i % 20)), 22});
    bench.until(30s);
    EXPECT_EQ(bench.entities().size(), 20U);
    for (const auto& finding : bench.findings()) EXPECT_EQ(bench.severity(finding), Severity::info) << finding.entity;
}

TEST_F(TcpConnectTimeout, TheEndOfACaptureIsNoOutage) {
    accepted(0s, client);
    for (int i = 0; i < 5; ++i) silent(1s + i * 10ms, client, service, 1, true);
    bench.until(30s);
    EXPECT_EQ(bench.last(), nullptr);
}

TEST(TcpConnectTimeoutHere, OurOwnServicesAreAnotherRulesAffair) {
    RuleBench bench{"tcp_connect_timeout", {}, site_of({service.ip})};
    for (int i = 0; i < 5; ++i) {
        bench.tells(i * 1s + 3s,
                    tcp_outcome({client, 40'000}, service, Answer::silent, i * 1s, 3, static_cast<std::uint32_t>(i)));
    }
    bench.until(30s);
    EXPECT_EQ(bench.last(), nullptr);
}

TEST(TcpConnectTimeoutHere, TheHostsOwnCaptureIsProofEnoughForMediumConfidence) {
    RuleBench bench{"tcp_connect_timeout", {}, site_of({client})};
    for (int i = 0; i < 5; ++i) {
        bench.tells(i * 1s + 3s,
                    tcp_outcome({client, 40'000}, service, Answer::silent, i * 1s, 3, static_cast<std::uint32_t>(i)));
    }
    bench.until(30s);
    ASSERT_NE(bench.last(), nullptr);
    EXPECT_EQ(bench.last()->confidence, Confidence::medium);
}

}  // namespace
}  // namespace wiresage::testing
