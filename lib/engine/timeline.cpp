// Event time from the packets' stamps.

#include "engine/timeline.hpp"

#include <algorithm>

namespace wiresage {

namespace {

/// Where event time ends for packets: a day before what an EventTime can hold, so that time-outs, which are counted from
/// it and are two hours at most, never go beyond.
constexpr EventTime latest_packet_time = latest_event_time - std::chrono::hours{24};

/// The sum, or the end of time where it would go beyond it: stamps are a stranger's.
EventTime sum(EventTime time, Duration span) noexcept {
    std::int64_t result = 0;
    if (__builtin_add_overflow(time.time_since_epoch().count(), span.count(), &result)) return latest_packet_time;
    return std::min(event_time(result), latest_packet_time);
}

}  // namespace

Timeline::Step Timeline::move_to(EventTime time) noexcept {
    Step step;
    step.time = time;
    const std::int64_t number = time.time_since_epoch() / tick_length;
    constexpr std::int64_t most = longest_timeout / tick_length;
    if (number > last_tick_) {
        step.first_tick = EventTime{(last_tick_ + 1) * tick_length};
        step.ticks = static_cast<std::uint64_t>(std::min(number - last_tick_, most));
        if (number - last_tick_ > most) ++jumped_;  // All state has expired: the rest of the gap costs nothing.
        last_tick_ = number;
    }
    now_ = time;
    return step;
}

Timeline::Step Timeline::advance(EventTime stamp) noexcept {
    if (!started_) {
        started_ = true;
        now_ = sum(stamp, offset_);
        last_tick_ = now_.time_since_epoch() / tick_length;
        return Step{.time = now_, .first_tick = {}, .ticks = 0, .clock_step = {}};
    }
    EventTime time = sum(stamp, offset_);
    if (offset_ != previous_offset_) {
        // A single stray stamp made the offset: where the older one fits better, it holds again.
        const EventTime before = sum(stamp, previous_offset_);
        if (before >= now_ && before < time) {
            offset_ = previous_offset_;
            time = before;
        }
    }
    if (time >= now_) return move_to(time);
    const Duration back = now_ - time;
    if (back <= most_clamped) {
        ++clamped_;
        return move_to(now_);
    }
    ++stepped_;
    previous_offset_ = offset_;
    offset_ += back;
    auto step = move_to(now_);
    step.clock_step = back;
    return step;
}

Timeline::Step Timeline::idle_until(EventTime time) noexcept {
    if (!started_) return advance(time);
    return move_to(std::max(time, now_));
}

}  // namespace wiresage
