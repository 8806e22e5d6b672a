// How single values are written in the configuration, both ways; whole numbers only, no floating point.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/time.hpp"
#include "detect/settings.hpp"

namespace wiresage {

/// A value, or why the text is none: what was expected, without the text itself.
template <typename T>
struct ParsedText {
    std::optional<T> value;
    std::string expected;

    explicit operator bool() const noexcept { return value.has_value(); }
};

/// "0", "42", "-1"; no leading zeros (YAML 1.1 reads 010 as eight, people as ten), no sign but minus, no exponent.
ParsedText<std::int64_t> parse_whole(std::string_view text);

/// "10ms", "5s", "2m", "1h", "30d", "250us", "100ns"; in nanoseconds.  A number without a unit is refused.
ParsedText<std::int64_t> parse_duration(std::string_view text);

/// "64KiB", "256MiB", "1GiB", "1TiB", "1500B", "1500"; in bytes.
ParsedText<std::int64_t> parse_size(std::string_view text);

/// "0.05", "1", ".5"; in millionths, so at most six digits behind the point.
ParsedText<std::int64_t> parse_share(std::string_view text);

/// A setting of a rule in its kept unit (detect/settings.hpp).
ParsedText<std::int64_t> parse_setting(SettingKind kind, std::string_view text);

/// "2026-12-24", "2026-12-24T18:00:00Z", "2026-12-24T18:00:00.5+01:00" (RFC 3339); a date is its first moment in UTC.
ParsedText<EventTime> parse_moment(std::string_view text);

/// "10.0.0.0/8", "fc00::/7", or an address; bits beyond the prefix are taken for a slip and refused.
ParsedText<Network> parse_network(std::string_view text);

/// "127.0.0.1:10470", "[::1]:10470", "localhost:10470", ":10470" (every address).
ParsedText<Endpoint> parse_listen(std::string_view text);

/// The value as one would write it: "60s" is "1m".  The longest unit that needs no fraction.
std::string setting_text(SettingKind kind, std::int64_t value);

/// "count", "duration", "share", "rate", "bytes".
std::string_view name(SettingKind kind) noexcept;

/// The candidate nearest to what was typed, by edit distance; empty where none is near enough to be meant.
std::string_view did_you_mean(std::string_view typed, const std::vector<std::string_view>& candidates);

}  // namespace wiresage
