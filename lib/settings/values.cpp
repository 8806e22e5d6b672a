// How single values are written in the configuration.

#include "settings/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <numeric>
#include <utility>

namespace wiresage {

namespace {

struct Unit {
    std::string_view name;
    std::int64_t size;
};

constexpr std::int64_t second = 1'000'000'000;

// The longest first: that is the order in which text is made of them.
constexpr Unit duration_units[] = {
    {"d", 86'400 * second}, {"h", 3'600 * second}, {"m", 60 * second}, {"s", second},
    {"ms", 1'000'000},      {"us", 1'000},         {"ns", 1},
};
constexpr Unit size_units[] = {
    {"TiB", std::int64_t{1} << 40},
    {"GiB", std::int64_t{1} << 30},
    {"MiB", std::int64_t{1} << 20},
    {"KiB", std::int64_t{1} << 10},
    {"B", 1},
};

constexpr std::string_view duration_form = "a duration such as 10ms, 5s, 2m, 1h or 30d";
constexpr std::string_view size_form = "a size such as 64KiB, 256MiB or 1GiB";
constexpr std::string_view share_form = "a share such as 0.05 with at most six digits behind the point";

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// The digits at the front, taken off the text; nothing where there are none or too many.
std::optional<std::int64_t> take_digits(std::string_view& text) {
    std::int64_t value = 0;
    std::size_t at = 0;
    for (; at < text.size() && is_digit(text[at]); ++at) {
        const int digit = text[at] - '0';
        if (value > (std::numeric_limits<std::int64_t>::max() - digit) / 10) return {};
        value = value * 10 + digit;
    }
    if (at == 0) return {};
    text.remove_prefix(at);
    return value;
}

bool has_leading_zero(std::string_view text) noexcept { return text.size() > 1 && text[0] == '0' && is_digit(text[1]); }

ParsedText<std::int64_t> leading_zero(std::string_view form) {
    return {{}, fmt::format("{} without leading zeros", form)};
}

template <std::size_t Count>
ParsedText<std::int64_t> with_unit(std::string_view text, std::string_view form, const Unit (&units)[Count]) {
    if (has_leading_zero(text)) return leading_zero(form);
    const auto number = take_digits(text);
    if (!number) return {{}, std::string{form}};
    for (const auto& unit : units) {
        if (text != unit.name) continue;
        if (*number > std::numeric_limits<std::int64_t>::max() / unit.size)
            return {{}, fmt::format("{} (smaller)", form)};
        return {*number * unit.size, {}};
    }
    return {{}, std::string{form}};
}

template <std::size_t Count>
std::string in_units(std::int64_t value, const Unit (&units)[Count]) {
    for (const auto& unit : units) {
        if (value != 0 && value % unit.size == 0) return fmt::format("{}{}", value / unit.size, unit.name);
    }
    return "0";
}

std::optional<int> take_number(std::string_view& text, std::size_t digits) {
    if (text.size() < digits ||
        !std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(digits), is_digit))
        return {};
    int value = 0;
    for (const char c : text.substr(0, digits)) value = value * 10 + (c - '0');
    text.remove_prefix(digits);
    return value;
}

bool take_char(std::string_view& text, std::string_view any_of) {
    if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
    text.remove_prefix(1);
    return true;
}

std::optional<std::chrono::sys_days> take_date(std::string_view& text) {
    const auto year = take_number(text, 4);
    if (!year || !take_char(text, "-")) return {};
    const auto month = take_number(text, 2);
    if (!month || !take_char(text, "-")) return {};
    const auto day = take_number(text, 2);
    if (!day) return {};
    const std::chrono::year_month_day date{std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(*month)},
                                           std::chrono::day{static_cast<unsigned>(*day)}};
    // What an EventTime can hold whatever the zone (1970 to 2262).
    if (!date.ok() || *year < 1971 || *year > 2261) return {};
    return std::chrono::sys_days{date};
}

/// "18:00" as a length of time.
std::optional<Duration> take_clock(std::string_view& text) {
    const auto hours = take_number(text, 2);
    if (!hours || *hours > 23 || !take_char(text, ":")) return {};
    const auto minutes = take_number(text, 2);
    if (!minutes || *minutes > 59) return {};
    return std::chrono::hours{*hours} + std::chrono::minutes{*minutes};
}

std::optional<Duration> take_fraction(std::string_view& text) {
    std::int64_t nanoseconds = 0;
    std::int64_t scale = second;
    if (!take_char(text, ".")) return Duration{0};
    if (text.empty() || !is_digit(text.front())) return {};
    for (; !text.empty() && is_digit(text.front()) && scale > 1; text.remove_prefix(1)) {
        scale /= 10;
        nanoseconds += (text.front() - '0') * scale;
    }
    return Duration{nanoseconds};
}

/// What is to be taken off for the zone: "Z" or "+01:00".
std::optional<Duration> take_zone(std::string_view& text) {
    if (take_char(text, "Zz")) return Duration{0};
    const bool behind = !text.empty() && text.front() == '-';
    if (!take_char(text, "+-")) return {};
    const auto offset = take_clock(text);
    if (!offset) return {};
    return behind ? -*offset : *offset;
}

std::optional<EventTime> moment(std::string_view text) {
    const auto date = take_date(text);
    if (!date) return {};
    const EventTime start{Duration{date->time_since_epoch()}};
    if (text.empty()) return start;
    if (!take_char(text, "Tt ")) return {};
    const auto clock = take_clock(text);
    if (!clock || !take_char(text, ":")) return {};
    const auto seconds_of_minute = take_number(text, 2);
    if (!seconds_of_minute || *seconds_of_minute > 60) return {};  // 60: a leap second (RFC 3339, 5.6).
    const auto fraction = take_fraction(text);
    if (!fraction) return {};
    const auto zone = take_zone(text);
    if (!zone || !text.empty()) return {};
    return start + *clock + std::chrono::seconds{*seconds_of_minute} + *fraction - *zone;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
        }
    }
    return row[b.size()];
}

}  // namespace

