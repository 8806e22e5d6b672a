// periodic_connect_unanswered finds attempts by the clock that nobody answers.

#include <gtest/gtest.h>

#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

const Address source = ipv4(10, 5, 0, 10);
const Endpoint target{ipv4(10, 5, 7, 21), 139};

class PeriodicConnectUnanswered : public ::testing::Test {
protected:
    PeriodicConnectUnanswered() { bench.sees(0s, two_way(source, ipv4(10, 0, 0, 9))); }

    /// Two attempts, half a second apart.
    void burst(Duration at, bool unproven = false) {
        for (const auto began : {at, at + 500ms}) {
            ++port;
            auto made = tcp_outcome({source, port}, target, Answer::silent, began, 1, port);
            made.unproven = unproven;
            bench.tells(began + 3s, made);
        }
    }
    void announces(Duration at) {
        BrowserWord word;
        word.from = {target.ip, 138};
        word.to = {source, 138};
        bench.sees(at, word);
    }

    RuleBench bench{"periodic_connect_unanswered"};
    std::uint16_t port = 4000;
};

TEST_F(PeriodicConnectUnanswered, FiveBurstsByTheClockAreAPattern) {
    for (int i = 0; i < 6; ++i) burst(10s + i * 725s + (i % 2) * 300ms, i == 5);
    bench.until(4000s);
    ASSERT_NE(bench.last(), nullptr);
    const auto& finding = *bench.last();
    EXPECT_EQ(finding.entity, "10.5.0.10>10.5.7.21:139");
    EXPECT_EQ(whole(finding, "attempts"), 12);
    EXPECT_EQ(whole(finding, "bursts"), 6);
    EXPECT_NEAR(number(finding, "period_s"), 725, 1);
    EXPECT_LT(number(finding, "jitter_s"), 1);
    EXPECT_EQ(finding.evidence.find("preceded_by"), nullptr);
    EXPECT_EQ(bench.severity(finding), Severity::warning);
    EXPECT_GE(finding.resolve_after, 1800s);
}

TEST_F(PeriodicConnectUnanswered, AnAnnouncementBeforeEachBurstExplainsIt) {
    for (int i = 0; i < 6; ++i) {
        announces(10s + i * 725s);
        burst(12s + i * 725s);
    }
    bench.until(4000s);
    ASSERT_NE(bench.last(), nullptr);
    EXPECT_EQ(text(*bench.last(), "preceded_by"), "browser_master_announcement");
    EXPECT_DOUBLE_EQ(number(*bench.last(), "preceded_s"), 2.0);
    EXPECT_EQ(text(*bench.last(), "classification"), "domain_master_browser");
}

TEST_F(PeriodicConnectUnanswered, IrregularAttemptsAreNone) {
    for (const int at : {10, 220, 290, 800, 1900, 2050, 3100, 3170}) burst(at * 1s);
    bench.until(4000s);
    EXPECT_EQ(bench.last(), nullptr);
}

TEST_F(PeriodicConnectUnanswered, OneAnswerForgetsThePattern) {
    for (int i = 0; i < 8; ++i) {
        burst(10s + i * 300s);
        if (i % 4 == 3) bench.sees(100s + i * 300s, tcp_outcome({source, 1}, target, Answer::refused, 100s + i * 300s));
    }
    bench.until(3000s);
    EXPECT_EQ(bench.last(), nullptr);
}

TEST_F(PeriodicConnectUnanswered, AttemptsInQuickSuccessionAreOneBurst) {
    for (int i = 0; i < 60; ++i) burst(10s + i * 5s);
    bench.until(600s);
    EXPECT_EQ(bench.last(), nullptr);
}

TEST_F(PeriodicConnectUnanswered, ABurstThatWasNotSeenDoesNotBreakIt) {
    for (const int turn : {0, 1, 2, 4, 5, 6}) burst(10s + turn * 600s);
    bench.until(4000s);
    ASSERT_NE(bench.last(), nullptr);
    EXPECT_NEAR(number(*bench.last(), "period_s"), 600, 1);
}

TEST(PeriodicConnectUnansweredHere, WithoutProofItHoldsBackAndOnTheHostItselfItIsMedium) {
    RuleBench blind{"periodic_connect_unanswered"};
    RuleBench here{"periodic_connect_unanswered", {}, site_of({source})};
    for (int i = 0; i < 7; ++i) {
        const auto at = 10s + i * 600s;
        for (auto* const bench : {&blind, &here}) {
            bench->tells(at + 3s,
                         tcp_outcome({source, 4000}, target, Answer::silent, at, 3, static_cast<std::uint32_t>(i)));
        }
    }
    blind.until(4000s);
    here.until(4000s);
    EXPECT_EQ(blind.last(), nullptr);
    ASSERT_NE(here.last(), nullptr);
    EXPECT_EQ(here.last()->confidence, Confidence::medium);
    EXPECT_EQ(whole(*here.last(), "syns"), 21);
}

}  // namespace
}  // namespace wiresage::testing
