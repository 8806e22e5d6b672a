// What an Alertmanager is told (its API: api/v2/openapi.yaml, postableAlerts).

#include "deliver/alertmanager.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "deliver/document.hpp"

namespace wiresage {

namespace {

using nlohmann::json;

std::string dumped(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

std::string stamp(std::int64_t unix_seconds) { return rfc3339(EventTime{std::chrono::seconds{unix_seconds}}); }

json parsed(const std::string& text) { return json::parse(text, nullptr, false); }

/// Label names are [a-zA-Z_][a-zA-Z0-9_]*.
std::string label_name(const std::string& given) {
    std::string made;
    for (const char c : given) {
        const bool is_fine =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9' && !made.empty()) || c == '_';
        made += is_fine ? c : '_';
    }
    return made.empty() ? "_" : made;
}

}  // namespace

json alert_labels(const json& document) {
    json labels{{"alertname", text_at(document, "/rule/id")},
                {"severity", text_at(document, "/wiresage/severity")},
                {"category", text_at(document, "/rule/category")},
                {"sensor", text_at(document, "/observer/name")},
                {"entity", text_at(document, "/wiresage/entity")},
                {"source", text_at(document, "/source/ip")},
                {"destination", text_at(document, "/destination/ip")},
                {"port", text_at(document, "/destination/port")},
                {"interface", text_at(document, "/observer/ingress/interface/name")},
                {"urgency", text_at(document, "/wiresage/urgency")}};
    if (const auto given = document.find("labels"); given != document.end() && given->is_object()) {
        for (const auto& [key, value] : given->items()) {
            const auto name = label_name(key);
            if (!labels.contains(name) && value.is_string()) labels[name] = value;
        }
    }
    std::erase_if(labels.get_ref<json::object_t&>(),
                  [](const auto& label) { return label.second == ""; });  // Empty is absent.
    return labels;
}

json alert_annotations(const json& document) {
    json annotations{{"summary", text_at(document, "/message")},
                     {"cause", text_at(document, "/wiresage/cause")},
                     {"unknowable", text_at(document, "/wiresage/unknowable")},
                     {"confidence", text_at(document, "/wiresage/confidence")},
                     {"wireshark_filter", text_at(document, "/wiresage/wireshark_filter")},
                     {"process", text_at(document, "/process/name")},
                     {"alert_id", text_at(document, "/event/id")}};
    const json nothing;
    const json::json_pointer steps{"/wiresage/next_steps"}, evidence{"/wiresage/evidence"};
    std::string next;
    if (document.contains(steps)) {
        for (const auto& step : document.at(steps))
            next += (next.empty() ? "" : " ") + (step.is_string() ? step.get<std::string>() : "");
    }
    annotations["next_steps"] = next;
    if (document.contains(evidence)) {
        for (const auto& [key, value] : document.at(evidence).items()) annotations[label_name(key)] = value_text(value);
    }
    std::erase_if(annotations.get_ref<json::object_t&>(), [](const auto& each) { return each.second == ""; });
    return annotations;
}

void AlertmanagerFeed::take(const Delivery& delivery, std::int64_t unix_now) {
    if (delivery.refresh) return;
    const auto document = parsed(delivery.document);
    if (!document.is_object()) return;
    const auto known = open_.find(delivery.alert_id);
    if (known == open_.end() && open_.size() >= most_open) return;
    const bool is_resolved = delivery.state == AlertState::resolved;
    auto labels = alert_labels(document);
    auto& open = open_[delivery.alert_id];
    auto& crowd = crowds_[delivery.rule];
    if (known == open_.end()) {
        open.rule = delivery.rule;
        open.collapsed = crowd.alone >= most_of_rule;
        ++(open.collapsed ? crowd.collapsed : crowd.alone);
        if (open.collapsed && crowd.collapsed == 1) {
            for (const char* key : {"source", "destination", "port"}) labels.erase(key);
            labels["entity"] = "more of " + delivery.rule;
            crowd.labels = dumped(labels);
            crowd.starts = text_at(document, "/event/start");
            labels = alert_labels(document);
        }
    } else if (open.resolved && !is_resolved && open.collapsed) {
        ++crowd.collapsed;
    }
    if (open.collapsed && is_resolved && !open.resolved) --crowd.collapsed;
    const auto made = dumped(labels);
    if (!open.labels.empty() && open.labels != made) open.replaced = open.labels;
    open.labels = made;
    open.annotations = dumped(alert_annotations(document));
    open.starts = text_at(document, "/event/start");
    // A resolved document comes after a quiet time: the last evidence is older than it.
    if (!is_resolved || open.seen_unix == 0) open.seen_unix = unix_now;
    open.resolved = is_resolved;
    if (open.collapsed) crowd.seen_unix = std::max(crowd.seen_unix, open.seen_unix);
}

json AlertmanagerFeed::entry(const Open& open, std::int64_t unix_now) const {
    // Evidence is told at most when something changed, so while it fires it counts as seen now.
    const auto ends = open.resolved ? std::max(open.seen_unix + open_seconds, unix_now) : unix_now + open_seconds;
    return {{"labels", parsed(open.labels)},
            {"annotations", parsed(open.annotations)},
            {"startsAt", open.starts},
            {"endsAt", stamp(ends)}};
}

json AlertmanagerFeed::entry(const std::string& rule, const Crowd& crowd, std::int64_t unix_now) const {
    const auto ends =
        crowd.collapsed == 0 ? std::max(crowd.seen_unix + open_seconds, unix_now) : unix_now + open_seconds;
    const auto summary = fmt::format("{} more alerts of {} fire, beside {} that are listed one by one", crowd.collapsed,
                                     rule, most_of_rule);
    return {{"labels", parsed(crowd.labels)},
            {"annotations", {{"summary", summary}, {"count", std::to_string(crowd.collapsed)}}},
            {"startsAt", crowd.starts},
            {"endsAt", stamp(ends)}};
}

std::string AlertmanagerFeed::body(const Delivery& delivery, std::int64_t unix_now) const {
    auto alerts = json::array();
    const auto found = open_.find(delivery.alert_id);
    if (found == open_.end()) {  // No room, or it ended long ago and is sent late: as the document has it.
        const auto document = parsed(delivery.document);
        alerts.push_back(
            {{"labels", alert_labels(document)},
             {"annotations", alert_annotations(document)},
             {"startsAt", text_at(document, "/event/start")},
             {"endsAt", stamp(delivery.state == AlertState::resolved ? unix_now : unix_now + open_seconds)}});
        return dumped(alerts);
    }
    const auto& open = found->second;
    if (open.collapsed) {
        alerts.push_back(entry(open.rule, crowds_.at(open.rule), unix_now));
        return dumped(alerts);
    }
    alerts.push_back(entry(open, unix_now));
    if (!open.replaced.empty()) {  // Under other labels it is another alert there: that one ends.
        alerts.push_back({{"labels", parsed(open.replaced)},
                          {"annotations", json::object()},
                          {"startsAt", open.starts},
                          {"endsAt", stamp(unix_now)}});
    }
    return dumped(alerts);
}

std::string AlertmanagerFeed::refresh(std::int64_t unix_now) {
    auto alerts = json::array();
    std::map<std::string, const Crowd*> crowded;
    for (auto at = open_.begin(); at != open_.end();) {
        const auto& open = at->second;
        if (open.resolved && open.seen_unix + open_seconds + resend_seconds < unix_now) {
            auto& crowd = crowds_[open.rule];
            if (!open.collapsed && crowd.alone > 0) --crowd.alone;
            at = open_.erase(at);
            continue;
        }
        if (open.collapsed) {
            crowded[open.rule] = &crowds_[open.rule];
        } else {
            alerts.push_back(entry(open, unix_now));
        }
        ++at;
    }
    for (const auto& [rule, crowd] : crowded) alerts.push_back(entry(rule, *crowd, unix_now));
    return dumped(alerts);
}

}  // namespace wiresage
