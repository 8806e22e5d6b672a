// Reads alerting.receivers: keys that all receivers have, and which of them a type needs or cannot have.

#include <fmt/format.h>

#include <algorithm>

#include "settings/reading.hpp"

namespace wiresage {

namespace {

constexpr std::pair<std::string_view, ReceiverType> type_choices[] = {
    {"webhook", ReceiverType::webhook},     {"alertmanager", ReceiverType::alertmanager},
    {"pagerduty", ReceiverType::pagerduty}, {"slack", ReceiverType::slack},
    {"msteams", ReceiverType::msteams},     {"file", ReceiverType::file},
    {"syslog", ReceiverType::syslog},
};
constexpr std::pair<std::string_view, Urgency> urgency_choices[] = {
    {"page", Urgency::page}, {"ticket", Urgency::ticket}, {"note", Urgency::note}};
constexpr std::pair<std::string_view, WebhookBody> body_choices[] = {{"document", WebhookBody::document},
                                                                     {"alertmanager", WebhookBody::alertmanager}};

/// A name is a metric label and a word on the command line.
bool is_receiver_name(const std::string& name) {
    return name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                      c == '-' || c == '.';
           });
}

void read_receiver_name(SettingsReading& reading, const Value& value, std::string& name) {
    constexpr std::string_view expected = "a name of letters, digits, _, - and ., at most 64 of them";
    std::string given;
    if (!reading.text(value, given, expected)) return;
    if (!is_receiver_name(given)) return reading.mismatch(value, expected);
    name = given;
}

