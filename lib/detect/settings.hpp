// A rule's settings: declared once as a table, read from the configuration, listed by `rules`.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "alert/finding.hpp"
#include "base/time.hpp"

namespace wiresage {

/// How a setting is written in YAML and kept: all as whole numbers, so that no decision rests on floating point.
enum class SettingKind : std::uint8_t {
    count,     ///< 10
    duration,  ///< "10ms"; kept in nanoseconds.
    share,     ///< 0.05; kept in millionths.
    rate,      ///< A number a second; whole.
    bytes,     ///< "64KiB"; kept in bytes.
};

inline constexpr std::int64_t whole_share = 1'000'000;

struct Setting {
    std::string_view name;
    SettingKind kind;
    std::int64_t standard;  ///< In the unit it is kept in.
    std::int64_t least;
    std::int64_t most;
    std::string_view help;  ///< One line, no full stop needed.
};

/// For tables: seconds and milliseconds as the nanoseconds a duration is kept in.
constexpr std::int64_t in_seconds(std::int64_t n) noexcept { return n * 1'000'000'000; }
constexpr std::int64_t in_milliseconds(std::int64_t n) noexcept { return n * 1'000'000; }

/// The values one rule runs with.
class RuleSettings {
public:
    explicit RuleSettings(std::span<const Setting> declared);

    /// The value in its kept unit.  Asserts that the rule declared it.
    std::int64_t operator[](std::string_view name) const;
    Duration duration(std::string_view name) const { return Duration{(*this)[name]}; }
    std::uint64_t count(std::string_view name) const { return static_cast<std::uint64_t>((*this)[name]); }

    void set(std::string_view name, std::int64_t value);

    bool enabled = true;
    std::optional<Severity> severity;  ///< Replaces the rule's own.
    Duration resolve_after = std::chrono::seconds{60};  ///< alerting.resolve_after, raised to the rule's own span.

    std::span<const Setting> declared() const noexcept { return declared_; }
    friend bool operator==(const RuleSettings& a, const RuleSettings& b) noexcept {
        return a.values_ == b.values_ && a.enabled == b.enabled && a.severity == b.severity && a.resolve_after == b.resolve_after;
    }

private:
    std::span<const Setting> declared_;
    std::vector<std::int64_t> values_;
};

}  // namespace wiresage
