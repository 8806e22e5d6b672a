// Event time: the only clock that rules, flows and windows may read.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace wiresage {

/// The clock of the traffic itself.  A moment is the timestamp the capture gave
/// to a packet: nanoseconds since 1970-01-01 00:00 UTC (libpcap, pcap-tstamp(7)).
///
/// There is no now().  Time moves only when a packet or a tick carries it in, so
/// the same file gives the same answers today, tomorrow and at any replay speed.
struct EventClock {
    using duration = std::chrono::nanoseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<EventClock>;
    static constexpr bool is_steady = true;
};

using EventTime = EventClock::time_point;
using Duration = EventClock::duration;

/// The last moment an EventTime can hold: 2262-04-11.
inline constexpr EventTime latest_event_time = EventTime::max();

/// Time moves on in steps of this size: windows close, flows expire and alerts resolve on ticks only.
inline constexpr Duration tick_length = std::chrono::milliseconds{100};

/// After this much silence all state has expired; event time then jumps instead of ticking (contract, "Time").
inline constexpr Duration longest_timeout = std::chrono::hours{2};

constexpr EventTime event_time(std::int64_t nanoseconds) noexcept { return EventTime{Duration{nanoseconds}}; }

constexpr std::int64_t unix_nanoseconds(EventTime at) noexcept { return at.time_since_epoch().count(); }

/// Seconds as a decimal number, for evidence and metrics; never for a decision.
constexpr double seconds(Duration span) noexcept { return static_cast<double>(span.count()) / 1e9; }

/// Milliseconds as a decimal number, for evidence; never for a decision.
constexpr double milliseconds(Duration span) noexcept { return static_cast<double>(span.count()) / 1e6; }

/// RFC 3339 in UTC with nine digits of the second: "2012-05-01T14:44:32.157000000Z".
std::string rfc3339(EventTime at);

}  // namespace wiresage
