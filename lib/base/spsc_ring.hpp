// A queue between exactly two threads: one writes, one reads, nobody waits.
#pragma once

#include <atomic>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "base/bytes.hpp"

namespace wiresage {

/// Single-producer, single-consumer ring of plain values.
///
/// Positions count up for ever and are masked on use, so full and empty never
/// look alike.  Each side remembers the last position it saw of the other and
/// reads the shared one only when that runs out.
template <typename T>
class SpscRing {
    static_assert(std::is_trivially_copyable_v<T>, "values cross threads as bytes");

public:
    /// `capacity` is a number of slots and a power of two.
    explicit SpscRing(std::size_t capacity) : slots_(capacity), mask_{capacity - 1} {
        assert(std::has_single_bit(capacity));
    }

    /// Writer only.  False when full: the caller decides whether to lose or to wait.
    [[nodiscard]] bool try_push(const T& value) noexcept {
        const auto tail = tail_.load(std::memory_order_relaxed);  // Ours: no one else writes it.
        if (tail - head_seen_ == slots_.size()) {
            head_seen_ = head_.load(std::memory_order_acquire);  // Slots the reader has let go of.
            if (tail - head_seen_ == slots_.size()) return false;
        }
        slots_[tail & mask_] = value;
        tail_.store(tail + 1, std::memory_order_release);  // The slot is visible before its number.
        return true;
    }

    /// Reader only.  The oldest value, or null; valid until pop().
    [[nodiscard]] const T* peek() noexcept {
        const auto head = head_.load(std::memory_order_relaxed);
        if (head == tail_seen_) {
            tail_seen_ = tail_.load(std::memory_order_acquire);
            if (head == tail_seen_) return nullptr;
        }
        return &slots_[head & mask_];
    }

    /// Reader only.  Gives the slot that peek() showed back to the writer.
    void pop() noexcept { head_.store(head_.load(std::memory_order_relaxed) + 1, std::memory_order_release); }

private:
    std::vector<T> slots_;
    std::uint64_t mask_;
    alignas(cache_line_bytes) std::atomic<std::uint64_t> head_{0};  // The reader's line.
    std::uint64_t tail_seen_ = 0;
    alignas(cache_line_bytes) std::atomic<std::uint64_t> tail_{0};  // The writer's line.
    std::uint64_t head_seen_ = 0;
};

}  // namespace wiresage
