// Shapes and types of a YAML tree, checked.

#include "settings/reading.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace wiresage {

namespace {

constexpr std::size_t most_shown_bytes = 64;

/// Plain scalars only have the tag "?"; quoted ones are text whatever they look like.
bool is_plain(const YAML::Node& node) { return node.IsScalar() && node.Tag() == "?"; }

std::string child_key(const std::string& parent, const std::string& name) {
    const bool is_word = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
    if (!is_word) return fmt::format("{}[\"{}\"]", parent, printable(name, most_shown_bytes));
    return parent.empty() ? name : fmt::format("{}.{}", parent, printable(name, most_shown_bytes));
}

/// Null has no place of its own where nothing was written: the parser then gives that of what follows.
TextPlace value_place(const YAML::Node& node, TextPlace key) {
    if (node.IsNull()) return key;
    const auto place = place_of(node.Mark());
    return place.line == 0 ? key : place;
}

std::string range_text(SettingKind kind, std::int64_t least, std::int64_t most) {
    return fmt::format("from {} to {}", setting_text(kind, least), setting_text(kind, most));
}

}  // namespace

TextPlace place_of(const YAML::Mark& mark) noexcept {
    if (mark.line < 0 || mark.column < 0) return {};
    return {static_cast<std::size_t>(mark.line) + 1, static_cast<std::size_t>(mark.column) + 1};
}

std::string described(const YAML::Node& node) {
    if (node.IsMap()) return "a map";
    if (node.IsSequence()) return "a list";
    if (!node.IsScalar()) return "nothing";
    auto shown = printable(node.Scalar(), most_shown_bytes);
    if (shown.size() < node.Scalar().size()) shown += "...";
    return fmt::format("{}\"{}\"", is_plain(node) ? "" : "the text ", shown);
}

std::string suggestion(std::string_view typed, const std::vector<std::string_view>& candidates) {
    const auto meant = did_you_mean(typed, candidates);
    return meant.empty() ? std::string{} : fmt::format(" (did you mean {}?)", meant);
}

void SettingsReading::error(TextPlace place, const std::string& key, std::string message) {
    if (result_.errors.size() >= most_errors) return;
    result_.errors.push_back({file_, place.line, place.column, key, std::move(message)});
}

void SettingsReading::mismatch(const Value& value, std::string_view expected) {
    error(value, fmt::format("expected {}, found {}", expected, described(value.node)));
}

std::vector<std::pair<Value, Value>> SettingsReading::unique_entries(const Value& value) {
    std::vector<std::pair<Value, Value>> entries;
    std::map<std::string, TextPlace> seen;
    for (const auto& entry : value.node) {
        const auto key_place = place_of(entry.first.Mark());
        if (!entry.first.IsScalar()) {
            error(key_place, value.key, fmt::format("expected a name as key, found {}", described(entry.first)));
            continue;
        }
        const auto& name = entry.first.Scalar();
        Value key{entry.first, child_key(value.key, name), key_place};
        const auto [first, is_new] = seen.emplace(name, key_place);
        if (!is_new) {
            error(key, fmt::format("given twice, first at line {}", first->second.line));
            continue;
        }
        Value held{entry.second, key.key, value_place(entry.second, key_place)};
        result_.places.emplace(held.key, held.place);
        entries.emplace_back(std::move(key), std::move(held));
    }
    return entries;
}

void SettingsReading::unknown_key(const Value& key, const std::vector<Field>& fields) {
    std::vector<std::string_view> names;
    for (const auto& field : fields) names.push_back(field.name);
    error(key, fmt::format("unknown key{}; expected one of {}", suggestion(key.node.Scalar(), names),
                           fmt::join(names, ", ")));
}

bool SettingsReading::map(const Value& value, const std::vector<Field>& fields) {
    if (!value.node.IsMap() && !value.node.IsNull()) {
        std::vector<std::string_view> names;
        for (const auto& field : fields) names.push_back(field.name);
        mismatch(value, fmt::format("a map with keys out of {}", fmt::join(names, ", ")));
        return false;
    }
    std::set<std::string_view> given;
    for (const auto& [key, held] : unique_entries(value)) {
        const auto& name = key.node.Scalar();
        const auto field =
            std::find_if(fields.begin(), fields.end(), [&](const Field& each) { return each.name == name; });
        if (field == fields.end()) {
            unknown_key(key, fields);
            continue;
        }
        given.insert(field->name);
        field->read(held);
    }
    for (const auto& field : fields) {
        if (field.required && !given.contains(field.name)) error(value, fmt::format("key {} is missing", field.name));
    }
    return true;
}