/// Secrets in an address would show in logs and in the API, so none is taken (promises: secrets come from files).
void read_url(SettingsReading& reading, const Value& value, std::vector<std::string>& urls) {
    std::string url;
    if (!reading.text(value, url, "an address that begins with http:// or https://", 2'048)) return;
    const auto scheme = url.find("://");
    const bool is_http = url.starts_with("http://") || url.starts_with("https://");
    const auto host =
        is_http ? url.substr(scheme + 3, url.find_first_of("/?#", scheme + 3) - (scheme + 3)) : std::string{};
    if (host.empty() || host.front() == ':' || url.find_first_of(" \"<>\\") != std::string::npos) {
        return reading.mismatch(value, "an address that begins with http:// or https://, and a host");
    }
    if (host.find('@') != std::string::npos)
        return reading.error(value, "holds a password; put secrets into secret_file");
    urls.push_back(url);
}

void read_match(SettingsReading& reading, const Value& value, RuleList rules, ReceiverMatch& match) {
    const auto read_rule = [&](const Value& v) {
        std::string id;
        if (read_rule_id(reading, v, rules, id)) match.rules.push_back(id);
    };
    const auto read_severity = [&](const Value& v) {
        Severity severity{};
        if (reading.choice(v, severity, severity_choices)) match.severities.push_back(severity);
    };
    const auto read_urgency = [&](const Value& v) {
        Urgency urgency{};
        if (reading.choice(v, urgency, urgency_choices)) match.urgencies.push_back(urgency);
    };
    reading.map(
        value, {
                   {"rule", [&](const Value& v) { reading.one_or_list(v, "a list of rules", read_rule); }},
                   {"severity", [&](const Value& v) { reading.one_or_list(v, "a list of severities", read_severity); }},
                   {"labels",
                    [&](const Value& v) {
                        reading.entries(v, "a map of the sensor's labels",
                                        [&](const std::string& label, const Value&, const Value& held) {
                                            std::string wanted;
                                            if (reading.text(held, wanted, "a label's value", 256))
                                                match.labels[label] = wanted;
                                        });
                    }},
                   {"urgency",
                    [&](const Value& v) {
                        match.urgencies.clear();
                        reading.one_or_list(v, "a list of urgencies", read_urgency);
                    }},
               });
}

bool is_http_type(ReceiverType type) noexcept { return type != ReceiverType::file && type != ReceiverType::syslog; }

/// What a type needs and what means nothing to it, so that nothing an operator wrote is passed over in silence.
void check_by_type(SettingsReading& reading, const Value& value, ReceiverSettings& made) {
    const auto given = [&](const char* key) { return static_cast<bool>(value.node[key]); };
    const auto needs = [&](bool needed, const char* key) {
        if (needed && !given(key))
            reading.error(value,
                          fmt::format("key {} is missing; a receiver of type {} needs it", key, name(made.type)));
    };
    const auto refuses = [&](bool refused, const char* key) {
        if (!refused || !given(key)) return;
        reading.error(place_of(value.node[key].Mark()), fmt::format("{}.{}", value.key, key),
                      fmt::format("means nothing to a receiver of type {}", name(made.type)));
    };
    const bool is_http = is_http_type(made.type);
    // Slack's and Teams' addresses are secrets themselves: their file may hold the whole of it.
    const bool url_may_be_secret = made.type == ReceiverType::slack || made.type == ReceiverType::msteams;
    needs(is_http && made.type != ReceiverType::pagerduty && !(url_may_be_secret && given("secret_file")), "url");
    needs(made.type == ReceiverType::pagerduty, "secret_file");
    needs(made.type == ReceiverType::file, "path");
    for (const char* key : {"url", "secret_file", "ca_file", "timeout"}) refuses(!is_http, key);
    refuses(made.type != ReceiverType::file, "path");
    refuses(made.type != ReceiverType::webhook, "body");
    if (made.type != ReceiverType::alertmanager && made.urls.size() > 1) {
        reading.error(place_of(value.node["url"].Mark()), value.key + ".url",
                      "expected one address; only alertmanager takes several");
    }
    if (made.type == ReceiverType::pagerduty && made.urls.empty())
        made.urls.emplace_back("https://events.pagerduty.com/v2/enqueue");
}

ReceiverSettings read_receiver(SettingsReading& reading, const Value& value, RuleList rules) {
    using namespace std::chrono_literals;
    ReceiverSettings made;
    const auto add_url = [&](const Value& v) { read_url(reading, v, made.urls); };
    bool type_is_known = false;
    const bool is_map = reading.map(
        value, {
                   {"name", [&](const Value& v) { read_receiver_name(reading, v, made.name); }, true},
                   {"type", [&](const Value& v) { type_is_known = reading.choice(v, made.type, type_choices); }, true},
                   {"url",
                    [&](const Value& v) {
                        reading.one_or_list(v, "an address that begins with http:// or https://", add_url);
                    }},
                   {"secret_file", [&](const Value& v) { reading.text(v, made.secret_file, "the path of a file"); }},
                   {"ca_file", [&](const Value& v) { reading.text(v, made.ca_file, "the path of a file"); }},
                   {"path", [&](const Value& v) { reading.text(v, made.path, "the path of a file"); }},
                   {"body", [&](const Value& v) { reading.choice(v, made.body, body_choices); }},
                   {"timeout", [&](const Value& v) { reading.duration(v, made.timeout, 100ms, 5min); }},
                   {"give_up_after", [&](const Value& v) { reading.duration(v, made.give_up_after, 1min, 24h * 30); }},
                   {"most_per_minute", [&](const Value& v) { reading.whole(v, made.most_per_minute, 1, 1'000'000); }},
                   {"match", [&](const Value& v) { read_match(reading, v, rules, made.match); }},
               });
    if (is_map && !value.node["most_per_minute"]) made.most_per_minute = default_most_per_minute(made.type);
    if (is_map && type_is_known) check_by_type(reading, value, made);
    return made;
}

}  // namespace

std::string_view name(ReceiverType type) noexcept {
    for (const auto& [word, meaning] : type_choices) {
        if (meaning == type) return word;
    }
    return "webhook";
}

void read_receivers(SettingsReading& reading, const Value& value, RuleList rules,
                    std::vector<ReceiverSettings>& receivers) {
    constexpr std::size_t most_receivers = 64;  // Each has its queue, and its name is a metric label.
    const bool is_list =
        reading.list(value, "a list of receivers, each a map with name and type", [&](const Value& entry) {
            auto made = read_receiver(reading, entry, rules);
            const bool is_twice = std::any_of(receivers.begin(), receivers.end(), [&](const ReceiverSettings& other) {
                return !made.name.empty() && other.name == made.name;
            });
            if (is_twice) reading.error(entry, fmt::format("another receiver has the name {} already", made.name));
            receivers.push_back(std::move(made));
        });
    if (is_list && receivers.size() > most_receivers) {
        reading.error(value, fmt::format("expected at most {} receivers, found {}", most_receivers, receivers.size()));
    }
}

}  // namespace wiresage
