// Reads the configuration: a file or a text, as a whole.

#include "settings/configuration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <exception>
#include <fstream>

#include "settings/reading.hpp"

namespace wiresage {

namespace {

constexpr std::size_t most_text_bytes = mebibyte;

void read_tls(SettingsReading& reading, const Value& value, std::string& keylog) {
    reading.map(value,
                {{"keylog", [&](const Value& v) { reading.text_or_null(v, keylog, "the path of a file, or null"); }}});
}

void read_document(SettingsReading& reading, const Value& root, RuleList rules, Configuration& made) {
    reading.map(root, {
                          {"sensor", [&](const Value& v) { read_sensor(reading, v, made.sensor); }},
                          {"interfaces", [&](const Value& v) { read_interfaces(reading, v, made.interfaces); }},
                          {"pipeline", [&](const Value& v) { read_pipeline(reading, v, made.pipeline); }},
                          {"limits", [&](const Value& v) { read_limits(reading, v, made.limits); }},
                          {"site", [&](const Value& v) { read_site(reading, v, made); }},
                          {"tls", [&](const Value& v) { read_tls(reading, v, made.tls_keylog); }},
                          {"rules", [&](const Value& v) { read_rules(reading, v, rules, made); }},
                          {"alerting", [&](const Value& v) { read_alerting(reading, v, rules, made.alerting); }},
                          {"journal", [&](const Value& v) { read_journal(reading, v, made.journal); }},
                          {"recorder", [&](const Value& v) { read_recorder(reading, v, made.recorder); }},
                          {"process", [&](const Value& v) { read_process(reading, v, made.process); }},
                          {"http", [&](const Value& v) { read_http(reading, v, made.http); }},
                          {"log", [&](const Value& v) { read_log(reading, v, made.log); }},
                          {"user", [&](const Value& v) { reading.text(v, made.user, "a user's name", 32); }},
                      });
}

/// An episode cannot be over before the window that judges it has passed (detect/settings.hpp).
void settle_resolving(Configuration& configuration) {
    for (auto& [id, settings] : configuration.rules) {
        settings.resolve_after = configuration.alerting.resolve_after;
        for (const auto& setting : settings.declared()) {
            if (setting.name != "window" || setting.kind != SettingKind::duration) continue;
            settings.resolve_after = std::max(settings.resolve_after, settings.duration(setting.name));
        }
    }
}

void read_text(SettingsReading& reading, const std::string& text, RuleList rules, ReadResult& result) {
    if (text.size() > most_text_bytes) {
        return reading.error({}, "", fmt::format("expected at most {} bytes, found {}", most_text_bytes, text.size()));
    }
    if (const auto root = parse_yaml(reading, text)) {
        read_document(reading, {*root, "", place_of(root->Mark())}, rules, result.configuration);
    }
}

ReadResult empty_result(RuleList rules) { return {default_configuration(rules), {}, {}}; }

}  // namespace

const RuleSettings& Configuration::rule(std::string_view id) const {
    const auto found = rules.find(id);
    assert(found != rules.end() && "the registry is the one that the configuration was read with");
    return found->second;
}

std::string ConfigurationError::text() const {
    auto out = printable(file, 1'024);
    if (line > 0) out += fmt::format(":{}:{}", line, column);
    if (!key.empty()) out += fmt::format(": {}", key);
    return fmt::format("{}: {}", out, message);
}

Configuration default_configuration(RuleList rules) {
    Configuration made;
    for (const auto* entry : rules) {
        made.rules.emplace(entry->about->id, RuleSettings{entry->about->settings}).first->second.enabled =
            entry->about->enabled;
    }
    settle_resolving(made);
    return made;
}

ReadResult read_configuration_text(const std::string& text, const std::string& file, RuleList rules) {
    auto result = empty_result(rules);
    SettingsReading reading{file, result};
    try {
        read_text(reading, text, rules, result);
    } catch (const std::exception& why) {  // Whatever a library throws is about this text, and no reason to end.
        reading.error({}, "", fmt::format("cannot be read: {}", printable(why.what(), 200)));
    }
    settle_resolving(result.configuration);
    std::stable_sort(result.errors.begin(), result.errors.end(),
                     [](const ConfigurationError& a, const ConfigurationError& b) {
                         return std::pair{a.line, a.column} < std::pair{b.line, b.column};
                     });
    return result;
}

ReadResult read_configuration(const std::string& path, RuleList rules) {
    errno = 0;
    std::ifstream file{path, std::ios::binary};
    std::string text;
    if (file) {
        std::array<char, 65'536> part{};
        while (text.size() <= most_text_bytes && (file.read(part.data(), part.size()), file.gcount() > 0)) {
            text.append(part.data(), static_cast<std::size_t>(file.gcount()));
        }
    }
    if (!file.is_open() || file.bad() || (file.fail() && errno != 0)) {
        auto result = empty_result(rules);
        result.errors.push_back(
            {path, 0, 0, "", fmt::format("cannot be read: {}", std::strerror(errno == 0 ? EIO : errno))});
        return result;
    }
    return read_configuration_text(text, path, rules);
}

}  // namespace wiresage
