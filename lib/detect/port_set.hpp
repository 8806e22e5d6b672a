// A set of ports that is small while it holds few and never more than 8 KiB.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace wiresage {

/// How many large PortSets may exist at once.  Must outlive them.
class PortSetBudget {
public:
    explicit PortSetBudget(std::size_t most) : left_{most} {}
    PortSetBudget(const PortSetBudget&) = delete;
    PortSetBudget& operator=(const PortSetBudget&) = delete;

private:
    friend class PortSet;
    std::size_t left_;
};

/// Exact.  Beyond `most_listed` ports it needs a part of the budget; where none is left it takes no more ports and
/// `is_full` says so: size() is then "at least".
class PortSet {
public:
    static constexpr std::size_t most_listed = 64;

    /// True where the port is new (and could be kept).
    bool insert(std::uint16_t port, PortSetBudget& budget) {
        if (bits_ != nullptr) return set(port);
        const auto place = std::lower_bound(listed_.begin(), listed_.end(), port);
        if (place != listed_.end() && *place == port) return false;
        if (listed_.size() < most_listed) {
            listed_.insert(place, port);
            ++size_;
            return true;
        }
        if (budget.left_ == 0) {
            full_ = true;
            return false;
        }
        --budget.left_;
        bits_ = std::unique_ptr<Bits, GiveBack>{new Bits{}, GiveBack{&budget}};
        size_ = 0;
        for (const auto old : listed_) set(old);
        listed_ = {};
        return set(port);
    }

    bool contains(std::uint16_t port) const {
        if (bits_ != nullptr) return ((*bits_)[port / 64U] >> port % 64U & 1U) != 0;
        return std::binary_search(listed_.begin(), listed_.end(), port);
    }

    std::uint64_t size() const noexcept { return size_; }
    bool is_full() const noexcept { return full_; }

private:
    using Bits = std::array<std::uint64_t, 1024>;
    struct GiveBack {
        GiveBack() noexcept : budget{nullptr} {}
        explicit GiveBack(PortSetBudget* of) noexcept : budget{of} {}
        PortSetBudget* budget;
        void operator()(Bits* bits) const noexcept {
            ++budget->left_;
            delete bits;
        }
    };

    bool set(std::uint16_t port) {
        auto& word = (*bits_)[port / 64U];
        const auto bit = std::uint64_t{1} << port % 64U;
        if ((word & bit) != 0) return false;
        word |= bit;
        ++size_;
        return true;
    }

    std::vector<std::uint16_t> listed_;  ///< Sorted; empty once there are bits.
    std::unique_ptr<Bits, GiveBack> bits_;
    std::uint32_t size_ = 0;
    bool full_ = false;
};

}  // namespace wiresage
