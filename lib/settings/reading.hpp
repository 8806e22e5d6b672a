// Walks a parsed YAML tree: one place where shapes and types are checked and everything wrong is gathered.
// Of this layer only; others read configuration.hpp.
#pragma once

#include <yaml-cpp/yaml.h>

#include <functional>
#include <initializer_list>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "settings/configuration.hpp"
#include "settings/values.hpp"

namespace wiresage {

/// A node with its full key and its place.
struct Value {
    YAML::Node node;
    std::string key;
    TextPlace place;
};

/// One key that a map may have, and what to do with its value.
struct Field {
    std::string_view name;
    std::function<void(const Value&)> read;
    bool required = false;
};

/// Words and what they stand for.
inline constexpr std::pair<std::string_view, Severity> severity_choices[] = {{"info", Severity::info},
                                                                             {"warning", Severity::warning},
                                                                             {"error", Severity::error},
                                                                             {"critical", Severity::critical}};

/// Gathers errors and places while one text is read.  A reader that finds something wrong leaves its target alone.
class SettingsReading {
public:
    static constexpr std::size_t most_errors = 100;

    SettingsReading(std::string file, ReadResult& result) : file_{std::move(file)}, result_{result} {}

    void error(TextPlace place, const std::string& key, std::string message);
    void error(const Value& value, std::string message) { error(value.place, value.key, std::move(message)); }
    /// "expected <what>, found <the value>".
    void mismatch(const Value& value, std::string_view expected);

    /// A map whose keys are known.  Nothing at all (`pipeline:`) is an empty one.  False: it is no map.
    bool map(const Value& value, const std::vector<Field>& fields);
    /// A map whose keys the operator chooses.
    void entries(const Value& value, std::string_view expected,
                 const std::function<void(const std::string& name, const Value& key, const Value& value)>& each);
    /// A list; nothing at all is an empty one.  False: it is no list.
    bool list(const Value& value, std::string_view expected, const std::function<void(const Value&)>& each);
    /// A list, or one entry written without its brackets.
    void one_or_list(const Value& value, std::string_view expected, const std::function<void(const Value&)>& each);

    /// Text of 1 to `most_bytes` bytes without control characters.
    bool text(const Value& value, std::string& target, std::string_view expected, std::size_t most_bytes = 4096);
    /// The same, or null for none (empty).
    bool text_or_null(const Value& value, std::string& target, std::string_view expected);
    void boolean(const Value& value, bool& target);
    bool duration(const Value& value, Duration& target, Duration least, Duration most);
    /// Any kind of number that a rule's settings know, between two limits in its kept unit.
    bool number(const Value& value, SettingKind kind, std::int64_t& target, std::int64_t least, std::int64_t most);

    template <typename T>
    bool whole(const Value& value, T& target, std::int64_t least, std::int64_t most) {
        return stored(value, SettingKind::count, target, least, most);
    }
    template <typename T>
    bool size(const Value& value, T& target, std::uint64_t least, std::uint64_t most) {
        return stored(value, SettingKind::bytes, target, static_cast<std::int64_t>(least),
                      static_cast<std::int64_t>(most));
    }

    template <typename T, std::size_t Count>
    bool choice(const Value& value, T& target, const std::pair<std::string_view, T> (&choices)[Count]) {
        std::vector<std::string_view> words;
        for (const auto& [word, meaning] : choices) {
            if (value.node.IsScalar() && value.node.Scalar() == word) {
                target = meaning;
                return true;
            }
            words.push_back(word);
        }
        wrong_word(value, words);
        return false;
    }

    /// What parse() makes of a text.
    template <typename T>
    bool parsed(const Value& value, T& target, ParsedText<T> (*parse)(std::string_view)) {
        const auto made = parse(value.node.IsScalar() ? std::string_view{value.node.Scalar()} : std::string_view{});
        if (made && value.node.IsScalar()) {
            target = *made.value;
            return true;
        }
        mismatch(value, made.expected);
        return false;
    }

private:
    template <typename T>
    bool stored(const Value& value, SettingKind kind, T& target, std::int64_t least, std::int64_t most) {
        std::int64_t read = 0;
        if (!number(value, kind, read, least, most)) return false;
        target = static_cast<T>(read);
        return true;
    }

    /// The entries of a map, each key once; keys that are no text or come twice are errors.
    std::vector<std::pair<Value, Value>> unique_entries(const Value& value);
    void unknown_key(const Value& key, const std::vector<Field>& fields);
    void wrong_word(const Value& value, const std::vector<std::string_view>& words);

    std::string file_;
    ReadResult& result_;
};

/// Where a node stands, counted from 1.
TextPlace place_of(const YAML::Mark& mark) noexcept;

/// `"text"`, `nothing`, `a list`, `a map`; bounded and printable.
std::string described(const YAML::Node& node);

/// " (did you mean "x"?)" or nothing.
std::string suggestion(std::string_view typed, const std::vector<std::string_view>& candidates);

/// The text's first document; a second one is an error.  Nothing, and an error, where the text is no YAML.
std::optional<YAML::Node> parse_yaml(SettingsReading& reading, const std::string& text);

// One reader for each part of the file.  `rules` is the registry.
void read_sensor(SettingsReading& reading, const Value& value, SensorSettings& sensor);
void read_interfaces(SettingsReading& reading, const Value& value, std::vector<InterfaceSettings>& interfaces);
void read_pipeline(SettingsReading& reading, const Value& value, PipelineSettings& pipeline);
void read_limits(SettingsReading& reading, const Value& value, LimitSettings& limits);
void read_site(SettingsReading& reading, const Value& value, Configuration& configuration);
void read_rules(SettingsReading& reading, const Value& value, RuleList rules, Configuration& configuration);
void read_alerting(SettingsReading& reading, const Value& value, RuleList rules, AlertingSettings& alerting);
void read_suppress(SettingsReading& reading, const Value& value, RuleList rules, std::vector<Suppression>& suppress);
void read_receivers(SettingsReading& reading, const Value& value, RuleList rules,
                    std::vector<ReceiverSettings>& receivers);
void read_journal(SettingsReading& reading, const Value& value, JournalSettings& journal);
void read_recorder(SettingsReading& reading, const Value& value, RecorderSettings& recorder);
void read_process(SettingsReading& reading, const Value& value, ProcessSettings& process);
void read_http(SettingsReading& reading, const Value& value, HttpSettings& http);
void read_log(SettingsReading& reading, const Value& value, LogSettings& log);

/// The id of a rule of the registry.
bool read_rule_id(SettingsReading& reading, const Value& value, RuleList rules, std::string& id);

}  // namespace wiresage
