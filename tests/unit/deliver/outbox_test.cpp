// The queue of one receiver: order, retries, failing and working again, limits.  Time is a number here.

#include "deliver/outbox.hpp"

#include <gtest/gtest.h>

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;
using Kind = TryResult::Kind;

constexpr std::int64_t wall = 1'700'000'000;

std::shared_ptr<const Delivery> document(const std::string& alert_id) {
    Delivery made;
    made.alert_id = alert_id;
    return std::make_shared<const Delivery>(made);
}

ReceiverOptions receiver() {
    ReceiverOptions options;
    options.settings.name = "ops";
    options.settings.urls = {"https://user:pass@hooks.example.org:8443/secret/path?key=1"};
    return options;
}

TryResult refused(unsigned status) { return {Kind::status, status, "answered", {}}; }
const TryResult delivered{};
const TryResult unreachable{Kind::connect, 0, "no route", {}};

/// Sends what is due at `now`; the ids of the alerts.
std::vector<std::string> started(Outbox& outbox, std::chrono::milliseconds now) {
    std::vector<std::string> ids;
    while (const auto* item = outbox.start(now)) ids.push_back(item->delivery->alert_id);
    return ids;
}

using Ids = std::vector<std::string>;

TEST(RetryDelay, DoublesItsSpanAndStaysWithinItsBounds) {
    const RetryPolicy policy;
    for (std::uint32_t failures = 0; failures < 100; ++failures) {
        for (const std::uint64_t random : {0ULL, 1ULL, 12345678901234567ULL, ~0ULL}) {
            const auto delay = retry_delay(policy, failures, random);
            EXPECT_GE(delay, 1s);
            EXPECT_LE(delay, 5min);
            EXPECT_LE(delay, 1s * (std::int64_t{1} << std::min(failures, 20U)));
        }
    }
    EXPECT_EQ(retry_delay(policy, 3, 7000), 8s);
    EXPECT_EQ(retry_delay(policy, 3, 7001), 1s);
}

TEST(Outbox, SendsSeveralAlertsAtOnceButEachAlertsDocumentsInOrder) {
    Outbox outbox{receiver(), {}, 1};
    for (const char* id : {"a", "a", "b", "a", "c"}) outbox.push(document(id), 0ms);
    EXPECT_EQ(started(outbox, 0ms), (Ids{"a", "b", "c"}));
    outbox.settle(1, delivered, 1ms, wall);
    EXPECT_EQ(started(outbox, 1ms), (Ids{"a"}));
    EXPECT_EQ(outbox.state(1ms, wall).queued, 4U);
}

TEST(Outbox, SendsAtMostFourAtOnce) {
    Outbox outbox{receiver(), {}, 1};
    for (int i = 0; i < 10; ++i) outbox.push(document(std::to_string(i)), 0ms);
    EXPECT_EQ(started(outbox, 0ms).size(), Outbox::most_in_flight);
    EXPECT_FALSE(outbox.next_start(0ms));
}

TEST(Outbox, TriesAReceiverThatFailsWithOneDocumentAtATimeAndLater) {
    Outbox outbox{receiver(), {}, 1};
    outbox.push(document("a"), 0ms);
    outbox.push(document("b"), 0ms);
    EXPECT_EQ(started(outbox, 0ms).size(), 2U);
    outbox.settle(1, unreachable, 10ms, wall);
    outbox.settle(2, unreachable, 10ms, wall);
    EXPECT_EQ(started(outbox, 10ms), Ids{});
    const auto next = outbox.next_start(10ms);
    ASSERT_TRUE(next);
    EXPECT_GE(*next, 1010ms);
    EXPECT_LE(*next, 10ms + 4s);
    EXPECT_EQ(started(outbox, *next).size(), 1U);
}

TEST(Outbox, OneRefusedDocumentHoldsUpNoOther) {
    Outbox outbox{receiver(), {}, 1};
    outbox.push(document("bad"), 0ms);
    EXPECT_EQ(started(outbox, 0ms), Ids{"bad"});
    outbox.settle(1, refused(400), 0ms, wall);
    outbox.push(document("good"), 0ms);
    const auto next = outbox.next_start(0ms);
    ASSERT_TRUE(next);
    EXPECT_EQ(started(outbox, *next), Ids{"good"});
    outbox.settle(2, delivered, *next, wall);
    EXPECT_EQ(outbox.state(*next, wall).failures_in_a_row, 0U);
    EXPECT_EQ(outbox.state(*next, wall).queued, 1U);
}

