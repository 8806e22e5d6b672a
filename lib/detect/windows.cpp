// How many different values: exact while few, a sketch beyond.

#include "detect/windows.hpp"

#include <bit>
#include <cmath>

#include "base/hash.hpp"

namespace wiresage {

void DistinctCount::add(std::uint32_t hash) {
    if (!registers_.empty()) {
        sketch(hash);
        return;
    }
    if (hash == 0) {
        zero_ = true;
        return;
    }
    if ((exact_count_ + 1) * 2 > exact_.size()) {
        std::vector<std::uint32_t> grown(std::max<std::size_t>(16, exact_.size() * 2));
        for (const auto old : exact_) {
            if (old == 0) continue;
            std::size_t place = spread(old) & (grown.size() - 1);
            while (grown[place] != 0) place = (place + 1) & (grown.size() - 1);
            grown[place] = old;
        }
        exact_ = std::move(grown);
    }
    std::size_t place = spread(hash) & (exact_.size() - 1);
    while (exact_[place] != 0) {
        if (exact_[place] == hash) return;
        place = (place + 1) & (exact_.size() - 1);
    }
    exact_[place] = hash;
    ++exact_count_;
    if (exact_count_ <= most_exact) return;
    registers_.assign(registers, 0);
    for (const auto old : exact_) {
        if (old != 0) sketch(old);
    }
    exact_.clear();
    exact_.shrink_to_fit();
}

void DistinctCount::sketch(std::uint32_t hash) {
    const std::uint64_t bits = spread(hash + 0x9e3779b97f4a7c15ULL);
    auto& reg = registers_[bits % registers];
    const auto rank = static_cast<std::uint8_t>(std::countl_zero(bits | 1U) + 1);
    reg = std::max(reg, rank);
}

std::uint64_t DistinctCount::count() const {
    if (registers_.empty()) return exact_count_ + (zero_ ? 1 : 0);
    constexpr double m = registers;
    double sum = 0;
    std::size_t empty = 0;
    for (const auto reg : registers_) {
        sum += std::ldexp(1.0, -reg);
        empty += reg == 0;
    }
    const double estimate = 0.7213 / (1 + 1.079 / m) * m * m / sum;
    if (estimate <= 2.5 * m && empty > 0) return static_cast<std::uint64_t>(m * std::log(m / static_cast<double>(empty)) + 0.5);
    return static_cast<std::uint64_t>(estimate + 0.5);
}

void DistinctCount::clear() {
    exact_.clear();
    exact_count_ = 0;
    zero_ = false;
    registers_.clear();
}

}  // namespace wiresage
