// One direction of a TCP connection as its receiver will read it, as far as it was captured.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"
#include "stream/buffer_pool.hpp"

namespace wiresage {

/// What a reader did with what it was shown.
struct Consumed {
    std::size_t used = 0;    ///< Of the bytes shown; the rest is shown again together with what follows it.
    std::uint64_t skip = 0;  ///< So many after those are not to be shown, only to be passed over (`everything`: all).
    bool stop = false;       ///< Nothing more is wanted of this connection.

    static constexpr std::uint64_t everything = UINT64_MAX;
};

/// Takes the bytes of one direction in order.
class InOrderSink {
public:
    virtual ~InOrderSink() = default;
    /// What was not used before, and what follows it.  Neither used nor skipped: more is needed.
    virtual Consumed bytes(Bytes shown) noexcept = 0;
    /// After what was not used (`unused`, which is dropped) so many bytes are missing for good: lost by the capture,
    /// cut off by its snap length, or more than fits.
    virtual Consumed gap(Bytes unused, std::uint64_t missing) noexcept = 0;
};

/// Puts segments in order within caps: at most `most_waiting` segments wait for a hole before them, and what a reader
/// leaves unused may grow to `most_unused`; beyond that a hole becomes a gap and unused bytes one, too.  Retransmitted
/// and overlapping bytes are seen once, as they came first.  Buffers come from the pool; none left is a gap as well.
///
/// Where a reader skips, holes do not matter and nothing waits: bodies cost nothing but a look at the numbers.
class InOrder {
public:
    static constexpr std::size_t most_waiting = 8;
    static constexpr std::size_t most_unused = BufferPool::largest;

    bool has_begun() const noexcept { return begun_; }
    /// The sequence number of the first byte (ISN + 1, or of the first segment seen).
    void begin(std::uint32_t first) noexcept {
        next_ = first;
        begun_ = true;
    }

    /// A segment: where its payload begins, its length on the wire, what of it was captured.
    void segment(std::uint32_t sequence, std::size_t wire_bytes, Bytes captured, BufferPool& pool,
                 InOrderSink& sink) noexcept;
    /// True where a segment that was not lost lies in what is skipped, or came before: nothing is to be shown.  Else
    /// nothing has been done, and segment() must.
    bool pass(std::uint32_t sequence, std::size_t wire_bytes) noexcept;
    /// The receiver has everything up to here: a hole before it was lost by the capture and never comes.
    void acknowledged(std::uint32_t up_to, BufferPool& pool, InOrderSink& sink) noexcept;
    /// Shows once more what was not used, to a reader who knows more now.
    void again(BufferPool& pool, InOrderSink& sink) noexcept;
    /// What was shown and not used.
    Bytes unused(const BufferPool& pool) const noexcept {
        return unused_ ? Bytes{pool.at(unused_), unused_bytes_} : Bytes{};
    }
    /// Nothing more comes: what waits is shown with its gaps.
    void finish(BufferPool& pool, InOrderSink& sink) noexcept;
    /// Gives all buffers back.
    void clear(BufferPool& pool) noexcept;

    bool is_waiting() const noexcept { return waiting_count_ > 0; }
    bool has_stopped() const noexcept { return stopped_; }
    /// Sequence number of the next byte wanted.
    std::uint32_t next() const noexcept { return next_; }
    std::uint64_t missing() const noexcept { return missing_; }  ///< In gaps, skipped ones not counted.

private:
    struct Waiting {
        std::uint32_t sequence = 0;
        std::uint32_t wire_bytes = 0;
        std::uint32_t captured_bytes = 0;
        BufferId buffer;
    };

    void deliver(Bytes captured, std::size_t wire_bytes, BufferPool& pool, InOrderSink& sink) noexcept;
    void show(Bytes bytes, BufferPool& pool, InOrderSink& sink) noexcept;
    void show_kept(BufferPool& pool, InOrderSink& sink) noexcept;
    void offer(Bytes shown, BufferPool& pool, InOrderSink& sink) noexcept;
    void tell_gap(std::uint64_t count, BufferPool& pool, InOrderSink& sink) noexcept;
    void miss(std::uint64_t count, BufferPool& pool, InOrderSink& sink) noexcept;
    std::uint64_t pass_over(std::uint64_t count) noexcept;
    bool keep(Bytes rest, BufferPool& pool) noexcept;
    void wait(std::uint32_t sequence, std::size_t wire_bytes, Bytes captured, BufferPool& pool,
              InOrderSink& sink) noexcept;
    void go_on(BufferPool& pool, InOrderSink& sink) noexcept;
    void jump_to_first_waiting(BufferPool& pool, InOrderSink& sink) noexcept;

    std::uint64_t skip_ = 0;
    std::uint64_t missing_ = 0;
    std::uint32_t next_ = 0;
    std::uint32_t unused_bytes_ = 0;
    BufferId unused_;
    bool begun_ = false;
    bool stopped_ = false;
    std::uint8_t waiting_count_ = 0;
    std::array<Waiting, most_waiting> waiting_{};  ///< By sequence number.
};

}  // namespace wiresage
