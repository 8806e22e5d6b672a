// The rules as JSON.

#include "daemon/rules_json.hpp"

#include <nlohmann/json.hpp>

#include "rules/registry.hpp"

namespace wiresage {

namespace {

using Json = nlohmann::ordered_json;

const char* name(RuleKind kind) {
    switch (kind) {
        case RuleKind::flow: return "flow";
        case RuleKind::site: return "site";
        case RuleKind::pair: return "pair";
    }
    return "";
}

/// The types as evidence.md writes them.
const char* name(EvidenceType type) {
    switch (type) {
        case EvidenceType::integer: return "int";
        case EvidenceType::number: return "num";
        case EvidenceType::text: return "str";
        case EvidenceType::boolean: return "bool";
        case EvidenceType::texts: return "[str]";
        case EvidenceType::integers: return "[int]";
        case EvidenceType::integer_or_text: return "int or str";
    }
    return "";
}

/// The unit in which `value`, `standard`, `min` and `max` of a setting are shown.
const char* unit(SettingKind kind) {
    switch (kind) {
        case SettingKind::count: return "count";
        case SettingKind::duration: return "seconds";
        case SettingKind::share: return "share";
        case SettingKind::rate: return "per_second";
        case SettingKind::bytes: return "bytes";
    }
    return "";
}

Json shown(SettingKind kind, std::int64_t value) {
    if (kind == SettingKind::duration) return seconds(Duration{value});
    if (kind == SettingKind::share) return static_cast<double>(value) / static_cast<double>(whole_share);
    return value;
}

Json settings_json(const About& about, const RuleSettings& chosen) {
    Json made = Json::object();
    for (const auto& setting : about.settings) {
        made[std::string{setting.name}] = {{"value", shown(setting.kind, chosen[setting.name])},
                                           {"default", shown(setting.kind, setting.standard)},
                                           {"min", shown(setting.kind, setting.least)},
                                           {"max", shown(setting.kind, setting.most)},
                                           {"unit", unit(setting.kind)},
                                           {"help", setting.help}};
    }
    return made;
}

}  // namespace

std::string rules_as_json(const Configuration& configuration, std::string_view only) {
    Json list = Json::array();
    for (const auto* const entry : all_rules()) {
        const auto& about = *entry->about;
        if (!only.empty() && about.id != only) continue;
        const auto& chosen = configuration.rule(about.id);
        Json rule = {{"id", about.id}, {"name", about.name}, {"severity", name(chosen.severity.value_or(about.severity))}, {"kind", name(about.kind)}};
        rule["category"] = about.category;
        rule["enabled"] = chosen.enabled;
        rule["settings"] = settings_json(about, chosen);
        rule["evidence"] = Json::array();
        for (const auto& key : about.evidence) rule["evidence"].push_back({{"key", key.key}, {"type", name(key.type)}, {"optional", key.optional}});
        rule["source"] = about.source;
        rule["destination"] = about.destination;
        rule["entity"] = about.entity;
        list.push_back(std::move(rule));
    }
    return list.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace wiresage
