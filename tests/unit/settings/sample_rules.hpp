// Two rules that exist for the tests of the configuration only.
#pragma once

#include <array>

#include "detect/rule.hpp"
#include "settings/configuration.hpp"

namespace wiresage::testing {

inline constexpr Setting sample_flood_settings[] = {
    {"window", SettingKind::duration, in_seconds(10), in_seconds(1), in_seconds(600), "counted together"},
    {"attempts", SettingKind::count, 1'000, 1, 1'000'000, "fewer is never a flood"},
    {"answered", SettingKind::share, 100'000, 0, whole_share, "a flood has at most this share answered"},
    {"volume", SettingKind::bytes, 65'536, 1'024, 1'048'576, "bytes in a window"},
};
inline constexpr Setting sample_scan_settings[] = {
    {"ports", SettingKind::rate, 100, 10, 65'535, "ports a second"},
    {"window", SettingKind::duration, in_seconds(120), in_seconds(1), in_seconds(600), "counted together"},
};

constexpr About sample(std::string_view id, Severity severity, std::span<const Setting> settings) {
    About about{};
    about.id = id;
    about.name = id;
    about.category = "tcp";
    about.kind = RuleKind::site;
    about.severity = severity;
    about.settings = settings;
    return about;
}

inline constexpr About sample_flood = sample("sample_flood", Severity::critical, sample_flood_settings);
inline constexpr About sample_scan = sample("sample_scan", Severity::warning, sample_scan_settings);

inline constexpr RuleEntry sample_entries[] = {{&sample_flood, nullptr}, {&sample_scan, nullptr}};
inline constexpr std::array<const RuleEntry*, 2> sample_rules{&sample_entries[0], &sample_entries[1]};

inline ReadResult read_sample(const std::string& text) { return read_configuration_text(text, "w.yaml", sample_rules); }

}  // namespace wiresage::testing
