// Waits as rules count them.

#include "detect/waits.hpp"

#include <algorithm>

namespace wiresage {

namespace {

/// Times that programs wait for news, in milliseconds: Kafka's fetch, long polls, heartbeats.
constexpr Microseconds round_waits[] = {500'000,    1'000'000,  2'000'000,  3'000'000,  5'000'000,
                                        10'000'000, 15'000'000, 20'000'000, 25'000'000, 30'000'000};

}  // namespace

bool is_round(Microseconds wait, bool early) noexcept {
    // A wait for news ends at its time or a little later, by the timer's step and the way.
    return std::any_of(std::begin(round_waits), std::end(round_waits), [wait, early](Microseconds round) {
        const Microseconds near = std::max(round / 100, Microseconds{5'000});
        return wait >= round ? wait - round <= near : early && round - wait <= near;
    });
}

void Waits::add(Microseconds wait) {
    if (kept_.size() < most) {
        kept_.push_back(wait);
    } else {
        kept_[count_ % most] = wait;
    }
    ++count_;
    longest_ = std::max(longest_, wait);
}

Microseconds Waits::quantile(unsigned percent) const {
    if (kept_.empty()) return 0;
    auto sorted = kept_;
    const auto at = static_cast<std::ptrdiff_t>((kept_.size() - 1) * percent / 100);
    std::nth_element(sorted.begin(), sorted.begin() + at, sorted.end());
    return sorted[static_cast<std::size_t>(at)];
}

Microseconds Waits::nth_longest(std::uint64_t n) const {
    if (n >= kept_.size()) return 0;
    auto sorted = kept_;
    const auto at = static_cast<std::ptrdiff_t>(kept_.size() - 1 - n);
    std::nth_element(sorted.begin(), sorted.begin() + at, sorted.end());
    return sorted[static_cast<std::size_t>(at)];
}

bool Waits::are_round() const {
    const auto round = static_cast<std::size_t>(
        std::count_if(kept_.begin(), kept_.end(), [](Microseconds wait) { return is_round(wait); }));
    return round * 5 >= kept_.size() * 4;
}

void WaitHistogram::add(const std::array<std::uint16_t, wait_buckets>& counts) noexcept {
    for (std::size_t i = 0; i < wait_buckets; ++i) {
        counts_[i] += counts[i];
        count_ += counts[i];
    }
}

void WaitHistogram::add(const WaitHistogram& other) noexcept {
    for (std::size_t i = 0; i < wait_buckets; ++i) counts_[i] += other.counts_[i];
    count_ += other.count_;
}

Microseconds WaitHistogram::quantile(unsigned percent) const noexcept { return quantile_below(percent, UINT32_MAX); }

std::uint64_t WaitHistogram::count_below(Microseconds limit) const noexcept {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < wait_buckets; ++i) {
        if (middle_of_bucket(i) < limit) sum += counts_[i];
    }
    return sum;
}

Microseconds WaitHistogram::quantile_below(unsigned percent, Microseconds limit) const noexcept {
    const auto all = count_below(limit);
    if (all == 0) return 0;
    const auto rank = (all - 1) * percent / 100;
    std::uint64_t before = 0;
    for (std::size_t i = 0; i < wait_buckets; ++i) {
        if (middle_of_bucket(i) >= limit) break;
        before += counts_[i];
        if (before > rank) return middle_of_bucket(i);
    }
    return 0;
}

void WaitHistogram::fade(std::uint64_t most) noexcept {
    if (count_ <= most) return;
    count_ = 0;
    for (auto& count : counts_) {
        count /= 2;
        count_ += count;
    }
}

}  // namespace wiresage
