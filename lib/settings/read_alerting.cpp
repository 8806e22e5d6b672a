// Reads what concerns judging: rules, alerting, suppressions.

#include <fmt/format.h>

#include <algorithm>

#include "settings/reading.hpp"

namespace wiresage {

namespace {

void read_port(SettingsReading& reading, const Value& value, std::optional<std::uint16_t>& target) {
    std::uint16_t port = 0;
    if (reading.whole(value, port, 1, 65'535)) target = port;
}

void read_network(SettingsReading& reading, const Value& value, std::optional<Network>& target) {
    Network network;
    if (reading.parsed(value, network, &parse_network)) target = network;
}

void read_rule(SettingsReading& reading, const Value& value, const About& about, RuleSettings& settings) {
    std::vector<Field> fields{
        {"enabled", [&](const Value& v) { reading.boolean(v, settings.enabled); }},
        {"severity",
         [&](const Value& v) {
             Severity chosen{};
             if (!reading.choice(v, chosen, severity_choices)) return;
             // The rule's own is no replacement, so that writing a default down changes nothing.
             settings.severity = chosen == about.severity ? std::optional<Severity>{} : chosen;
         }},
    };
    for (const auto& setting : about.settings) {
        fields.push_back({setting.name, [&](const Value& v) {
                              std::int64_t chosen = 0;
                              if (!reading.number(v, setting.kind, chosen, setting.least, setting.most)) return;
                              settings.set(setting.name, chosen);
                          }});
    }
    reading.map(value, fields);
}

std::string unknown_rule(const std::string& id, RuleList rules) {
    std::vector<std::string_view> ids;
    for (const auto* entry : rules) ids.push_back(entry->about->id);
    return fmt::format("unknown rule {}{}; `wiresage rules` lists them", printable(id, 64), suggestion(id, ids));
}

const About* find_rule(const std::string& id, RuleList rules) {
    for (const auto* entry : rules) {
        if (entry->about->id == id) return entry->about;
    }
    return nullptr;
}

}  // namespace

bool read_rule_id(SettingsReading& reading, const Value& value, RuleList rules, std::string& id) {
    std::string given;
    if (!reading.text(value, given, "a rule's id")) return false;
    if (!find_rule(given, rules)) {
        reading.error(value, unknown_rule(given, rules));
        return false;
    }
    id = given;
    return true;
}

void read_rules(SettingsReading& reading, const Value& value, RuleList rules, Configuration& configuration) {
    reading.entries(value, "a map of rules", [&](const std::string& id, const Value& key, const Value& held) {
        const auto* about = find_rule(id, rules);
        if (!about) return reading.error(key, unknown_rule(id, rules));
        read_rule(reading, held, *about, configuration.rules.find(id)->second);
    });
}

void read_suppress(SettingsReading& reading, const Value& value, RuleList rules, std::vector<Suppression>& suppress) {
    reading.list(value, "a list of suppressions, each a map", [&](const Value& entry) {
        Suppression made;
        const bool is_map = reading.map(
            entry, {
                       {"rule", [&](const Value& v) { read_rule_id(reading, v, rules, made.rule); }},
                       {"source", [&](const Value& v) { read_network(reading, v, made.source); }},
                       {"destination", [&](const Value& v) { read_network(reading, v, made.destination); }},
                       {"port", [&](const Value& v) { read_port(reading, v, made.port); }},
                       {"owner", [&](const Value& v) { reading.text(v, made.owner, "who answers for it", 256); }},
                       {"reason", [&](const Value& v) { reading.text(v, made.reason, "why", 1'024); }},
                       {"until",
                        [&](const Value& v) {
                            EventTime until;
                            if (reading.parsed(v, until, &parse_moment)) made.until = until;
                        }},
                   });
        const auto given = [&](const char* key) { return static_cast<bool>(entry.node[key]); };
        if (is_map && !given("rule") && !given("source") && !given("destination") && !given("port")) {
            reading.error(entry, "would hide every alert; give at least one of rule, source, destination, port");
        }
        suppress.push_back(std::move(made));
    });
}

void read_alerting(SettingsReading& reading, const Value& value, RuleList rules, AlertingSettings& alerting) {
    using std::chrono::hours;
    using std::chrono::seconds;
    reading.map(value,
                {
                    // Never beyond the longest time-out: after so much silence nothing is kept.
                    {"resolve_after",
                     [&](const Value& v) { reading.duration(v, alerting.resolve_after, seconds{1}, longest_timeout); }},
                    {"repeat_every",
                     [&](const Value& v) { reading.duration(v, alerting.repeat_every, seconds{10}, hours{24 * 7}); }},
                    {"suppress", [&](const Value& v) { read_suppress(reading, v, rules, alerting.suppress); }},
                    {"receivers", [&](const Value& v) { read_receivers(reading, v, rules, alerting.receivers); }},
                });
}

}  // namespace wiresage
