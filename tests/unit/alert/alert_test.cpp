// An alert's identity and its document, byte for byte.

#include "alert/alert.hpp"

#include <gtest/gtest.h>

#include "alert/community_id.hpp"

namespace wiresage {
namespace {

Alert made() {
    Alert alert;
    alert.id = alert_id("a_rule", "10.0.0.1", "cap01");
    alert.rule_id = "a_rule";
    alert.rule_name = "A rule";
    alert.category = "tcp";
    alert.severity = Severity::error;
    alert.stamp = event_time(1'335'883'472'157'000'000);
    auto& finding = alert.finding;
    finding.entity = "10.0.0.1";
    finding.source = End::of(Endpoint{ipv4(10, 0, 0, 1), 40000});
    finding.source.mac = MacAddress{{0, 0x12, 0x34, 0x56, 0x78, 0x1b}};
    finding.destination = End::of(Endpoint{ipv4(10, 0, 0, 2), 443});
    finding.transport = Transport::tcp;
    finding.evidence.set("count", 3);
    finding.evidence.set("share", 0.5);
    finding.evidence.set("answered", false);
    finding.evidence.set("text", std::string{"bad\xff\n\"quote\""});
    finding.evidence.set("ports", std::vector<std::int64_t>{80, 443}, 40);
    finding.start = finding.start_stamp = event_time(1'335'883'472'000'000'000);
    finding.vlan = 40;
    finding.packets.push_back({0, 456});
    finding.message = "10.0.0.1 does it";
    finding.cause = "because";
    finding.next_steps = {"look"};
    finding.threshold = {{"least", std::int64_t{3}}};
    finding.window_seconds = 10;
    return alert;
}

TEST(AlertId, IsTheFirstEightBytesOfSha256OverRuleEntityAndObserver) {
    // printf "a_rule\0%s\0cap01" 10.0.0.1 | sha256sum
    EXPECT_EQ(alert_id("a_rule", "10.0.0.1", "cap01"), "dbfead4c3fb344f4");
    EXPECT_NE(alert_id("a_rule", "10.0.0.1", "cap01"), alert_id("a_rule", "10.0.0.1c", "ap01"));
}

TEST(AlertJson, IsTheContractsDocument) {
    ObserverView observer{.name = "cap01", .version = "0.1.0", .labels = {{"site", "ams1"}}, .inputs = {{"a.pcap", "eth0"}}};
    EXPECT_EQ(alert_json(made(), observer),
              R"({"@timestamp":"2012-05-01T14:44:32.157000000Z","ecs":{"version":"8.17.0"},"message":"10.0.0.1 does it",)"
              R"("labels":{"site":"ams1"},)"
              R"("event":{"kind":"alert","module":"wiresage","dataset":"wiresage.alert","id":")" + made().id +
              R"(","action":"firing","severity":75,"start":"2012-05-01T14:44:32.000000000Z"},)"
              R"("rule":{"id":"a_rule","name":"A rule","category":"tcp"},)"
              R"("observer":{"name":"cap01","product":"wiresage","version":"0.1.0","ingress":{"interface":{"name":"eth0"},"vlan":{"id":"40"}}},)"
              R"("source":{"ip":"10.0.0.1","port":40000,"mac":"00-12-34-56-78-1B"},"destination":{"ip":"10.0.0.2","port":443},)"
              R"("network":{"transport":"tcp","type":"ipv4","community_id":")" +
              community_id(6, {ipv4(10, 0, 0, 1), 40000}, {ipv4(10, 0, 0, 2), 443}) +
              R"("},"wiresage":{"severity":"error","state":"firing","entity":"10.0.0.1",)"
              R"("evidence":{"count":3,"share":0.5,"answered":false,"text":"bad�\\x0a\"quote\"","ports":[80,443],"ports_total":40},)"
              R"("threshold":{"least":3},"window_s":10.0,"confidence":"high","capture":{"dropped_ratio":0.0},"cause":"because",)"
              R"("next_steps":["look"],"impact":{"flows":0,"peers":0},"urgency":"note","caused_by":null,)"
              R"("packets":[{"input":"a.pcap","frame":456}]}})");
}

TEST(AlertText, TellsWhatWhoNumbersWhyAndWhatNext) {
    const ObserverView observer{.name = "cap01", .version = "0.1.0", .labels = {}, .inputs = {{"a.pcap", ""}}};
    const auto text = alert_text(made(), observer, false);
    for (const auto* const part : {"error firing a_rule", "what     10.0.0.1 does it", "10.0.0.1:40000", "VLAN 40", "in a.pcap", "count=3",
                                   "because", "1. look"}) {
        EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
    }
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_NE(alert_text(made(), observer, true).find('\x1b'), std::string::npos);
}

TEST(CommunityId, IsWhatTheSpecificationsExamplesSay) {
    // Worked examples of the Community ID specification (TCP, UDP and IPv6 baselines of its reference implementation).
    EXPECT_EQ(community_id(6, {ipv4(128, 232, 110, 120), 34855}, {ipv4(66, 35, 250, 204), 80}), "1:LQU9qZlK+B5F3KDmev6m5PMibrg=");
    EXPECT_EQ(community_id(6, {ipv4(66, 35, 250, 204), 80}, {ipv4(128, 232, 110, 120), 34855}), "1:LQU9qZlK+B5F3KDmev6m5PMibrg=");
    EXPECT_EQ(community_id(17, {ipv4(192, 168, 1, 52), 54585}, {ipv4(8, 8, 8, 8), 53}), "1:d/FP5EW3wiY1vCndhwleRRKHowQ=");
}

}  // namespace
}  // namespace wiresage
