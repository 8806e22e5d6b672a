// Counting over event time: sliding windows, peak seconds, how many different.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/time.hpp"

namespace wiresage {

/// A count over the last `span` of event time, in ten slices: exact to a tenth of the span.
/// 96 bytes; no allocation.
class RateWindow {
public:
    explicit RateWindow(Duration span = std::chrono::seconds{10}) : slice_{std::max(span / slices, Duration{1})} {}

    void add(EventTime at, std::uint64_t count = 1) {
        move_to(at);
        counts_[static_cast<std::size_t>(number_ % slices)] += count;
    }

    /// What was added in the span that ends at `now`.
    std::uint64_t total(EventTime now) {
        move_to(now);
        std::uint64_t sum = 0;
        for (const auto count : counts_) sum += count;
        return sum;
    }

    void clear() noexcept { counts_ = {}; }

private:
    static constexpr std::int64_t slices = 10;

    void move_to(EventTime at) {
        const std::int64_t number = at.time_since_epoch() / slice_;
        if (number <= number_) return;
        if (number - number_ >= slices) {
            counts_ = {};
        } else {
            for (std::int64_t i = number_ + 1; i <= number; ++i) counts_[static_cast<std::size_t>(i % slices)] = 0;
        }
        number_ = number;
    }

    Duration slice_;
    std::int64_t number_ = 0;
    std::array<std::uint64_t, slices> counts_{};
};

/// The largest count of any second so far, the second sliding by ticks.
class PeakSecond {
public:
    void add(EventTime at, std::uint64_t count) {
        window_.add(at, count);
        peak_ = std::max(peak_, window_.total(at));
    }
    std::uint64_t peak() const noexcept { return peak_; }
    std::uint64_t now(EventTime at) { return window_.total(at); }
    void clear() noexcept {
        window_.clear();
        peak_ = 0;
    }

private:
    RateWindow window_{std::chrono::seconds{1}};
    std::uint64_t peak_ = 0;
};

/// How many different values: exact to 4,096, then a HyperLogLog sketch of 1,024 registers (Flajolet et al. 2007,
/// 3.3 % standard error).  Fed with hashes whose bits are well spread; 32 bits are enough up to some 100 million.
class DistinctCount {
public:
    void add(std::uint32_t hash);
    std::uint64_t count() const;
    void clear();

private:
    static constexpr std::size_t most_exact = 4096;
    static constexpr std::size_t registers = 1024;

    void sketch(std::uint32_t hash);

    std::vector<std::uint32_t> exact_;         ///< Open addressing; 0 is an empty place.
    std::size_t exact_count_ = 0;
    bool zero_ = false;                        ///< The hash 0 was seen.
    std::vector<std::uint8_t> registers_;      ///< Empty until the exact set is full.
};

/// The first distinct values in order of appearance, for lists in evidence, and a bound on how many are compared.
template <typename T, std::size_t Most = 32>
class FirstDistinct {
public:
    /// True where the value is new among those kept (or beyond them).
    bool add(const T& value) {
        if (std::find(values_.begin(), values_.end(), value) != values_.end()) return false;
        if (values_.size() < Most) values_.push_back(value);
        return true;
    }
    const std::vector<T>& values() const noexcept { return values_; }
    void clear() { values_.clear(); }

private:
    std::vector<T> values_;
};

}  // namespace wiresage