TEST(Outbox, WhatFailedForTheReceiversSakeGoesOutAtOnceWhenItWorksAgain) {
    Outbox outbox{receiver(), {}, 1};
    for (int i = 0; i < 3; ++i) outbox.push(document(std::to_string(i)), 0ms);
    auto now = 0ms;
    for (int tries = 0; tries < 8; ++tries) {
        now = *outbox.next_start(now);
        while (const auto* item = outbox.start(now)) outbox.settle(item->number, refused(503), now, wall);
    }
    now = *outbox.next_start(now);
    const auto* probe = outbox.start(now);
    ASSERT_TRUE(probe);
    outbox.settle(probe->number, delivered, now, wall);
    EXPECT_EQ(started(outbox, now).size(), 2U);
}

TEST(Outbox, HonoursRetryAfterUpToAnHour) {
    for (const auto& [asked, least] : {std::pair{30s, 30s}, std::pair{1'000'000s, 3600s}}) {
        Outbox outbox{receiver(), {}, 1};
        outbox.push(document("a"), 0ms);
        const auto number = outbox.start(0ms)->number;
        auto result = refused(503);
        result.retry_after = asked;
        outbox.settle(number, result, 0ms, wall);
        EXPECT_EQ(*outbox.next_start(0ms), least);
    }
}

TEST(Outbox, SaysOnceThatItsReceiverFailsAndOnceThatItWorks) {
    Outbox outbox{receiver(), {}, 1};
    outbox.push(document("a"), 0ms);
    auto now = 0ms;
    int told = 0;
    for (int tries = 1; tries <= 10; ++tries) {
        now = *outbox.next_start(now);
        const auto change = outbox.settle(outbox.start(now)->number, unreachable, now, wall + tries);
        if (!change) continue;
        ++told;
        EXPECT_EQ(tries, 3);
        EXPECT_TRUE(change->failing);
        EXPECT_EQ(change->name, "ops");
        EXPECT_EQ(change->since, wall + 1);
        EXPECT_EQ(change->error, "no route");
    }
    EXPECT_EQ(told, 1);
    EXPECT_EQ(outbox.state(now, wall).failing_since, wall + 1);
    now = *outbox.next_start(now);
    const auto change = outbox.settle(outbox.start(now)->number, delivered, now, wall + 99);
    ASSERT_TRUE(change);
    EXPECT_FALSE(change->failing);
    EXPECT_EQ(outbox.state(now, wall).failing_since, 0);
}

TEST(Outbox, GivesUpAfterItsTimeAndCountsIt) {
    auto options = receiver();
    options.settings.give_up_after = 72h;
    Outbox outbox{options, {}, 1};
    outbox.push(document("a"), 0ms);
    outbox.push(document("b"), 1h);
    auto now = 0ms;
    std::size_t tries = 0;
    while (const auto next = outbox.next_start(now)) {
        now = *next;
        const auto* item = outbox.start(now);
        if (!item) break;
        outbox.settle(item->number, unreachable, now, wall);
        ++tries;
    }
    EXPECT_GE(now, 73h);
    EXPECT_LE(now, 73h + 6min);
    EXPECT_GT(tries, 500U);
    const auto state = outbox.state(now, wall);
    EXPECT_EQ(state.dead_expired, 2U);
    EXPECT_EQ(state.queued, 0U);
}

TEST(Outbox, FullTurnsTheOldestThatIsNotOnItsWayIntoADeadLetter) {
    RetryPolicy policy;
    policy.queue = 3;
    Outbox outbox{receiver(), policy, 1};
    outbox.push(document("on its way"), 0ms);
    EXPECT_EQ(started(outbox, 0ms).size(), 1U);
    for (const char* id : {"old", "b", "c"}) outbox.push(document(id), 0ms);
    EXPECT_EQ(outbox.state(0ms, wall).dead_queue_full, 1U);
    EXPECT_EQ(outbox.state(0ms, wall).queued, 3U);
    EXPECT_EQ(started(outbox, 0ms), (Ids{"b", "c"}));
}

