// One document as the HTTP request that a type of receiver wants.

#include "deliver/request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/log.hpp"
#include "deliver/alertmanager.hpp"
#include "deliver/document.hpp"
#include "deliver/signature.hpp"

namespace wiresage {

namespace {

using nlohmann::json;
using Ordered = nlohmann::ordered_json;

template <typename Value>
std::string dumped(const Value& value) {
    return value.dump(-1, ' ', false, Value::error_handler_t::replace);
}

std::string cut(std::string text, std::size_t most) { return printable(text, most); }

bool is_resolved(const Delivery& delivery) { return delivery.state == AlertState::resolved; }

/// "[RESOLVED] " or "[CRITICAL] ".
std::string mark(const Delivery& delivery, const json& document) {
    auto word = is_resolved(delivery) ? std::string{"resolved"} : text_at(document, "/wiresage/severity");
    std::ranges::transform(word, word.begin(),
                           [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    return "[" + word + "] ";
}

/// What people want to see beside the sentence: names and values, in this order, the unknown left out.
std::vector<std::pair<std::string, std::string>> shown_facts(const json& document) {
    std::vector<std::pair<std::string, std::string>> facts;
    const auto add = [&](const char* title, const std::string& value) {
        if (!value.empty()) facts.emplace_back(title, cut(value, 300));
    };
    add("Source", end_text(document, "source"));
    add("Destination", end_text(document, "destination"));
    add("Process", text_at(document, "/process/name"));
    add("Sensor", text_at(document, "/observer/name"));
    add("Since", text_at(document, "/event/start"));
    add("Confidence", text_at(document, "/wiresage/confidence"));
    add("Cause", text_at(document, "/wiresage/cause"));
    add("Wireshark", text_at(document, "/wiresage/wireshark_filter"));
    const json::json_pointer steps{"/wiresage/next_steps"};
    if (document.contains(steps) && !document.at(steps).empty())
        add("Next step", value_text(document.at(steps).front()));
    add("Alert", text_at(document, "/event/id"));
    return facts;
}

/// Alertmanager's webhook, version 4 (notify/webhook/webhook.go, template/template.go).
std::string webhook_v4(const ReceiverOptions& receiver, const Delivery& delivery, const json& document,
                       std::int64_t unix_now) {
    const auto labels = alert_labels(document);
    const auto annotations = alert_annotations(document);
    const char* const status = is_resolved(delivery) ? "resolved" : "firing";
    const auto ends = is_resolved(delivery) ? rfc3339(EventTime{std::chrono::seconds{unix_now}})
                                            : std::string{"0001-01-01T00:00:00Z"};
    Ordered alert{{"status", status},
                  {"labels", labels},
                  {"annotations", annotations},
                  {"startsAt", text_at(document, "/event/start")},
                  {"endsAt", ends},
                  {"generatorURL", ""},
                  {"fingerprint", delivery.alert_id}};
    Ordered body{{"version", "4"},
                 {"groupKey", fmt::format("{{}}:{{alertname=\"{}\"}}", delivery.rule)},
                 {"truncatedAlerts", 0},
                 {"status", status},
                 {"receiver", receiver.settings.name},
                 {"groupLabels", {{"alertname", delivery.rule}}},
                 {"commonLabels", labels},
                 {"commonAnnotations", annotations},
                 {"externalURL", ""},
                 {"alerts", Ordered::array({alert})}};
    return dumped(body);
}

/// PagerDuty's Events API v2: trigger and resolve under one dedup_key.
std::string pagerduty_event(const ReceiverOptions& receiver, const Delivery& delivery, const json& document) {
    Ordered body{{"routing_key", receiver.secret},
                 {"event_action", is_resolved(delivery) ? "resolve" : "trigger"},
                 {"dedup_key", delivery.alert_id}};
    if (is_resolved(delivery)) return dumped(body);
    auto source = end_text(document, "source");
    if (source.empty()) source = text_at(document, "/observer/name");
    const auto own = document.find("wiresage");
    body["payload"] = {{"summary", cut(fmt::format("{}: {}", delivery.rule, text_at(document, "/message")), 1024)},
                       {"source", source.empty() ? "wiresage" : source},
                       {"severity", text_at(document, "/wiresage/severity")},  // Its four words are ours.
                       {"timestamp", text_at(document, "/@timestamp")},
                       {"component", end_text(document, "destination")},
                       {"group", text_at(document, "/observer/name")},
                       {"class", delivery.rule},
                       {"custom_details", own == document.end() ? json::object() : *own}};
    body["client"] = "wiresage";
    return dumped(body);
}

/// Slack's incoming webhooks: a line for notifications, and blocks.  &, < and > must be escaped.
std::string slack_message(const Delivery& delivery, const json& document) {
    const auto escaped = [](const std::string& text) {
        std::string made;
        for (const char c : text) made += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : std::string{c};
        return made;
    };
    const auto title = escaped(mark(delivery, document) + delivery.rule);
    const auto message = escaped(cut(text_at(document, "/message"), 1'000));
    std::string lines;
    for (const auto& [name, value] : shown_facts(document)) lines += fmt::format("*{}:* {}\n", name, escaped(value));
    Ordered blocks = Ordered::array(
        {{{"type", "section"}, {"text", {{"type", "mrkdwn"}, {"text", fmt::format("*{}*\n{}", title, message)}}}}});
    if (!lines.empty())
        blocks.push_back(
            {{"type", "context"}, {"elements", Ordered::array({{{"type", "mrkdwn"}, {"text", cut(lines, 2'900)}}})}});
    // printable() has turned line feeds into \x0a: a context takes them as they are.
    if (!lines.empty()) blocks[1]["elements"][0]["text"] = lines.substr(0, 2'900);
    return dumped(Ordered{{"text", title + " " + message}, {"blocks", blocks}});
}

/// Microsoft Teams, "Workflows" webhooks: a message with an Adaptive Card.
std::string teams_message(const Delivery& delivery, const json& document) {
    Ordered facts = Ordered::array();
    for (const auto& [name, value] : shown_facts(document)) facts.push_back({{"title", name}, {"value", value}});
    const bool is_bad = !is_resolved(delivery) && delivery.severity >= Severity::error;
    Ordered card{
        {"$schema", "http://adaptivecards.io/schemas/adaptive-card.json"},
        {"type", "AdaptiveCard"},
        {"version", "1.4"},
        {"body",
         Ordered::array({{{"type", "TextBlock"},
                          {"size", "Medium"},
                          {"weight", "Bolder"},
                          {"wrap", true},
                          {"text", mark(delivery, document) + delivery.rule},
                          {"color", is_resolved(delivery) ? "Good"
                                    : is_bad              ? "Attention"
                                                          : "Warning"}},
                         {{"type", "TextBlock"}, {"wrap", true}, {"text", cut(text_at(document, "/message"), 1'000)}},
                         {{"type", "FactSet"}, {"facts", facts}}})}};
    return dumped(Ordered{{"type", "message"},
                          {"attachments", Ordered::array({{{"contentType", "application/vnd.microsoft.card.adaptive"},
                                                           {"contentUrl", nullptr},
                                                           {"content", card}}})}});
}

void sign(DeliveryRequest& request, const ReceiverOptions& receiver, const Delivery& delivery, std::int64_t unix_now) {
    request.headers.push_back("webhook-id: " + delivery.webhook_id);
    request.headers.push_back(fmt::format("webhook-timestamp: {}", unix_now));
    const auto key = signing_key(receiver.secret);
    if (!key || key->empty()) return;
    request.headers.push_back("webhook-signature: " +
                              webhook_signature(*key, delivery.webhook_id, unix_now, request.body));
}

std::string alertmanager_url(std::string url) {
    constexpr std::string_view path = "/api/v2/alerts";
    if (url.ends_with(path)) return url;
    while (url.ends_with('/')) url.pop_back();
    return url.append(path);
}

}  // namespace

DeliveryRequest request_of(const ReceiverOptions& receiver, const Delivery& delivery, std::int64_t unix_now,
                           std::string body) {
    const auto& settings = receiver.settings;
    DeliveryRequest request{
        settings.urls.empty() ? std::string{} : settings.urls.front(), {"Content-Type: application/json"}, {}};
    const auto parsed = [&] { return json::parse(delivery.document, nullptr, false); };
    switch (settings.type) {
        case ReceiverType::webhook:
            request.body = settings.body == WebhookBody::document ? delivery.document
                                                                  : webhook_v4(receiver, delivery, parsed(), unix_now);
            sign(request, receiver, delivery, unix_now);
            break;
        case ReceiverType::alertmanager:
            request.url = alertmanager_url(request.url);
            request.body = std::move(body);
            if (!receiver.secret.empty()) request.headers.push_back("Authorization: Bearer " + receiver.secret);
            break;
        case ReceiverType::pagerduty:
            request.body = pagerduty_event(receiver, delivery, parsed());
            break;
        case ReceiverType::slack:
            request.body = slack_message(delivery, parsed());
            break;
        case ReceiverType::msteams:
            request.body = teams_message(delivery, parsed());
            break;
        case ReceiverType::file:
        case ReceiverType::syslog:
            break;
    }
    return request;
}

std::string value_text(const json& value) {
    if (value.is_string()) return value.get<std::string>();
    if (value.is_boolean()) return value.get<bool>() ? "true" : "false";
    if (value.is_number_float()) return fmt::format("{}", value.get<double>());
    if (value.is_number()) return value.dump();
    std::string list;
    if (value.is_array()) {
        for (const auto& each : value) list += (list.empty() ? "" : ", ") + value_text(each);
    }
    return list;
}

std::string text_at(const json& document, const char* pointer) {
    const json::json_pointer where{pointer};
    return document.is_object() && document.contains(where) ? value_text(document.at(where)) : std::string{};
}

std::string end_text(const json& document, const char* side) {
    const auto prefix = std::string{"/"} + side;
    const auto ip = text_at(document, (prefix + "/ip").c_str());
    const auto port = text_at(document, (prefix + "/port").c_str());
    if (ip.empty()) return text_at(document, (prefix + "/mac").c_str());
    if (port.empty()) return ip;
    return ip.find(':') == std::string::npos ? ip + ":" + port : "[" + ip + "]:" + port;
}

std::string line_of(const std::string& document) {
    const auto read = json::parse(document, nullptr, false);
    return fmt::format("{} {} {} {}: {}", text_at(read, "/wiresage/state"), text_at(read, "/wiresage/severity"),
                       text_at(read, "/rule/id"), text_at(read, "/event/id"),
                       printable(text_at(read, "/message"), 1'024));
}

}  // namespace wiresage
