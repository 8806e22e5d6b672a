// The gate holds symptoms back while their cause is known, and makes one alert of what comes and goes.

#include <gtest/gtest.h>

#include "detect/gate.hpp"

namespace wiresage {
namespace {

using namespace std::chrono_literals;

constexpr EventTime start = event_time(1'600'000'000'000'000'000);
const Endpoint service{ipv4(10, 0, 0, 80), 443};

About about_of(std::string_view id, Severity severity) {
    return About{.id = id,
                 .name = id,
                 .category = "tcp",
                 .kind = RuleKind::site,
                 .severity = severity,
                 .settings = {},
                 .evidence = {},
                 .source = "ip",
                 .destination = "ip:port",
                 .entity = "service",
                 .cause = "",
                 .unknowable = "",
                 .next_steps = {}};
}

class GateCauses : public ::testing::Test {
protected:
    void flood(Duration after) { report(cause, after, "10.0.0.80:443"); }
    void timeout(Duration after) { report(symptom, after, "10.0.0.80:443"); }
    void report(const About& about, Duration after, const std::string& entity) {
        until(after);
        Finding finding;
        finding.entity = entity;
        finding.destination = End::of(service);
        finding.start = finding.start_stamp = start;
        gate.report(about, settings, std::move(finding), at(after), knowledge);
    }
    void until(Duration after) {
        while (ticked + tick_length <= after) {
            ticked += tick_length;
            gate.tick(at(ticked));
        }
    }
    static Moment at(Duration after) { return Moment{.time = start + after, .stamp = start + after}; }

    /// "firing", with "<" where it has a cause and "*" where it is held back.
    std::string story(std::string_view rule) const {
        std::string all;
        for (const auto& alert : kept.alerts) {
            if (alert.rule_id != rule) continue;
            all += (all.empty() ? "" : " ") + std::string{name(alert.state)} + (alert.caused_by.empty() ? "" : "<") +
                   (alert.held_back ? "*" : "");
        }
        return all;
    }

    struct Kept final : AlertSink {
        void write(const Alert& alert) override { alerts.push_back(alert); }
        std::vector<Alert> alerts;
    };

    About cause = about_of("tcp_syn_flood", Severity::critical);
    About symptom = about_of("tcp_connect_timeout", Severity::warning);
    Kept kept;
    Gate gate{{.observer = "here"}, kept};
    RuleSettings settings{{}};
    Site site = Site::standard();
    Knowledge knowledge{site, 100};
    Duration ticked{};
};

TEST_F(GateCauses, AWarningThatMayBeASymptomWaitsAndThenGoesOut) {
    timeout(0s);
    until(1400ms);
    EXPECT_EQ(story("tcp_connect_timeout"), "");
    until(1600ms);
    EXPECT_EQ(story("tcp_connect_timeout"), "firing");
    EXPECT_EQ(kept.alerts[0].time, start + 1500ms);
}

TEST_F(GateCauses, ACauseThatComesMeanwhileHoldsItBack) {
    timeout(0s);
    flood(1s);
    until(2s);
    EXPECT_EQ(story("tcp_syn_flood"), "firing");
    ASSERT_EQ(story("tcp_connect_timeout"), "firing<*");
    EXPECT_EQ(kept.alerts[1].caused_by, kept.alerts[0].id);
}

TEST_F(GateCauses, ASymptomOfAKnownCauseFiresAtOnceAndHeldBack) {
    flood(0s);
    timeout(5s);
    EXPECT_EQ(story("tcp_connect_timeout"), "firing<*");
}

TEST_F(GateCauses, AnErrorGoesOutAtOnceAndGetsItsCauseInAnUpdate) {
    symptom.severity = Severity::error;
    timeout(0s);
    EXPECT_EQ(story("tcp_connect_timeout"), "firing");
    flood(5s);
    timeout(11s);
    until(12s);
    EXPECT_EQ(story("tcp_connect_timeout"), "firing update<*");
    until(3min);
    EXPECT_EQ(story("tcp_connect_timeout"), "firing update<* resolved<") << "who was told hears of the end";
}

TEST_F(GateCauses, TheUpdateWithTheCauseNeedsNoFurtherReport) {
    symptom.severity = Severity::error;
    timeout(0s);
    flood(5s);
    until(20s);
    EXPECT_EQ(story("tcp_connect_timeout"), "firing update<*");
}

TEST_F(GateCauses, ASymptomThatOutlivesItsCauseByAMinuteIsSent) {
    flood(0s);
    for (int i = 1; i <= 30; ++i) timeout(i * 5s);  // The flood is resolved after 60 s.
    EXPECT_EQ(story("tcp_syn_flood"), "firing resolved");
    EXPECT_EQ(story("tcp_connect_timeout"), "firing<* update");
    EXPECT_GE(kept.alerts.back().time, start + 120s);
}

TEST_F(GateCauses, ASymptomThatEndsWithItsCauseIsNeverSent) {
    flood(0s);
    timeout(5s);
    until(5min);
    EXPECT_EQ(story("tcp_connect_timeout"), "firing<* resolved<*");
}

TEST_F(GateCauses, ACauseThatComesBackGoesOnExplaining) {
    flood(0s);
    for (int i = 1; i <= 16; ++i) timeout(i * 5s);
    flood(90s);
    for (int i = 19; i <= 29; ++i) timeout(i * 5s);
    EXPECT_EQ(story("tcp_connect_timeout"), "firing<*");
}

TEST_F(GateCauses, AnotherServiceIsNotExplained) {
    flood(0s);
    Finding finding;
    finding.entity = "10.0.0.81:443";
    finding.destination = End::of(Endpoint{ipv4(10, 0, 0, 81), 443});
    finding.start = finding.start_stamp = start;
    gate.report(symptom, settings, std::move(finding), at(0s), knowledge);
    until(2s);
    EXPECT_EQ(story("tcp_connect_timeout"), "firing");
}

class GateFlapping : public GateCauses {
protected:
    void fires(Duration after) {
        until(after);
        Finding finding;
        finding.entity = "10.0.0.80:443";
        finding.message = "it broke";
        finding.start = finding.start_stamp = start + after;
        gate.report(cause, settings, std::move(finding), at(after), knowledge);
    }
};

TEST_F(GateFlapping, TheFourthTimeWithinAnHourIsTheLast) {
    for (int i = 0; i < 10; ++i) fires(i * 5min);
    EXPECT_EQ(story("tcp_syn_flood"), "firing resolved firing resolved firing resolved firing");
    EXPECT_NE(kept.alerts.back().finding.message.find("comes and goes"), std::string::npos);
    until(45min + 61min);
    EXPECT_EQ(story("tcp_syn_flood"), "firing resolved firing resolved firing resolved firing resolved");
}

TEST_F(GateFlapping, ThreeTimesAnHourAreThreeAlerts) {
    for (int i = 0; i < 6; ++i) fires(i * 21min);
    EXPECT_EQ(story("tcp_syn_flood"),
              "firing resolved firing resolved firing resolved firing resolved firing resolved firing");
}

}  // namespace
}  // namespace wiresage
