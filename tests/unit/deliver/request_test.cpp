// What each type of receiver is posted.

#include "deliver/request.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "deliver/alertmanager.hpp"

namespace wiresage::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr std::int64_t wall = 1'700'000'000;

Delivery delivery(AlertState state = AlertState::firing, const std::string& source = "192.0.2.1",
                  const std::string& severity = "error", const std::string& id = "b7c1e0a4d95f2c33") {
    Delivery made;
    made.alert_id = id;
    made.webhook_id = id + "-firing-1";
    made.rule = "port_scan";
    made.severity = Severity::error;
    made.state = state;
    const json document{{"@timestamp", "2023-11-14T22:13:20.000000000Z"},
                        {"message", "192.0.2.1 <tried> 20 ports & more"},
                        {"labels", {{"site", "ams1"}, {"a b", "c"}}},
                        {"event", {{"id", id}, {"start", "2023-11-14T22:13:10.000000000Z"}}},
                        {"rule", {{"id", "port_scan"}, {"category", "tcp"}}},
                        {"observer", {{"name", "cap01"}}},
                        {"source", {{"ip", source}}},
                        {"destination", {{"ip", "10.0.0.1"}, {"port", 443}}},
                        {"wiresage",
                         {{"severity", severity},
                          {"entity", source},
                          {"urgency", "page"},
                          {"cause", "because"},
                          {"next_steps", {"look", "ask"}},
                          {"evidence", {{"count", 20}, {"ports", {1, 2}}, {"stealth", true}}}}}};
    made.document = document.dump();
    return made;
}

ReceiverOptions receiver(ReceiverType type) {
    ReceiverOptions options;
    options.settings.name = "ops";
    options.settings.type = type;
    options.settings.urls = {"http://127.0.0.1:9093/base/"};
    options.secret = "key";
    return options;
}

json body_of(ReceiverType type, const Delivery& what) {
    return json::parse(request_of(receiver(type), what, wall).body);
}

TEST(Request, AWebhookGetsTheDocumentAsItIs) {
    const auto request = request_of(receiver(ReceiverType::webhook), delivery(), wall);
    EXPECT_EQ(request.body, delivery().document);
    EXPECT_THAT(request.headers, ::testing::Contains("webhook-id: b7c1e0a4d95f2c33-firing-1"));
    EXPECT_THAT(request.headers, ::testing::Contains(HasSubstr("webhook-signature: v1,")));
}

TEST(Request, AWebhookMayGetTheBodyOfAlertmanagersWebhook) {
    auto options = receiver(ReceiverType::webhook);
    options.settings.body = WebhookBody::alertmanager;
    const auto body = json::parse(request_of(options, delivery(AlertState::resolved), wall).body);
    EXPECT_EQ(body["version"], "4");
    EXPECT_EQ(body["status"], "resolved");
    EXPECT_EQ(body["receiver"], "ops");
    ASSERT_EQ(body["alerts"].size(), 1U);
    EXPECT_EQ(body["alerts"][0]["endsAt"], "2023-11-14T22:13:20.000000000Z");
    EXPECT_EQ(body["alerts"][0]["labels"]["alertname"], "port_scan");
    EXPECT_EQ(body["alerts"][0]["annotations"]["count"], "20");
    EXPECT_EQ(body["alerts"][0]["fingerprint"], "b7c1e0a4d95f2c33");
}

TEST(Request, PagerDutyTriggersAndResolvesUnderOneKey) {
    const auto trigger = body_of(ReceiverType::pagerduty, delivery());
    EXPECT_EQ(trigger["routing_key"], "key");
    EXPECT_EQ(trigger["event_action"], "trigger");
    EXPECT_EQ(trigger["dedup_key"], "b7c1e0a4d95f2c33");
    EXPECT_EQ(trigger["payload"]["severity"], "error");
    EXPECT_EQ(trigger["payload"]["source"], "192.0.2.1");
    const auto resolve = body_of(ReceiverType::pagerduty, delivery(AlertState::resolved));
    EXPECT_EQ(resolve["event_action"], "resolve");
    EXPECT_EQ(resolve["dedup_key"], trigger["dedup_key"]);
}

TEST(Request, SlackEscapesWhatItWouldRead) {
    const auto body = body_of(ReceiverType::slack, delivery());
    EXPECT_THAT(body["text"].get<std::string>(),
                HasSubstr("[ERROR] port_scan 192.0.2.1 &lt;tried&gt; 20 ports &amp; more"));
    EXPECT_EQ(body["blocks"][0]["type"], "section");
}

