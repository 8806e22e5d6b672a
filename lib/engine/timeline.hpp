// Event time from the packets' stamps: never back, ticks in between, gaps cut short.
#pragma once

#include <cstdint>
#include <optional>

#include "base/time.hpp"

namespace wiresage {

/// Ticks at equal distances.
struct TickRun {
    EventTime first;
    std::uint64_t count = 0;
    Duration apart = tick_length;
};

/// The dispatcher's clock (contract, "Time").
///
/// Ticks come every `tick_length`; after ten seconds without any packet every second, until the next one: then nothing
/// but time-outs is waited for, and those of two hours must not cost 72,000 ticks.
class Timeline {
public:
    /// What one stamp does to event time.
    struct Step {
        EventTime time;                      ///< The packet's event time.
        TickRun ticks;                       ///< The ticks that come before it ...
        TickRun slow_ticks;                  ///< ... and after those the ones of a long silence.
        std::optional<Duration> clock_step;  ///< The stamps went back by this much, more than a second.
    };

    Step advance(EventTime stamp) noexcept;

    /// Takes the stamp of a packet that only lets event time go on, as nearly every one does; false: advance() must.
    bool go_on(EventTime stamp) noexcept {
        if (!is_plain_ || stamp < now_ || stamp >= next_tick_) return false;
        now_ = last_packet_ = stamp;
        return true;
    }

    /// Silence: event time goes on to `time` (not back), without a packet.
    Step idle_until(EventTime time) noexcept;

    bool started() const noexcept { return started_; }
    EventTime now() const noexcept { return now_; }  ///< The latest event time; not a wall clock.
    /// What a tick's own stamp is: its event time less the offset that clock steps have made.
    EventTime stamp_of(EventTime time) const noexcept { return time - offset_; }

    std::uint64_t clamped() const noexcept { return clamped_; }  ///< Stamps up to a second back, taken as now.
    std::uint64_t stepped() const noexcept { return stepped_; }  ///< Larger steps back.
    std::uint64_t jumped() const noexcept { return jumped_; }    ///< Gaps longer than the longest time-out.

private:
    static constexpr Duration most_clamped = std::chrono::seconds{1};
    static constexpr Duration long_silence = std::chrono::seconds{10};
    static constexpr std::int64_t ticks_of_slow = 10;

    Step move_to(EventTime time) noexcept;

    bool started_ = false;
    bool is_plain_ = false;  ///< Started, and event time is what the stamps say.
    EventTime now_;
    EventTime last_packet_;
    Duration offset_{};
    Duration previous_offset_{};
    std::int64_t last_tick_ = 0;  ///< Number of the last tick: event time divided by tick_length ...
    EventTime next_tick_;         ///< ... and the time of the next one: divisions are slow.
    std::uint64_t clamped_ = 0;
    std::uint64_t stepped_ = 0;
    std::uint64_t jumped_ = 0;
};

}  // namespace wiresage
