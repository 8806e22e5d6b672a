// Waits as rules count them: the latest ones, how they lie, and whether a time-out explains them.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "fact/delay.hpp"

namespace wiresage {

/// Just over one of the round times that programs wait for news: half a second, one, two, up to 30.  `early`: or just
/// under, as a period is from which other waits were taken out.
bool is_round(Microseconds wait, bool early = false) noexcept;

/// The latest waits, at most 256 of them; quantiles are of those.
class Waits {
public:
    static constexpr std::size_t most = 256;

    void add(Microseconds wait);
    void clear() { *this = Waits{}; }

    std::uint64_t count() const noexcept { return count_; }  ///< All that were added.
    Microseconds longest() const noexcept { return longest_; }
    /// The wait that `percent` of the kept ones do not exceed; 0 where there are none.
    Microseconds quantile(unsigned percent) const;
    /// 0: the longest of the kept ones; 0 us where there are not so many.
    Microseconds nth_longest(std::uint64_t n) const;
    Microseconds median() const { return quantile(50); }
    /// From the first to the third quartile.
    Microseconds interquartile() const { return quantile(75) - quantile(25); }
    /// Four of five are just over one of the round times that programs wait for news: a long poll, a fetch that found
    /// nothing, a heartbeat (field notes).
    bool are_round() const;

private:
    std::vector<Microseconds> kept_;
    std::uint64_t count_ = 0;
    Microseconds longest_ = 0;
};

/// All waits of a service, in half octaves.
class WaitHistogram {
public:
    void add(const std::array<std::uint16_t, wait_buckets>& counts) noexcept;
    void add(const WaitHistogram& other) noexcept;
    void clear() noexcept { *this = WaitHistogram{}; }
    std::uint64_t count() const noexcept { return count_; }
    /// The middle of the half octave that holds it: right to a fifth.
    Microseconds quantile(unsigned percent) const noexcept;
    /// The same of the waits shorter than this one.
    Microseconds quantile_below(unsigned percent, Microseconds limit) const noexcept;
    std::uint64_t count_below(Microseconds limit) const noexcept;
    /// Older waits count less: halves everything once more than `most` are counted.
    void fade(std::uint64_t most) noexcept;

private:
    std::array<std::uint64_t, wait_buckets> counts_{};
    std::uint64_t count_ = 0;
};

/// For evidence.
constexpr double as_milliseconds(Microseconds wait) noexcept { return static_cast<double>(wait) / 1e3; }
constexpr double as_seconds(Microseconds wait) noexcept { return static_cast<double>(wait) / 1e6; }

}  // namespace wiresage