TEST(Outbox, HurryTriesEverythingOnceMore) {
    Outbox outbox{receiver(), {}, 1};
    for (int i = 0; i < 3; ++i) outbox.push(document(std::to_string(i)), 0ms);
    while (const auto* item = outbox.start(0ms)) outbox.settle(item->number, unreachable, 0ms, wall);
    EXPECT_EQ(started(outbox, 0ms), Ids{});
    outbox.hurry(0ms, wall);
    EXPECT_EQ(started(outbox, 0ms).size(), 3U);
    for (std::uint64_t number = 1; number <= 3; ++number) outbox.settle(number, unreachable, 0ms, wall);
    EXPECT_EQ(started(outbox, 1h), Ids{});
    EXPECT_EQ(outbox.discard(), 3U);
    EXPECT_EQ(outbox.state(0ms, wall).dead_removed, 3U);
}

std::shared_ptr<const Delivery> numbered(std::uint64_t number, const std::string& alert_id,
                                         AlertState state = AlertState::firing) {
    Delivery made;
    made.alert_id = alert_id;
    made.number = number;
    made.rule = "port_scan";
    made.state = state;
    made.document = R"({"rule":{"id":"port_scan","name":"Port scan"},"observer":{"name":"here"}})";
    return std::make_shared<const Delivery>(made);
}

TEST(Outbox, KnowsHowFarItsReceiverHasCome) {
    Outbox outbox{receiver(), {}, 1};
    outbox.begin_at(10);
    EXPECT_EQ(outbox.progress(), (ReceiverProgress{"ops", 10, {}}));
    for (const std::uint64_t number : {11, 12, 13}) outbox.push(numbered(number, std::to_string(number)), 0ms);
    EXPECT_EQ(outbox.progress(), (ReceiverProgress{"ops", 10, {}}));
    started(outbox, 0ms);
    outbox.settle(12, delivered, 0ms, wall);
    EXPECT_EQ(outbox.progress(), (ReceiverProgress{"ops", 12, {11}}));
    outbox.pass(14);
    EXPECT_EQ(outbox.progress().position, 12U) << "what waits before it must not be passed over";
    outbox.settle(13, delivered, 0ms, wall);
    outbox.settle(11, delivered, 0ms, wall);
    outbox.pass(15);
    EXPECT_EQ(outbox.progress(), (ReceiverProgress{"ops", 15, {}}));
}

TEST(Outbox, TurnsAStormIntoARollUpThatCountsExactly) {
    auto options = receiver();
    options.settings.most_per_minute = 10;
    Outbox outbox{options, {}, 1};
    for (std::uint64_t i = 1; i <= 100; ++i) outbox.push(numbered(i, std::to_string(i)), 0ms, wall);
    EXPECT_EQ(outbox.state(0ms, wall).queued, 5U) << "a rule may use half of what the receiver takes";
    outbox.push(numbered(101, "1", AlertState::resolved), 0ms, wall);
    EXPECT_EQ(outbox.state(0ms, wall).queued, 6U) << "what was told to fire is told to end";
    for (int rounds = 0; rounds < 3; ++rounds) {
        while (const auto* item = outbox.start(0ms, wall)) outbox.settle(item->number, delivered, 0ms, wall);
    }
    EXPECT_EQ(outbox.progress().stragglers.size(), 95U);
    const auto due = outbox.next_start(0ms);
    ASSERT_TRUE(due);
    EXPECT_EQ(*due, 60s);
    const auto* rollup = outbox.start(60s, wall + 60);
    ASSERT_TRUE(rollup);
    EXPECT_NE(rollup->delivery->document.find(R"("documents":95,"firing":95)"), std::string::npos)
        << rollup->delivery->document;
    outbox.settle(rollup->number, delivered, 60s, wall + 60);
    EXPECT_EQ(outbox.progress(), (ReceiverProgress{"ops", 101, {}}));
    EXPECT_EQ(outbox.state(60s, wall).rolled_up, 95U);
    const auto* end = outbox.start(120s, wall + 120);
    ASSERT_TRUE(end) << "a quiet minute ends the storm";
    EXPECT_EQ(end->delivery->state, AlertState::resolved);
    outbox.settle(end->number, delivered, 120s, wall + 120);
    EXPECT_FALSE(outbox.next_start(120s));
}

TEST(Outbox, SaysWhichDocumentsBecameDeadLetters) {
    RetryPolicy policy;
    policy.queue = 2;
    Outbox outbox{receiver(), policy, 1};
    for (const std::uint64_t number : {1, 2, 3}) outbox.push(numbered(number, "a" + std::to_string(number)), 0ms);
    const auto dead = outbox.take_dead();
    ASSERT_EQ(dead.size(), 1U);
    EXPECT_EQ(dead[0].number, 1U);
    EXPECT_EQ(dead[0].why, "queue_full");
    EXPECT_TRUE(outbox.take_dead().empty());
}

