// The median of many durations in little room.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/time.hpp"

namespace wiresage {

/// Keeps every n-th value, n doubling whenever 256 are kept: exact up to 256 values, a fair sample beyond.
class Samples {
public:
    void add(Duration value) {
        least_ = count_ == 0 ? value : std::min(least_, value);
        most_ = count_ == 0 ? value : std::max(most_, value);
        sum_ += value;
        if (count_++ % every_ != 0) return;
        kept_.push_back(value);
        if (kept_.size() < most_kept) return;
        for (std::size_t i = 0; 2 * i < kept_.size(); ++i) kept_[i] = kept_[2 * i];
        kept_.resize(kept_.size() / 2);
        every_ *= 2;
    }

    std::uint64_t count() const noexcept { return count_; }
    Duration least() const noexcept { return least_; }
    Duration most() const noexcept { return most_; }
    Duration sum() const noexcept { return sum_; }

    /// The lower one of two in the middle; 0 where there are no values.
    Duration median() const {
        if (kept_.empty()) return Duration::zero();
        auto sorted = kept_;
        const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>((sorted.size() - 1) / 2);
        std::nth_element(sorted.begin(), middle, sorted.end());
        return *middle;
    }

private:
    static constexpr std::size_t most_kept = 256;
    std::vector<Duration> kept_;
    std::uint64_t every_ = 1;
    std::uint64_t count_ = 0;
    Duration least_{};
    Duration most_{};
    Duration sum_{};
};

}  // namespace wiresage
