// The store of alerts: one document an alert, newest first, bounded; its filters and cursors.

#include "serve/alert_store.hpp"

#include <gtest/gtest.h>

#include "serve/alert_query.hpp"

namespace wiresage::testing {
namespace {

Alert alert(const std::string& id, AlertState state = AlertState::firing, const std::string& rule = "tcp_syn_flood") {
    Alert made;
    made.id = id;
    made.rule_id = rule;
    made.state = state;
    made.severity = Severity::error;
    made.stamp = event_time(1'000'000'000);
    made.finding.source = End::of(ipv4(10, 0, 0, 1));
    return made;
}

std::vector<std::string> ids(const AlertStore::Page& page) {
    std::vector<std::string> found;
    for (const auto* stored : page.alerts) found.push_back(stored->id);
    return found;
}

using Ids = std::vector<std::string>;

TEST(AlertStore, KeepsTheLatestDocumentOfEachAlert) {
    AlertStore store;
    store.put(alert("a"), "first");
    store.put(alert("b"), "other");
    store.put(alert("a", AlertState::resolved), "last");
    EXPECT_EQ(store.size(), 2U);
    EXPECT_EQ(store.firing(), 1U);
    ASSERT_TRUE(store.find("a"));
    EXPECT_EQ(store.find("a")->document, "last");
    EXPECT_EQ(ids(store.select({})), (Ids{"a", "b"}));
    EXPECT_FALSE(store.find("c"));
}

TEST(AlertStore, FullLetsTheOldestResolvedGoBeforeAnythingThatFires) {
    AlertStore store{3};
    store.put(alert("fires"), "");
    store.put(alert("done", AlertState::resolved), "");
    store.put(alert("also"), "");
    store.put(alert("new"), "");
    EXPECT_EQ(ids(store.select({})), (Ids{"new", "also", "fires"}));
    EXPECT_EQ(store.evicted_resolved(), 1U);
    store.put(alert("newer"), "");
    EXPECT_EQ(ids(store.select({})), (Ids{"newer", "new", "also"}));
    EXPECT_EQ(store.evicted_firing(), 1U);
}

TEST(AlertStore, PagesFollowEachOtherWithoutGapOrRepeat) {
    AlertStore store;
    for (int i = 0; i < 5; ++i) store.put(alert(std::to_string(i)), "");
    AlertQuery query;
    query.limit = 2;
    Ids seen;
    for (int pages = 0; pages < 3; ++pages) {
        const auto page = store.select(query);
        for (const auto& id : ids(page)) seen.push_back(id);
        EXPECT_EQ(page.next.has_value(), pages < 2);
        query.before = page.next;
    }
    EXPECT_EQ(seen, (Ids{"4", "3", "2", "1", "0"}));
}

TEST(AlertStore, GivesWhatAReaderMissedOldestFirst) {
    AlertStore store;
    store.put(alert("a"), "");
    const auto seen = store.put(alert("b"), "");
    store.put(alert("c"), "");
    store.put(alert("d"), "");
    ASSERT_EQ(store.after(seen, 10).size(), 2U);
    EXPECT_EQ(store.after(seen, 10)[0]->id, "c");
    ASSERT_EQ(store.after(seen, 1).size(), 1U);
    EXPECT_EQ(store.after(seen, 1)[0]->id, "d");
    EXPECT_TRUE(store.after(99, 10).empty());
}

struct FilterRow {
    const char* name;
    const char* query;
    Ids found;
};

class AlertFilter : public ::testing::TestWithParam<FilterRow> {};

TEST_P(AlertFilter, FindsWhatItNames) {
    AlertStore store;
    store.put(alert("scan", AlertState::firing, "port_scan"), "");
    auto update = alert("flood", AlertState::update);
    update.severity = Severity::critical;
    update.stamp = event_time(5'000'000'000);
    update.finding.source = End::of(ipv4(192, 0, 2, 9));
    store.put(update, "");
    auto resolved = alert("over", AlertState::resolved);
    resolved.finding.source = {};
    store.put(resolved, "");

    const auto parsed = parse_alert_query(*parse_target(GetParam().query));
    EXPECT_EQ(parsed.error, "");
    EXPECT_EQ(ids(store.select(parsed.query)), GetParam().found);
}

const FilterRow filters[] = {
    {"nothing", "/", {"over", "flood", "scan"}},
    {"rule", "/?rule=port_scan", {"scan"}},
    {"two_rules", "/?rule=port_scan,tcp_syn_flood", {"over", "flood", "scan"}},
    {"unknown_rule", "/?rule=nope", {}},
    {"severity", "/?severity=critical", {"flood"}},
    {"firing_means_not_resolved", "/?state=firing", {"flood", "scan"}},
    {"update", "/?state=update", {"flood"}},
    {"resolved", "/?state=resolved", {"over"}},
    {"source", "/?source=192.0.2.9", {"flood"}},
    {"source_network", "/?source=10.0.0.0/8", {"scan"}},
    {"since", "/?since=1970-01-01T00:00:05Z", {"flood"}},
    {"since_unix", "/?since=2", {"flood"}},
    {"both", "/?rule=tcp_syn_flood&state=resolved", {"over"}},
};

INSTANTIATE_TEST_SUITE_P(, AlertFilter, ::testing::ValuesIn(filters), [](const auto& row) { return row.param.name; });

class BadFilter : public ::testing::TestWithParam<const char*> {};

TEST_P(BadFilter, IsNamedInTheAnswer) { EXPECT_NE(parse_alert_query(*parse_target(GetParam())).error, ""); }

INSTANTIATE_TEST_SUITE_P(, BadFilter,
                         ::testing::Values("/?severity=bad", "/?state=open", "/?source=here", "/?since=yesterday",
                                           "/?limit=0", "/?limit=501", "/?limit=-1", "/?limit=", "/?cursor=x",
                                           "/?colour=red"));

struct TimeRow {
    const char* text;
    std::int64_t nanoseconds;
};

class ParseTime : public ::testing::TestWithParam<TimeRow> {};

TEST_P(ParseTime, UnderstandsRfc3339) {
    const auto time = parse_time(GetParam().text);
    ASSERT_TRUE(time) << GetParam().text;
    EXPECT_EQ(unix_nanoseconds(*time), GetParam().nanoseconds);
}

INSTANTIATE_TEST_SUITE_P(, ParseTime,
                         ::testing::Values(TimeRow{"1970-01-01T00:00:00Z", 0},
                                           TimeRow{"2012-05-01T14:44:32.157Z", 1335883472157000000},
                                           TimeRow{"2012-05-01T14:44:32.157000001z", 1335883472157000001},
                                           TimeRow{"2012-05-01T16:44:32+02:00", 1335883472000000000},
                                           TimeRow{"2012-05-01T16:44:32 02:00", 1335883472000000000},
                                           TimeRow{"2012-05-01T09:14:32-05:30", 1335883472000000000},
                                           TimeRow{"1335883472", 1335883472000000000}));

class BadTime : public ::testing::TestWithParam<const char*> {};

TEST_P(BadTime, IsRefused) { EXPECT_FALSE(parse_time(GetParam())); }

INSTANTIATE_TEST_SUITE_P(, BadTime,
                         ::testing::Values("", "now", "2012-05-01", "2012-13-01T00:00:00Z", "2012-02-30T00:00:00Z",
                                           "2012-05-01T24:00:00Z", "2012-05-01T00:00:00", "2012-05-01T00:00:00.Z",
                                           "2012-05-01T00:00:00+2:00", "9999-05-01T00:00:00Z", "2012-05-01T-1:00:00Z",
                                           "-1", "99999999999999"));

}  // namespace
}  // namespace wiresage::testing
