// The two capture points, and one copy of something that a sender sent, as one of them saw it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/time.hpp"

namespace wiresage {

enum class Point : std::uint8_t { near, far };

constexpr Point opposite(Point point) noexcept { return point == Point::near ? Point::far : Point::near; }
constexpr std::size_t index_of(Point point) noexcept { return static_cast<std::size_t>(point); }
inline constexpr Point both_points[] = {Point::near, Point::far};

/// Where a packet stands in the captures: their inputs are numbered through, near first.
struct Sighting {
    EventTime at;             ///< By the near clock.
    std::uint64_t frame = 0;  ///< 0: nothing was seen.
    std::uint16_t input = 0;
};

/// One copy of a range of a stream (of UDP: a datagram, whose place is made of its digest), or what is left of it once
/// parts of it were found at the other point.
struct Piece {
    std::int64_t begin = 0;  ///< Relative to the initial sequence number.
    std::int64_t end = 0;
    std::int64_t whole_begin = 0;  ///< Of the segment that it came in.
    std::int64_t whole_end = 0;
    Sighting seen;
    std::uint64_t digest = 0;    ///< Of the captured payload; 0: none.
    std::uint64_t head = 0;      ///< Of its first bytes ...
    std::uint32_t captured = 0;  ///< How many bytes of payload there were to digest.
    std::uint32_t sequence = 0;  ///< Raw.
    std::uint32_t stamp_value = 0;
    std::uint32_t ip_id = 0;
    std::uint16_t flags = 0;
    bool has_stamp = false;
    bool has_id = false;

    std::int64_t length() const noexcept { return end - begin; }
    bool is_whole() const noexcept { return begin == whole_begin && end == whole_end; }
};

/// While a packet travels, and while a clock is uncertain, the other point may still show it.
inline constexpr Duration longest_travel = std::chrono::seconds{10};

/// When one point was listening, by the near clock.
struct Coverage {
    EventTime first = latest_event_time;
    EventTime last = EventTime::min();

    /// Something sent at `at` that took up to `travel` would have been seen.
    bool covers(EventTime at, Duration travel) const noexcept {
        return at >= first && at <= last && last - at >= travel;
    }
};

}  // namespace wiresage