TEST(Outbox, CountsTheJournalsTimeTowardsGivingUp) {
    auto options = receiver();
    options.settings.give_up_after = 1h;
    Outbox outbox{options, {}, 1};
    outbox.push(numbered(1, "old"), 0ms, wall, 2h);
    EXPECT_FALSE(outbox.start(0ms, wall));
    EXPECT_EQ(outbox.state(0ms, wall).dead_expired, 1U);
}

TEST(Outbox, CountsEachKindOfFailureAndShowsNoSecret) {
    Outbox outbox{receiver(), {}, 1};
    const std::pair<Kind, std::uint64_t ReceiverState::*> kinds[] = {{Kind::connect, &ReceiverState::failed_connect},
                                                                     {Kind::timeout, &ReceiverState::failed_timeout},
                                                                     {Kind::status, &ReceiverState::failed_status},
                                                                     {Kind::answer, &ReceiverState::failed_answer}};
    outbox.push(document("a"), 0ms);
    auto now = 0ms;
    for (const auto& [kind, counter] : kinds) {
        now = *outbox.next_start(now);
        outbox.settle(outbox.start(now)->number, {kind, 500, "why", {}}, now, wall);
        EXPECT_EQ(outbox.state(now, wall).*counter, 1U);
    }
    const auto state = outbox.state(now, wall);
    EXPECT_EQ(state.target, "https://hooks.example.org:8443");
    EXPECT_EQ(state.last_error, "why");
    EXPECT_GT(state.next_try, wall);
}

struct MatchRow {
    const char* name;
    ReceiverMatch match;
    const char* about;
    bool taken;
};

class Match : public ::testing::TestWithParam<MatchRow> {};

TEST_P(Match, DecidesWhoGetsADocument) {
    Delivery delivery;
    delivery.rule = "port_scan";
    delivery.severity = Severity::warning;
    delivery.urgency = Urgency::ticket;
    delivery.about_receiver = GetParam().about;
    ReceiverSettings settings;
    settings.name = "ops";
    settings.match = GetParam().match;
    EXPECT_EQ(takes(settings, delivery), GetParam().taken);
}

const ReceiverMatch notes_too{{}, {}, {}};

INSTANTIATE_TEST_SUITE_P(, Match,
                         ::testing::Values(MatchRow{"pages_and_tickets_by_default", {}, "", true},
                                           MatchRow{"its_rule", {{"arp_scan", "port_scan"}, {}, {}}, "", true},
                                           MatchRow{"another_rule", {{"arp_scan"}, {}, {}}, "", false},
                                           MatchRow{"another_severity", {{}, {Severity::critical}, {}}, "", false},
                                           MatchRow{"another_urgency", {{}, {}, {Urgency::page}}, "", false},
                                           MatchRow{"everything", notes_too, "", true},
                                           MatchRow{"not_about_itself", {}, "ops", false},
                                           MatchRow{"about_another", {}, "chat", true}),
                         [](const auto& row) { return row.param.name; });

TEST(MatchOfUrgency, LeavesNotesOutUnlessAskedFor) {
    Delivery note;
    note.urgency = Urgency::note;
    ReceiverSettings settings;
    settings.name = "ops";
    EXPECT_FALSE(takes(settings, note));
    settings.match = notes_too;
    EXPECT_TRUE(takes(settings, note));
}

TEST(DeliveryOf, GivesEachDocumentAnIdOfItsOwnThatStaysTheSame) {
    Alert alert;
    alert.id = "b7c1e0a4d95f2c33";
    alert.time = event_time(1335883472157000000);
    EXPECT_EQ(delivery_of(alert, "{}").webhook_id, "b7c1e0a4d95f2c33-firing-1335883472157000000");
    EXPECT_EQ(delivery_of(alert, "{}").webhook_id, delivery_of(alert, "{ }").webhook_id);
    alert.state = AlertState::resolved;
    EXPECT_NE(delivery_of(alert, "{}").webhook_id, "b7c1e0a4d95f2c33-firing-1335883472157000000");
}

}  // namespace
}  // namespace wiresage::testing
