// The filters of the lists, from a query string.

#include "serve/alert_query.hpp"

#include <charconv>
#include <chrono>

namespace wiresage {

namespace {

constexpr std::size_t most_alerts = 500;  // A document is some 2 KiB: a page stays near 1 MiB.
constexpr std::size_t most_rows = 1000;

template <typename Number>
std::optional<Number> whole_number(std::string_view text) {
    Number value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return {};
    return value;
}

std::vector<std::string> by_comma(const std::string& text) {
    std::vector<std::string> parts;
    std::size_t begin = 0;
    while (begin <= text.size()) {
        const auto end = std::min(text.find(',', begin), text.size());
        if (end > begin) parts.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return parts;
}

std::optional<AlertState> parse_state(std::string_view text) {
    for (const auto state : {AlertState::firing, AlertState::update, AlertState::resolved}) {
        if (text == name(state)) return state;
    }
    return {};
}

/// Parses each of a list; false where one is unknown.
template <typename T, typename Parse>
bool parse_list(const std::string& text, std::vector<T>& into, Parse parse) {
    for (const auto& part : by_comma(text)) {
        const auto value = parse(part);
        if (!value) return false;
        into.push_back(*value);
    }
    return true;
}

/// What is wrong with one filter; empty: nothing.
std::string read_filter(const std::string& key, const std::string& value, AlertQuery& query) {
    if (key == "rule") {
        query.rules = by_comma(value);
    } else if (key == "severity") {
        if (!parse_list(value, query.severities, [](const auto& part) { return parse_severity(part); })) {
            return "severity is one or more of info, warning, error, critical";
        }
    } else if (key == "state") {
        if (!parse_list(value, query.states, [](const auto& part) { return parse_state(part); })) {
            return "state is one or more of firing, update, resolved";
        }
    } else if (key == "source") {
        query.source = Network::parse(value);
        if (!query.source) return "source is an address or a network, such as 10.0.0.1 or 10.0.0.0/8";
    } else if (key == "since") {
        query.since = parse_time(value);
        if (!query.since) return "since is RFC 3339, such as 2026-05-01T14:00:00Z, or Unix seconds";
    } else if (key == "limit") {
        const auto limit = whole_number<std::size_t>(value);
        if (!limit || *limit == 0 || *limit > most_alerts) return "limit is 1 to 500";
        query.limit = *limit;
    } else if (key == "cursor") {
        query.before = whole_number<std::uint64_t>(value);
        if (!query.before) return "cursor is what an earlier answer gave as next";
    } else {
        return "there is no filter of this name; filters are rule, severity, state, source, since, limit, cursor";
    }
    return {};
}

}  // namespace

ParsedQuery<AlertQuery> parse_alert_query(const Target& target) {
    ParsedQuery<AlertQuery> parsed;
    for (const auto& [key, value] : target.query) {
        parsed.error = read_filter(key, value, parsed.query);
        if (!parsed.error.empty()) return parsed;
    }
    return parsed;
}

ParsedQuery<TableQuery> parse_table_query(const Target& target) {
    ParsedQuery<TableQuery> parsed;
    for (const auto& [key, value] : target.query) {
        if (key == "address") {
            const auto address = Address::parse(value);
            if (!address) return {{}, "address is an IPv4 or IPv6 address"};
            parsed.query.address = address->text();
        } else if (key == "limit") {
            const auto limit = whole_number<std::size_t>(value);
            if (!limit || *limit == 0 || *limit > most_rows) return {{}, "limit is 1 to 1000"};
            parsed.query.limit = *limit;
        } else {
            return {{}, "there is no filter of this name; filters are address, limit"};
        }
    }
    return parsed;
}

std::optional<EventTime> parse_time(const std::string& text) {
    constexpr std::int64_t most_seconds = 9'223'372'036;  // 2262, the last that fits nanoseconds.
    if (const auto unix_time = whole_number<std::int64_t>(text)) {
        if (*unix_time < 0 || *unix_time > most_seconds) return {};
        return EventTime{std::chrono::seconds{*unix_time}};
    }

    // 2012-05-01T14:44:32[.157](Z|+02:00)
    const auto digits = [&](std::size_t at, std::size_t count) {
        return whole_number<int>(std::string_view{text}.substr(at, count));
    };
    if (text.size() < 20 || text[4] != '-' || text[7] != '-' ||
        (text[10] != 'T' && text[10] != 't' && text[10] != ' ') || text[13] != ':' || text[16] != ':') {
        return {};
    }
    const auto year = digits(0, 4), month = digits(5, 2), day = digits(8, 2);
    const auto hour = digits(11, 2), minute = digits(14, 2), second = digits(17, 2);
    if (!year || !month || !day || !hour || !minute || !second) return {};
    if (*hour > 23 || *hour < 0 || *minute > 59 || *minute < 0 || *second > 60 || *second < 0) return {};
    const std::chrono::year_month_day date{std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(*month)},
                                           std::chrono::day{static_cast<unsigned>(*day)}};
    if (!date.ok() || *year < 1970 || *year > 2261) return {};

    std::size_t at = 19;
    std::int64_t nanoseconds = 0;
    if (text[at] == '.') {
        std::int64_t unit = 100'000'000;
        for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, unit /= 10)
            nanoseconds += (text[at] - '0') * unit;
        if (text[at - 1] == '.') return {};
    }
    std::chrono::minutes offset{0};
    const auto zone = std::string_view{text}.substr(std::min(at, text.size()));
    if (zone != "Z" && zone != "z") {
        if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-' && zone[0] != ' ') || zone[3] != ':') return {};
        const auto hours = whole_number<int>(zone.substr(1, 2)), minutes = whole_number<int>(zone.substr(4, 2));
        if (!hours || !minutes || *hours < 0 || *hours > 23 || *minutes < 0 || *minutes > 59) return {};
        offset = std::chrono::hours{*hours} + std::chrono::minutes{*minutes};
        if (zone[0] == '-') offset = -offset;  // ' ' is a '+' that was not percent-encoded.
    }
    const auto days = std::chrono::sys_days{date}.time_since_epoch();
    return EventTime{days + std::chrono::hours{*hour} + std::chrono::minutes{*minute} + std::chrono::seconds{*second} -
                     offset + std::chrono::nanoseconds{nanoseconds}};
}

}  // namespace wiresage
