// The gate: one alert an entity, firing, then updates when something changed, then resolved with the last evidence.

#include "detect/gate.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace wiresage {
namespace {

using namespace std::chrono_literals;

constexpr EventTime start = event_time(1'600'000'000'000'000'000);

constexpr std::string_view steps[] = {"look"};
constexpr EvidenceKey evidence[] = {{"count", EvidenceType::integer}, {"answered", EvidenceType::boolean}};
const About about{.id = "a_rule",      .name = "A rule",  .category = "tcp",  .kind = RuleKind::site, .severity = Severity::warning,
                  .settings = {},      .evidence = evidence, .source = "ip", .destination = "ip",    .entity = "source ip",
                  .cause = "a cause",  .unknowable = "much", .next_steps = steps};

class Kept final : public AlertSink {
public:
    void write(const Alert& alert) override { alerts.push_back(alert); }
    std::vector<Alert> alerts;
};

class GateTest : public ::testing::Test {
protected:
    void report(Duration after, std::int64_t count, bool answered = false, Duration began = 0ns, const std::string& entity = "10.0.0.1") {
        Finding finding;
        finding.entity = entity;
        finding.source = End::of(ipv4(10, 0, 0, 1));
        finding.evidence.set("count", count);
        finding.evidence.set("answered", answered);
        finding.start = finding.start_stamp = start + began;
        gate.report(about, settings, std::move(finding), at(after), knowledge);
    }
    static Moment at(Duration after) { return Moment{.time = start + after, .stamp = start + after}; }
    std::string states() const {
        std::string all;
        for (const auto& alert : kept.alerts) all += std::string{name(alert.state)} + " ";
        return all;
    }

    Kept kept;
    GateOptions options{.observer = "here"};
    Gate gate{options, kept};
    RuleSettings settings{{}};
    Site site = Site::standard();
    Knowledge knowledge{site, 100};
};

TEST_F(GateTest, OneAlertLivesFromFiringToResolved) {
    report(0s, 5);
    report(1s, 6);
    gate.tick(at(61s));
    EXPECT_EQ(states(), "firing ");
    gate.tick(at(61s + 100ms));
    EXPECT_EQ(states(), "firing resolved ");
    EXPECT_EQ(std::get<std::int64_t>(*kept.alerts.back().finding.evidence.find("count")), 6);
    EXPECT_EQ(kept.alerts[0].id, kept.alerts[1].id);
    EXPECT_EQ(kept.alerts[0].finding.cause, "a cause");
    EXPECT_EQ(gate.open(), 0U);
}

struct Update {
    const char* name;
    Duration after;
    std::int64_t count;
    bool answered;
    bool told;
};

class GateUpdates : public GateTest, public ::testing::WithParamInterface<Update> {};

TEST_P(GateUpdates, AreToldWhenSomethingChangedAndNotTooOften) {
    report(0s, 5);
    report(GetParam().after, GetParam().count, GetParam().answered);
    EXPECT_EQ(states(), GetParam().told ? "firing update " : "firing ");
}

constexpr Update updates[] = {
    {"nothing_new", 20s, 9, false, false},       {"a_count_doubled", 20s, 10, false, true}, {"a_boolean_changed", 20s, 5, true, true},
    {"doubled_too_soon", 9s, 100, false, false}, {"after_an_hour_again", 1h, 5, false, true},
};

INSTANTIATE_TEST_SUITE_P(, GateUpdates, ::testing::ValuesIn(updates), [](const auto& row) { return row.param.name; });

TEST_F(GateTest, ANewEpisodeOfTheRuleResolvesTheOldOneFirst) {
    report(0s, 5);
    report(30s, 1, false, 30s);
    EXPECT_EQ(states(), "firing resolved firing ");
    EXPECT_EQ(kept.alerts[2].finding.start, start + 30s);
}

TEST_F(GateTest, OnceResolvedALaterEpisodeHasTheSameId) {
    report(0s, 5);
    gate.tick(at(2min));
    report(3min, 5, false, 3min);
    EXPECT_EQ(states(), "firing resolved firing ");
    EXPECT_EQ(kept.alerts[2].id, kept.alerts[0].id);
}

TEST_F(GateTest, AnAlertAboutAnInterfaceIsNamedAfterIt) {
    report(0s, 5, false, 0ns, "");
    options.input_name = [](std::uint16_t input) { return input == 0 ? std::string{"eth0"} : std::string{}; };
    gate.configure(options);
    report(1s, 5, false, 0ns, "");
    ASSERT_EQ(kept.alerts.size(), 2U);
    EXPECT_EQ(kept.alerts[0].finding.entity, "input 1");
    EXPECT_EQ(kept.alerts[1].finding.entity, "eth0");
}

TEST_F(GateTest, ASuppressedFindingIsCountedAndNotTold) {
    options.suppress.push_back({.rule = "a_rule", .source = Network::parse("10.0.0.0/8"), .until = start + 1h});
    gate.configure(options);
    report(0s, 5);
    EXPECT_EQ(states(), "");
    EXPECT_EQ(gate.stats().suppressed, 1U);
    report(2h, 5);
    EXPECT_EQ(states(), "firing ");
}

TEST_F(GateTest, DocumentsOfOneAlertNeverGoBackInTime) {
    report(10s, 5);
    Moment back = at(71s);
    back.stamp = start;  // The capture's clock went back.
    gate.tick(back);
    ASSERT_EQ(states(), "firing resolved ");
    EXPECT_GE(kept.alerts[1].stamp, kept.alerts[0].stamp);
}

TEST(GateLimits, ATableThatIsFullResolvesWhatWasLongestWithoutNews) {
    Kept kept;
    Gate gate{{.observer = "here", .most_open = 2}, kept};
    const RuleSettings settings{{}};
    const Site site = Site::standard();
    const Knowledge knowledge{site, 100};
    for (int i = 0; i < 3; ++i) {
        Finding finding;
        finding.entity = std::to_string(i);
        finding.start = finding.start_stamp = start;
        gate.report(about, settings, std::move(finding), Moment{.time = start, .stamp = start}, knowledge);
    }
    ASSERT_EQ(kept.alerts.size(), 4U);
    EXPECT_EQ(kept.alerts[2].state, AlertState::resolved);
    EXPECT_EQ(kept.alerts[2].finding.entity, "0");
    EXPECT_EQ(gate.open(), 2U);
    EXPECT_EQ(gate.stats().evicted, 1U);
}

}  // namespace
}  // namespace wiresage