ParsedText<std::int64_t> parse_whole(std::string_view text) {
    constexpr std::string_view form = "a whole number";
    const bool negative = !text.empty() && text.front() == '-';
    if (negative) text.remove_prefix(1);
    if (has_leading_zero(text)) return leading_zero(form);
    const auto number = take_digits(text);
    if (!number || !text.empty()) return {{}, std::string{form}};
    return {negative ? -*number : *number, {}};
}

ParsedText<std::int64_t> parse_duration(std::string_view text) {
    if (text == "0") return {0, {}};  // Nothing is nothing in every unit.
    return with_unit(text, duration_form, duration_units);
}

ParsedText<std::int64_t> parse_size(std::string_view text) {
    if (!text.empty() && is_digit(text.back())) {
        auto plain = parse_whole(text);
        if (!plain || *plain.value < 0) return {{}, std::string{size_form}};
        return plain;
    }
    return with_unit(text, size_form, size_units);
}

ParsedText<std::int64_t> parse_share(std::string_view text) {
    const ParsedText<std::int64_t> none{{}, std::string{share_form}};
    if (has_leading_zero(text)) return none;
    std::int64_t whole = 0;
    const bool has_whole = !text.empty() && text.front() != '.';
    if (has_whole) {
        const auto digits = take_digits(text);
        if (!digits || *digits > 1'000'000) return none;
        whole = *digits;
    }
    std::int64_t millionths = whole * whole_share;
    if (text.empty()) return has_whole ? ParsedText<std::int64_t>{millionths, {}} : none;
    if (!take_char(text, ".") || text.empty() || text.size() > 6) return none;
    std::int64_t scale = whole_share;
    for (const char c : text) {
        if (!is_digit(c)) return none;
        scale /= 10;
        millionths += (c - '0') * scale;
    }
    return {millionths, {}};
}

