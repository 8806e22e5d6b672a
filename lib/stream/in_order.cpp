// Segments put in order, within caps.
#include "stream/in_order.hpp"

#include <algorithm>
#include <cstring>

namespace wiresage {

namespace {

/// How far `a` lies beyond `b` on the circle of sequence numbers (RFC 9293, 3.4); negative: before it.
std::int64_t beyond(std::uint32_t a, std::uint32_t b) noexcept { return static_cast<std::int32_t>(a - b); }

}  // namespace

void InOrder::segment(std::uint32_t sequence, std::size_t wire_bytes, Bytes captured, BufferPool& pool,
                      InOrderSink& sink) noexcept {
    if (stopped_ || wire_bytes == 0) return;
    captured = captured.first(std::min(captured.size(), wire_bytes));
    std::int64_t ahead = beyond(sequence, next_);
    if (ahead < 0) {
        const auto old = static_cast<std::size_t>(-ahead);
        if (old >= wire_bytes) return;
        captured = captured.subspan(std::min(old, captured.size()));
        wire_bytes -= old;
        ahead = 0;
    }
    if (ahead > 0 && static_cast<std::uint64_t>(ahead) <= skip_) {
        pass_over(static_cast<std::uint64_t>(ahead));
        ahead = 0;
    }
    if (ahead > 0) {
        wait(sequence, wire_bytes, captured, pool, sink);
        return;
    }
    deliver(captured, wire_bytes, pool, sink);
    go_on(pool, sink);
}

bool InOrder::pass(std::uint32_t sequence, std::size_t wire_bytes) noexcept {
    if (!begun_ || stopped_ || waiting_count_ > 0) return false;
    const std::int64_t ahead = beyond(sequence, next_);
    const std::int64_t end = ahead + static_cast<std::int64_t>(wire_bytes);
    if (end <= 0) return true;
    if (ahead < 0 || static_cast<std::uint64_t>(end) > skip_) return false;
    pass_over(static_cast<std::uint64_t>(end));
    return true;
}

void InOrder::acknowledged(std::uint32_t up_to, BufferPool& pool, InOrderSink& sink) noexcept {
    // Two segments beyond the hole: where queues feed one capture, an acknowledgment may overtake what it acknowledges.
    while (waiting_count_ >= 2 && !stopped_ && beyond(up_to, waiting_[0].sequence) > 0) {
        jump_to_first_waiting(pool, sink);
        go_on(pool, sink);
    }
}

void InOrder::again(BufferPool& pool, InOrderSink& sink) noexcept {
    if (unused_bytes_ == 0 || stopped_) return;
    show_kept(pool, sink);
    go_on(pool, sink);
}

void InOrder::finish(BufferPool& pool, InOrderSink& sink) noexcept {
    while (waiting_count_ > 0 && !stopped_) {
        jump_to_first_waiting(pool, sink);
        go_on(pool, sink);
    }
    clear(pool);
}

void InOrder::clear(BufferPool& pool) noexcept {
    pool.give_back(unused_);
    unused_bytes_ = 0;
    for (std::size_t i = 0; i < waiting_count_; ++i) pool.give_back(waiting_[i].buffer);
    waiting_count_ = 0;
}

std::uint64_t InOrder::pass_over(std::uint64_t count) noexcept {
    const std::uint64_t passed = std::min(count, skip_);
    if (skip_ != Consumed::everything) skip_ -= passed;
    next_ += static_cast<std::uint32_t>(passed);
    return passed;
}

void InOrder::deliver(Bytes captured, std::size_t wire_bytes, BufferPool& pool, InOrderSink& sink) noexcept {
    const std::uint64_t passed = pass_over(wire_bytes);
    const std::size_t cut = wire_bytes - captured.size();
    captured = captured.subspan(std::min<std::size_t>(passed, captured.size()));
    const std::size_t left = wire_bytes - static_cast<std::size_t>(passed);
    if (!captured.empty()) show(captured, pool, sink);
    if (cut > 0 && left > 0 && !stopped_) miss(std::min(cut, left), pool, sink);
}

void InOrder::show(Bytes bytes, BufferPool& pool, InOrderSink& sink) noexcept {
    next_ += static_cast<std::uint32_t>(bytes.size());
    if (unused_bytes_ == 0) {
        offer(bytes, pool, sink);
    } else if (keep(bytes, pool)) {
        show_kept(pool, sink);
    } else {
        // No room: what was kept is dropped, and the reader learns that something is missing.
        missing_ += bytes.size();
        tell_gap(bytes.size(), pool, sink);
    }
}

void InOrder::show_kept(BufferPool& pool, InOrderSink& sink) noexcept {
    offer({pool.at(unused_), unused_bytes_}, pool, sink);
}

void InOrder::tell_gap(std::uint64_t count, BufferPool& pool, InOrderSink& sink) noexcept {
    const Consumed after = sink.gap(unused(pool), count);
    pool.give_back(unused_);
    unused_bytes_ = 0;
    stopped_ = after.stop;
    skip_ = after.skip;
}

/// `shown` is either fresh, with nothing kept, or the whole of what is kept.
void InOrder::offer(Bytes shown, BufferPool& pool, InOrderSink& sink) noexcept {
    while (!shown.empty() && !stopped_) {
        const Consumed made = sink.bytes(shown);
        stopped_ = made.stop;
        const std::size_t used = std::min(made.used, shown.size());
        shown = shown.subspan(used);
        const std::size_t passed = static_cast<std::size_t>(std::min<std::uint64_t>(made.skip, shown.size()));
        shown = shown.subspan(passed);
        skip_ = made.skip == Consumed::everything ? made.skip : made.skip - passed;
        if (used == 0 && passed == 0 && made.skip == 0) break;
    }
    if (shown.empty() || stopped_) {
        pool.give_back(unused_);
        unused_bytes_ = 0;
        return;
    }
    if (unused_) {
        std::memmove(pool.at(unused_), shown.data(), shown.size());
        unused_bytes_ = static_cast<std::uint32_t>(shown.size());
    } else if (!keep(shown, pool)) {
        missing_ += shown.size();
        tell_gap(shown.size(), pool, sink);
    }
}

bool InOrder::keep(Bytes rest, BufferPool& pool) noexcept {
    const std::size_t all = unused_bytes_ + rest.size();
    if (all > most_unused) return false;
    if (all > BufferPool::size(unused_)) {
        BufferId larger = pool.take(all);
        if (!larger) return false;
        if (unused_bytes_ > 0) std::memcpy(pool.at(larger), pool.at(unused_), unused_bytes_);
        pool.give_back(unused_);
        unused_ = larger;
    }
    std::memcpy(pool.at(unused_) + unused_bytes_, rest.data(), rest.size());
    unused_bytes_ = static_cast<std::uint32_t>(all);
    return true;
}

void InOrder::miss(std::uint64_t count, BufferPool& pool, InOrderSink& sink) noexcept {
    const std::uint64_t passed = pass_over(count);
    count -= passed;
    if (count == 0) return;
    next_ += static_cast<std::uint32_t>(count);
    missing_ += count;
    tell_gap(count, pool, sink);
}

void InOrder::wait(std::uint32_t sequence, std::size_t wire_bytes, Bytes captured, BufferPool& pool,
                   InOrderSink& sink) noexcept {
    for (std::size_t i = 0; i < waiting_count_; ++i) {
        if (waiting_[i].sequence == sequence && waiting_[i].wire_bytes >= wire_bytes) return;  // A copy.
    }
    if (waiting_count_ == most_waiting) {
        jump_to_first_waiting(pool, sink);
        go_on(pool, sink);
        if (stopped_) return;
        segment(sequence, wire_bytes, captured, pool, sink);  // At least one place is free now.
        return;
    }
    Waiting made;
    made.sequence = sequence;
    made.wire_bytes = static_cast<std::uint32_t>(wire_bytes);
    const std::size_t kept = std::min(captured.size(), BufferPool::largest);
    if (kept > 0) made.buffer = pool.take(kept);
    if (made.buffer) {
        std::memcpy(pool.at(made.buffer), captured.data(), kept);
        made.captured_bytes = static_cast<std::uint32_t>(kept);
    }
    std::size_t at = waiting_count_;
    for (; at > 0 && beyond(waiting_[at - 1].sequence, sequence) > 0; --at) waiting_[at] = waiting_[at - 1];
    waiting_[at] = made;
    ++waiting_count_;
}

void InOrder::go_on(BufferPool& pool, InOrderSink& sink) noexcept {
    while (waiting_count_ > 0 && !stopped_) {
        Waiting first = waiting_[0];
        const std::int64_t ahead = beyond(first.sequence, next_);
        if (ahead > 0 && static_cast<std::uint64_t>(ahead) > skip_) return;
        std::copy(waiting_.begin() + 1, waiting_.begin() + waiting_count_, waiting_.begin());
        --waiting_count_;
        if (ahead > 0) pass_over(static_cast<std::uint64_t>(ahead));
        const std::size_t old = ahead < 0 ? static_cast<std::size_t>(-ahead) : 0;
        if (old < first.wire_bytes) {
            const Bytes all = first.buffer ? Bytes{pool.at(first.buffer), first.captured_bytes} : Bytes{};
            deliver(all.subspan(std::min(old, all.size())), first.wire_bytes - old, pool, sink);
        }
        pool.give_back(first.buffer);
    }
    if (stopped_) clear(pool);
}

void InOrder::jump_to_first_waiting(BufferPool& pool, InOrderSink& sink) noexcept {
    const std::int64_t hole = beyond(waiting_[0].sequence, next_);
    if (hole > 0) miss(static_cast<std::uint64_t>(hole), pool, sink);
}

}  // namespace wiresage
