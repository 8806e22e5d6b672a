// Something that comes again and again after the same time: bursts, and how regular they are.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/time.hpp"

namespace wiresage {

/// Bursts of events by their beginnings.  Keeps the latest 64.
class Recurrence {
public:
    /// An event at `at`, not before the one before by more than `gap`.  True where it begins a burst: nothing came for
    /// longer than `gap`.
    bool add(EventTime at, Duration gap) {
        const bool begins = bursts_ == 0 || at - last_ > gap;
        last_ = bursts_ == 0 ? at : std::max(last_, at);
        if (!begins) return false;
        ++bursts_;
        if (starts_.size() == most) starts_.erase(starts_.begin());
        starts_.push_back(at);
        return true;
    }

    std::uint64_t bursts() const noexcept { return bursts_; }
    EventTime last() const noexcept { return last_; }

    /// Median time from one burst to the next; zero below two bursts.
    Duration period() const { return quantile(gaps(), 2); }
    /// Interquartile range of these times.
    Duration jitter() const {
        const auto all = gaps();
        return quantile(all, 3) - quantile(all, 1);
    }

    /// At least four of five gaps are the period, or a small multiple of it (a burst that was not seen), within
    /// `percent`.
    bool is_regular(std::int64_t percent) const {
        const auto all = gaps();
        const auto one = period();
        if (all.empty() || one <= Duration{}) return false;
        const auto fitting = std::count_if(all.begin(), all.end(), [&](Duration gap) {
            const auto times = std::clamp<std::int64_t>((gap + one / 2) / one, 1, 4);
            return std::chrono::abs(gap - one * times) * 100 <= one * percent;
        });
        return static_cast<std::size_t>(fitting) * 5 >= all.size() * 4;
    }

private:
    static constexpr std::size_t most = 64;

    std::vector<Duration> gaps() const {
        std::vector<Duration> all;
        for (std::size_t i = 1; i < starts_.size(); ++i) all.push_back(starts_[i] - starts_[i - 1]);
        std::sort(all.begin(), all.end());
        return all;
    }

    /// Of sorted values: the `quarter`-th quartile, the lower one of two in the middle.
    static Duration quantile(const std::vector<Duration>& sorted, std::size_t quarter) {
        return sorted.empty() ? Duration{} : sorted[(sorted.size() - 1) * quarter / 4];
    }

    std::vector<EventTime> starts_;
    EventTime last_;
    std::uint64_t bursts_ = 0;
};

}  // namespace wiresage
