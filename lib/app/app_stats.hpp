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
    std::uint64_t tls_decrypted = 0;   ///< Connections whose HTTP is read with the key log.
    std::uint64_t tls_late = 0;        ///< Their secrets came after their first records, and in time.
    std::uint64_t tls_stopped = 0;     ///< Secrets were known, but a gap or a record that does not open ended it.
    std::uint64_t tls_refused = 0;     ///< Secrets may be known, but there was no room.

    AppStats& operator+=(const AppStats& other) noexcept {
        sessions_opened += other.sessions_opened;
        sessions_refused += other.sessions_refused;
        sessions_open += other.sessions_open;
        recognised += other.recognised;
        given_up += other.given_up;
        gaps += other.gaps;
        buffers_refused += other.buffers_refused;
        facts_withheld += other.facts_withheld;
        tls_decrypted += other.tls_decrypted;
        tls_late += other.tls_late;
        tls_stopped += other.tls_stopped;
        tls_refused += other.tls_refused;
        return *this;
    }
};

}  // namespace wiresage
