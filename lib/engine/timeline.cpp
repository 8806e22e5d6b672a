// Event time from the packets' stamps.

#include "engine/timeline.hpp"

#include <algorithm>

namespace wiresage {

namespace {

/// Where event time ends for packets: a day before what an EventTime can hold, so that time-outs, which are counted
/// from it and are two hours at most, never go beyond.
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
    now_ = time;
    if (time < next_tick_) return step;
    const std::int64_t number = time.time_since_epoch() / tick_length;
    constexpr std::int64_t most = longest_timeout / tick_length;
    if (number > last_tick_) {
        if (number - last_tick_ > most) ++jumped_;  // All state has expired: the rest of the gap costs nothing.
        const std::int64_t last = std::min(number, last_tick_ + most);
        const std::int64_t last_fast =
            std::clamp((last_packet_ + long_silence).time_since_epoch() / tick_length, last_tick_, last);
        step.ticks = {EventTime{(last_tick_ + 1) * tick_length}, static_cast<std::uint64_t>(last_fast - last_tick_),
                      tick_length};
        const std::int64_t first_slow = last_fast / ticks_of_slow + 1;
        const std::int64_t slow = last / ticks_of_slow - first_slow + 1;
        if (slow > 0) {
            step.slow_ticks = {EventTime{first_slow * ticks_of_slow * tick_length}, static_cast<std::uint64_t>(slow),
                               ticks_of_slow * tick_length};
        }
        last_tick_ = number;
    }
    next_tick_ = EventTime{(last_tick_ + 1) * tick_length};
    return step;
}

Timeline::Step Timeline::advance(EventTime stamp) noexcept {
    if (!started_) {
        started_ = is_plain_ = true;
        now_ = last_packet_ = sum(stamp, offset_);
        last_tick_ = now_.time_since_epoch() / tick_length;
        next_tick_ = EventTime{(last_tick_ + 1) * tick_length};
        return Step{.time = now_, .ticks = {}, .slow_ticks = {}, .clock_step = {}};
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
    Duration back{};
    if (time < now_) {
        back = now_ - time;
        time = now_;
    }
    auto step = move_to(time);
    last_packet_ = time;
    if (back == Duration{}) return step;
    if (back <= most_clamped) {
        ++clamped_;
        return step;
    }
    ++stepped_;
    is_plain_ = false;
    previous_offset_ = offset_;
    offset_ += back;
    step.clock_step = back;
    return step;
}

Timeline::Step Timeline::idle_until(EventTime time) noexcept {
    if (!started_) return advance(time);
    return move_to(std::max(time, now_));
}

}  // namespace wiresage
