// What the application layer counts.
#pragma once

#include <cstdint>

namespace wiresage {

/// Summed over shards; exported as metrics and by `read --stats`.
struct AppStats {
    std::uint64_t sessions_opened = 0;
    std::uint64_t sessions_refused = 0;  ///< No room: the flow is not read.
    std::uint64_t sessions_open = 0;
    std::uint64_t recognised = 0;  ///< Flows whose protocol was recognised by their content.
    std::uint64_t given_up = 0;    ///< Flows that are nothing we know, or stopped making sense.
    std::uint64_t gaps = 0;        ///< Holes in the middle of what a parser wanted to read.
    std::uint64_t buffers_refused = 0;
    std::uint64_t facts_withheld = 0;  ///< Beyond the cap of a kind in a tick.

    AppStats& operator+=(const AppStats& other) noexcept {
        sessions_opened += other.sessions_opened;
        sessions_refused += other.sessions_refused;
        sessions_open += other.sessions_open;
        recognised += other.recognised;
        given_up += other.given_up;
        gaps += other.gaps;
        buffers_refused += other.buffers_refused;
        facts_withheld += other.facts_withheld;
        return *this;
    }
};

}  // namespace wiresage