ParsedText<std::int64_t> parse_setting(SettingKind kind, std::string_view text) {
    switch (kind) {
        case SettingKind::duration:
            return parse_duration(text);
        case SettingKind::share:
            return parse_share(text);
        case SettingKind::bytes:
            return parse_size(text);
        case SettingKind::count:
        case SettingKind::rate:
            break;
    }
    return parse_whole(text);
}

ParsedText<EventTime> parse_moment(std::string_view text) {
    return {moment(text), "a date or a moment such as 2026-12-24 or 2026-12-24T18:00:00Z, from 1971 to 2261"};
}

ParsedText<Network> parse_network(std::string_view text) {
    const auto network = Network::parse(std::string{text});
    const ParsedText<Network> none{
        {}, "an address, or a network such as 10.0.0.0/8 or fc00::/7 (no bits beyond its prefix)"};
    if (!network) return none;
    const std::size_t prefix_bits = network->prefix_bits + (network->base.is_v4() ? 96U : 0U);
    for (std::size_t bit = prefix_bits; bit < 128; ++bit) {
        if ((network->base.bytes[bit / 8] >> (7 - bit % 8) & 1) != 0) return none;
    }
    return {network, {}};
}

ParsedText<Endpoint> parse_listen(std::string_view text) {
    const ParsedText<Endpoint> none{{}, "an address and a port such as 127.0.0.1:10470, [::1]:10470 or :10470"};
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return none;
    const auto port = parse_whole(text.substr(colon + 1));
    if (!port || *port.value < 0 || *port.value > 65'535) return none;

    auto host = text.substr(0, colon);
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (bracketed) host = host.substr(1, host.size() - 2);
    if (!bracketed && host.find(':') != std::string_view::npos) return none;
    if (host == "localhost") host = "127.0.0.1";
    if (host.empty()) host = "::";  // A socket on :: takes IPv4 too (RFC 3493, 5.3).
    const auto address = Address::parse(std::string{host});
    if (!address || (bracketed && address->is_v4())) return none;
    return {Endpoint{*address, static_cast<std::uint16_t>(*port.value)}, {}};
}

std::string setting_text(SettingKind kind, std::int64_t value) {
    switch (kind) {
        case SettingKind::duration:
            return value == 0 ? "0s" : in_units(value, duration_units);
        case SettingKind::bytes:
            return in_units(value, size_units);
        case SettingKind::share: {
            if (value % whole_share == 0) return fmt::format("{}", value / whole_share);
            auto text = fmt::format("{}.{:06}", value / whole_share, value % whole_share);
            text.erase(text.find_last_not_of('0') + 1);
            return text;
        }
        case SettingKind::count:
        case SettingKind::rate:
            break;
    }
    return fmt::format("{}", value);
}

std::string_view name(SettingKind kind) noexcept {
    switch (kind) {
        case SettingKind::count:
            return "count";
        case SettingKind::duration:
            return "duration";
        case SettingKind::share:
            return "share";
        case SettingKind::rate:
            return "rate";
        case SettingKind::bytes:
            return "bytes";
    }
    return "count";
}

std::string_view did_you_mean(std::string_view typed, const std::vector<std::string_view>& candidates) {
    constexpr std::size_t longest = 64;  // Nothing longer is a slip of the finger; bounds the work too.
    if (typed.size() > longest) return {};
    std::string_view nearest;
    std::size_t distance = std::max<std::size_t>(2, typed.size() / 3) + 1;
    for (const auto candidate : candidates) {
        const bool is_short_for = typed.size() >= 3 && candidate.starts_with(typed);
        const auto here = is_short_for ? 1 : edit_distance(typed, candidate);
        if (here < distance && here < candidate.size()) {
            distance = here;
            nearest = candidate;
        }
    }
    return nearest;
}

}  // namespace wiresage
