// A queue of records of any length between exactly two threads.
#pragma once

#include <sys/mman.h>

#include <atomic>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <new>

#include "base/bytes.hpp"

namespace wiresage {

/// Single-producer, single-consumer ring of bytes.  A record lies whole in memory: one that would cross the end leaves
/// a gap and begins at the front.  The writer publishes in batches.  Memory is mapped, and touched only when used.
class ByteRing {
public:
    static constexpr std::size_t alignment = 16;

    /// `capacity` in bytes, raised to a power of two.
    explicit ByteRing(std::size_t capacity) : capacity_{std::bit_ceil(capacity)} {
        void* const memory = mmap(nullptr, capacity_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) throw std::bad_alloc{};
        bytes_ = static_cast<std::uint8_t*>(memory);
    }
    ~ByteRing() { munmap(bytes_, capacity_); }
    ByteRing(const ByteRing&) = delete;
    ByteRing& operator=(const ByteRing&) = delete;

    std::size_t capacity() const noexcept { return capacity_; }
    /// The longest record that is sure to find room in an empty ring.
    std::size_t most_record() const noexcept { return capacity_ / 4; }

    /// Writer only.  Room for a record of `size` bytes (a multiple of `alignment`), or null while there is none.
    std::uint8_t* reserve(std::size_t size) noexcept {
        assert(size % alignment == 0 && size <= most_record());
        const std::size_t at = written_ & (capacity_ - 1);
        const std::size_t gap = at + size > capacity_ ? capacity_ - at : 0;
        if (written_ + gap + size - head_seen_ > capacity_) {
            head_seen_ = head_.load(std::memory_order_acquire);
            if (written_ + gap + size - head_seen_ > capacity_) return nullptr;
        }
        if (gap != 0) {
            ::new (bytes_ + at) std::uint32_t{0};  // A size of zero: go on at the front.
            written_ += gap;
        }
        return bytes_ + (written_ & (capacity_ - 1));
    }

    /// Writer only.  The reserved record is complete; its first four bytes hold its size.
    void commit(std::size_t size) noexcept { written_ += size; }
    /// Writer only.  All committed records may be read.
    void publish() noexcept { tail_.store(written_, std::memory_order_release); }

    /// Reader only.  Where the published part begins and ends, as ever-rising positions.
    std::uint64_t begin() const noexcept { return head_.load(std::memory_order_relaxed); }
    std::uint64_t end() const noexcept { return tail_.load(std::memory_order_acquire); }

    /// Reader only.  The record at a position below end(); steps over a gap by moving `position`.  Null at end().
    const std::uint8_t* record(std::uint64_t& position, std::uint64_t limit) const noexcept {
        if (position == limit) return nullptr;
        const std::size_t at = position & (capacity_ - 1);
        if (*std::launder(static_cast<const std::uint32_t*>(static_cast<const void*>(bytes_ + at))) != 0) return bytes_ + at;
        position += capacity_ - at;
        return position == limit ? nullptr : bytes_;
    }

    /// Reader only.  Everything before `position` may be overwritten.
    void release(std::uint64_t position) noexcept { head_.store(position, std::memory_order_release); }

private:
    std::size_t capacity_;
    std::uint8_t* bytes_ = nullptr;
    alignas(cache_line_bytes) std::atomic<std::uint64_t> head_{0};  // The reader's line.
    alignas(cache_line_bytes) std::atomic<std::uint64_t> tail_{0};  // The writer's line.
    std::uint64_t written_ = 0;
    std::uint64_t head_seen_ = 0;
};

}  // namespace wiresage
