// Pauses before the end of responses, for one side of one connection.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "fact/delay.hpp"
#include "flow/flow.hpp"

namespace wiresage {

/// A segment of a response, as the watch of pauses sees it.
struct ResponsePart {
    EventTime now;
    std::uint32_t frame = 0;
    std::uint32_t payload_bytes = 0;
    Microseconds pause = 0;                 ///< Since the side's segment before.
    bool acknowledged_long_before = false;  ///< All before it, long before the pause's end.
    std::uint16_t mss = 0;                  ///< As the receiver announced it; 0: unknown.
    bool has_stamp = false;                 ///< RFC 7323.
    std::uint32_t stamp = 0;
};

/// Judges each response once it is over.  Kept only for connections that are watched.
class TailWatch {
public:
    /// Shorter ones are delayed ACKs (RFC 9293, 3.8.6.3: less than 0.5 s; in fact 40 ms) and the network's jitter.
    static constexpr Microseconds least_pause = 100'000;

    /// The response begins; `whole`: all of it is seen from here.
    void begin(bool whole) noexcept {
        turn_ = Turn{};
        turn_.whole = whole;
    }
    /// One more segment of it, in order.
    void part(const ResponsePart& part) noexcept;
    /// Something of it was resent, or is missing here.
    void spoil() noexcept { turn_.spoilt = true; }
    /// The other side speaks: it is over.
    void end() noexcept;

    bool has_news() const noexcept { return sum_.delayed + sum_.waited_for_ack + sum_.resent + sum_.elsewhere > 0; }
    const TailDelays& sum() const noexcept { return sum_; }
    void told() noexcept {
        const TailDelays fresh;
        sum_ = fresh;
    }

private:
    enum class Kind : std::uint8_t { none, delayed, waited_for_ack, resent, elsewhere };
    struct Turn {
        std::uint32_t segments = 0;
        std::uint32_t bytes = 0;
        std::uint32_t largest = 0;
        std::uint32_t last = 0;  ///< Payload of the last segment.
        std::uint32_t tail_bytes = 0;
        std::uint32_t late_frame = 0;
        std::uint32_t last_stamp = 0;
        EventTime late_at;
        Microseconds pause = 0;
        Kind kind = Kind::none;
        bool whole = false;
        bool spoilt = false;
        bool stale = false;
        bool is_begun = false;
    };

    void count(const Turn& turn, Kind kind) noexcept;
    bool is_full(std::uint32_t payload_bytes, std::uint16_t mss) const noexcept;

    Turn turn_;
    std::uint32_t largest_ = 0;  ///< Payload of the connection.
    TailDelays sum_;
    /// The first response with a pause, which made the connection watched: it counts once another one has been seen,
    /// else connections with a single response would all be delayed ones.
    Turn held_;
    Kind held_kind_ = Kind::none;
    bool holds_ = false;
    bool saw_other_ = false;
};

}  // namespace wiresage
