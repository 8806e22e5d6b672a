// How the network does as a whole, for metrics: waits, round trips, segments sent again.  No address in it.
#pragma once

#include <array>
#include <cstdint>

#include "fact/delay.hpp"
#include "fact/fact.hpp"

namespace wiresage {

/// Sums of the facts that flows tell of waiting and of loss.  Owned by the correlator; copied for metrics.
struct NetworkHealth {
    /// Waits by octave: bucket n holds what is below 256 us * 2^n, the last everything else.
    static constexpr std::size_t octaves = wait_buckets / 2;
    struct Histogram {
        std::array<std::uint64_t, octaves> counts{};
        std::uint64_t sum_us = 0;
    };
    struct Segments {
        std::uint64_t sent = 0;
        std::uint64_t sent_again = 0;
    };

    Histogram answers;      ///< From a request's last byte to the answer's first, as seen here.
    Histogram round_trips;  ///< Of the path: each service's mean of some seconds, once for each exchange in it.
    Segments by_client;
    Segments by_server;

    void see(const Fact& fact) noexcept;

    /// Upper end of a bucket in seconds, for metrics.
    static double upper_seconds(std::size_t octave) noexcept;
};

}  // namespace wiresage