void SettingsReading::entries(const Value& value, std::string_view expected,
                              const std::function<void(const std::string&, const Value&, const Value&)>& each) {
    if (!value.node.IsMap() && !value.node.IsNull()) return mismatch(value, expected);
    for (const auto& [key, held] : unique_entries(value)) each(key.node.Scalar(), key, held);
}

bool SettingsReading::list(const Value& value, std::string_view expected,
                           const std::function<void(const Value&)>& each) {
    if (!value.node.IsSequence() && !value.node.IsNull()) {
        mismatch(value, expected);
        return false;
    }
    std::size_t index = 0;
    for (const auto& entry : value.node) {
        const Value held{entry, fmt::format("{}[{}]", value.key, index++), value_place(entry, value.place)};
        result_.places.emplace(held.key, held.place);
        each(held);
    }
    return true;
}

void SettingsReading::one_or_list(const Value& value, std::string_view expected,
                                  const std::function<void(const Value&)>& each) {
    if (value.node.IsScalar()) {
        each(value);
    } else {
        list(value, expected, each);
    }
}

bool SettingsReading::text(const Value& value, std::string& target, std::string_view expected, std::size_t most_bytes) {
    if (!value.node.IsScalar() || value.node.Scalar().empty()) {
        mismatch(value, expected);
        return false;
    }
    const auto& given = value.node.Scalar();
    if (given.size() > most_bytes) {
        error(value, fmt::format("expected {} (at most {} bytes), found {} bytes", expected, most_bytes, given.size()));
        return false;
    }
    if (printable(given, 4 * given.size()) != given) {
        error(value, fmt::format("expected {} without control characters, found {}", expected, described(value.node)));
        return false;
    }
    target = given;
    return true;
}

bool SettingsReading::text_or_null(const Value& value, std::string& target, std::string_view expected) {
    if (value.node.IsNull()) {
        target.clear();
        return true;
    }
    return text(value, target, expected);
}

void SettingsReading::boolean(const Value& value, bool& target) {
    const bool is_true = is_plain(value.node) && value.node.Scalar() == "true";
    const bool is_false = is_plain(value.node) && value.node.Scalar() == "false";
    if (!is_true && !is_false) return mismatch(value, "true or false");
    target = is_true;
}

bool SettingsReading::duration(const Value& value, Duration& target, Duration least, Duration most) {
    std::int64_t read = 0;
    if (!number(value, SettingKind::duration, read, least.count(), most.count())) return false;
    target = Duration{read};
    return true;
}

bool SettingsReading::number(const Value& value, SettingKind kind, std::int64_t& target, std::int64_t least,
                             std::int64_t most) {
    // What carries a unit may stand in quotes (JSON has no other way); what is a plain number may not.
    const bool may_be_quoted = kind == SettingKind::duration || kind == SettingKind::bytes;
    const bool readable = value.node.IsScalar() && (may_be_quoted || is_plain(value.node));
    const auto parsed = parse_setting(kind, readable ? std::string_view{value.node.Scalar()} : std::string_view{});
    const auto range = range_text(kind, least, most);
    if (!parsed) {
        const bool has_unit = kind != SettingKind::count && kind != SettingKind::rate;
        mismatch(value, fmt::format("{}{} {}", parsed.expected, has_unit ? "," : "", range));
        return false;
    }
    if (*parsed.value < least || *parsed.value > most) {
        error(value, fmt::format("{} is out of range; expected {}", described(value.node), range));
        return false;
    }
    target = *parsed.value;
    return true;
}

void SettingsReading::wrong_word(const Value& value, const std::vector<std::string_view>& words) {
    const auto meant = value.node.IsScalar() ? suggestion(value.node.Scalar(), words) : std::string{};
    error(value, fmt::format("expected one of {}, found {}{}", fmt::join(words, ", "), described(value.node), meant));
}

}  // namespace wiresage
