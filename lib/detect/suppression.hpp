// What is not to be told to anyone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "alert/finding.hpp"
#include "base/address.hpp"
#include "base/time.hpp"

namespace wiresage {

/// An entry of alerting.suppress.  An absent part matches everything.
struct Suppression {
    std::string id{};    ///< Names it in counts and in the API; empty: not counted on its own.
    std::string rule{};  ///< Empty: every rule.
    std::optional<Network> source{};
    std::optional<Network> destination{};
    std::optional<std::uint16_t> port{};  ///< Of either end.
    std::string owner{};
    std::string reason{};
    std::optional<EventTime> until{};  ///< Event time; absent: for good.
    friend bool operator==(const Suppression&, const Suppression&) = default;

    /// Whether it hides this, before its end.
    bool hides(std::string_view about_rule, const End& from, const End& to, EventTime now) const;
};

}  // namespace wiresage
