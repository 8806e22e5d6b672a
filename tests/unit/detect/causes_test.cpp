// Root before symptom: the declared table, and who explains whom.

#include "detect/causes.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>

#include "base/address.hpp"

namespace wiresage {
namespace {

using namespace std::chrono_literals;

constexpr EventTime start = event_time(1'600'000'000'000'000'000);
const Endpoint service{ipv4(10, 0, 0, 80), 443};

TEST(CauseTable, IsAcyclic) {
    std::map<std::string_view, std::set<std::string_view>> explains;
    for (const auto& row : cause_rows()) explains[row.cause].insert(row.symptom);
    std::set<std::string_view> done;
    std::set<std::string_view> on_the_way;
    const std::function<bool(std::string_view)> is_acyclic = [&](std::string_view rule) {
        if (done.contains(rule)) return true;
        if (!on_the_way.insert(rule).second) return false;
        for (const auto symptom : explains[rule]) {
            if (!is_acyclic(symptom)) return false;
        }
        on_the_way.erase(rule);
        done.insert(rule);
        return true;
    };
    for (const auto& row : cause_rows()) EXPECT_TRUE(is_acyclic(row.cause)) << row.cause;
    EXPECT_GE(done.size(), 20U);
}

TEST(CauseTable, RulesAboutTheCaptureExplainNoFault) {
    for (const auto& row : cause_rows()) EXPECT_FALSE(row.cause.starts_with("capture_")) << row.symptom;
}

TEST(CauseTable, NoRowExplainsItselfAndAllHaveTimes) {
    for (const auto& row : cause_rows()) {
        EXPECT_NE(row.cause, row.symptom);
        EXPECT_GT(row.lead, 0s);
        EXPECT_GT(row.lag, 0s);
    }
}

Finding flood(EventTime began = start, Confidence confidence = Confidence::high, const Endpoint& of = service) {
    Finding made;
    made.destination = End::of(of);
    made.start = began;
    made.confidence = confidence;
    return made;
}

Finding timeout(EventTime began, const Endpoint& of = service) {
    Finding made;
    made.destination = End::of(of);
    made.start = began;
    made.confidence = Confidence::medium;
    return made;
}

struct Row {
    const char* name;
    Finding cause;
    EventTime cause_last;
    Finding symptom;
    bool explained;
};

class CauseOf : public ::testing::TestWithParam<Row> {};

TEST_P(CauseOf, NeedsEqualKeysTimesAndConfidence) {
    const auto& row = GetParam();
    Causes causes;
    causes.open("cause", {"tcp_syn_flood", &row.cause, row.cause_last});
    const auto found = causes.cause_of("symptom", {"tcp_connect_timeout", &row.symptom, row.symptom.start});
    EXPECT_EQ(found, row.explained ? "cause" : "");
}

INSTANTIATE_TEST_SUITE_P(
    Rows, CauseOf,
    ::testing::Values(Row{"one service", flood(), start + 5s, timeout(start + 2s), true},
                      Row{"another service", flood(), start + 5s, timeout(start + 2s, {service.ip, 80}), false},
                      Row{"the cause goes on for long", flood(), start + 600s, timeout(start + 590s), true},
                      Row{"the cause ended 31 s before", flood(), start + 5s, timeout(start + 36s + 1ms), false},
                      Row{"the cause came 10 s later", flood(start + 10s), start + 12s, timeout(start), true},
                      Row{"the cause came too late", flood(start + 11s), start + 12s, timeout(start), false},
                      Row{"a cause less sure", flood(start, Confidence::low), start + 5s, timeout(start + 2s), false},
                      Row{"a cause without a service", Finding{}, start + 5s, timeout(start + 2s), false}),
    [](const auto& row) { return "Row" + std::to_string(row.index); });

TEST(Causes, ACauseThatIsClosedExplainsNothing) {
    Causes causes;
    const auto cause = flood();
    const auto symptom = timeout(start + 1s);
    EXPECT_TRUE(causes.open("cause", {"tcp_syn_flood", &cause, start}));
    EXPECT_FALSE(causes.open("cause", {"tcp_syn_flood", &cause, start + 1s}));
    causes.close("cause");
    EXPECT_EQ(causes.cause_of("symptom", {"tcp_connect_timeout", &symptom, start + 1s}), "");
}

TEST(Causes, AnotherVlanIsAnotherService) {
    Causes causes;
    auto cause = flood();
    auto symptom = timeout(start + 1s);
    cause.vlan = 10;
    symptom.vlan = 20;
    causes.open("cause", {"tcp_syn_flood", &cause, start + 5s});
    EXPECT_EQ(causes.cause_of("symptom", {"tcp_connect_timeout", &symptom, start + 1s}), "");
}

TEST(Causes, AnAnswerFromElsewhereExplainsTheSilenceOfWhoWasAsked) {
    Causes causes;
    Finding cause;
    cause.source = End::of(Endpoint{ipv4(192, 168, 29, 49), 1434});
    cause.destination = End::of(ipv4(192, 168, 1, 7));
    cause.evidence.set("requested_ip", "192.168.29.47");
    cause.start = start;
    Finding symptom;
    symptom.source = End::of(ipv4(192, 168, 1, 7));
    symptom.destination = End::of(Endpoint{ipv4(192, 168, 29, 47), 1434});
    symptom.start = start;
    causes.open("cause", {"udp_reply_from_other_address", &cause, start + 9s});
    EXPECT_EQ(causes.cause_of("symptom", {"udp_request_unanswered", &symptom, start + 9s}), "cause");
}

TEST(Causes, APeersNetIsTakenFromItsAddress) {
    for (const auto& [net, address] : {std::pair{"198.51.100.0/24", ipv4(198, 51, 100, 77)},
                                       std::pair{"2001:db8:7::/48", Network::parse("2001:db8:7:1::5/128")->base}}) {
        Causes causes;
        Finding cause;
        cause.evidence.set("peer_net", net);
        cause.start = start;
        Finding symptom;
        symptom.destination = End::of(address);
        symptom.start = start + 5s;
        causes.open("cause", {"tcp_path_loss", &cause, start + 9s});
        EXPECT_EQ(causes.cause_of("symptom", {"tcp_retransmission_stall", &symptom, start + 9s}), "cause") << net;
    }
}

}  // namespace
}  // namespace wiresage