TEST(Request, TeamsGetsAnAdaptiveCard) {
    const auto body = body_of(ReceiverType::msteams, delivery(AlertState::resolved));
    const auto& card = body["attachments"][0];
    EXPECT_EQ(card["contentType"], "application/vnd.microsoft.card.adaptive");
    EXPECT_EQ(card["content"]["body"][0]["text"], "[RESOLVED] port_scan");
}

TEST(Request, AnAlertmanagerIsAskedUnderItsApi) {
    const auto request = request_of(receiver(ReceiverType::alertmanager), delivery(), wall, "[]");
    EXPECT_EQ(request.url, "http://127.0.0.1:9093/base/api/v2/alerts");
    EXPECT_THAT(request.headers, ::testing::Contains("Authorization: Bearer key"));
    EXPECT_EQ(request.body, "[]");
}

std::string ends(const json& alert) { return alert["endsAt"]; }

TEST(AlertmanagerFeed, PutsIdentityInLabelsAndMeasuresInAnnotations) {
    const auto labels = alert_labels(json::parse(delivery().document));
    EXPECT_EQ(labels["entity"], "192.0.2.1");
    EXPECT_EQ(labels["port"], "443");
    EXPECT_EQ(labels["site"], "ams1");
    EXPECT_EQ(labels["a_b"], "c");
    EXPECT_FALSE(labels.contains("count"));
    EXPECT_FALSE(labels.contains("interface")) << "an empty label is none";
    const auto annotations = alert_annotations(json::parse(delivery().document));
    EXPECT_EQ(annotations["ports"], "1, 2");
    EXPECT_EQ(annotations["stealth"], "true");
    EXPECT_EQ(annotations["next_steps"], "look ask");
}

TEST(AlertmanagerFeed, KeepsAnAlertOpenFourMinutesPastItsLastEvidence) {
    AlertmanagerFeed feed;
    feed.take(delivery(), wall);
    EXPECT_EQ(ends(json::parse(feed.body(delivery(), wall))[0]), "2023-11-14T22:17:20.000000000Z");
    EXPECT_EQ(ends(json::parse(feed.refresh(wall + 60))[0]), "2023-11-14T22:18:20.000000000Z");
    feed.take(delivery(AlertState::resolved), wall + 65);
    EXPECT_EQ(ends(json::parse(feed.body(delivery(AlertState::resolved), wall + 65))[0]),
              "2023-11-14T22:17:20.000000000Z");
    EXPECT_EQ(json::parse(feed.refresh(wall + 240)).size(), 1U);
    EXPECT_EQ(json::parse(feed.refresh(wall + 301)).size(), 0U);
    EXPECT_TRUE(feed.empty());
}

TEST(AlertmanagerFeed, EndsTheOldLabelsWhenTheSeverityChanges) {
    AlertmanagerFeed feed;
    feed.take(delivery(), wall);
    auto worse = delivery(AlertState::update, "192.0.2.1", "critical");
    feed.take(worse, wall + 10);
    const auto body = json::parse(feed.body(worse, wall + 10));
    ASSERT_EQ(body.size(), 2U);
    EXPECT_EQ(body[0]["labels"]["severity"], "critical");
    EXPECT_EQ(body[1]["labels"]["severity"], "error");
    EXPECT_EQ(ends(body[1]), "2023-11-14T22:13:30.000000000Z");
}

TEST(AlertmanagerFeed, CollapsesAFanOutIntoOneAlertWithItsNumber) {
    AlertmanagerFeed feed;
    for (int i = 0; i < 80; ++i)
        feed.take(delivery(AlertState::firing, "192.0.2." + std::to_string(i), "error", "id" + std::to_string(i)),
                  wall);
    const auto all = json::parse(feed.refresh(wall));
    EXPECT_EQ(all.size(), AlertmanagerFeed::most_of_rule + 1);
    const auto& crowd = all.back();
    EXPECT_EQ(crowd["annotations"]["count"], "30");
    EXPECT_FALSE(crowd["labels"].contains("source"));
    const auto one = json::parse(feed.body(delivery(AlertState::firing, "192.0.2.79", "error", "id79"), wall));
    EXPECT_EQ(one[0]["labels"], crowd["labels"]);
}

}  // namespace
}  // namespace wiresage::testing
