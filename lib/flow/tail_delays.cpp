// Pauses before the end of responses, for one side of one connection.
#include "flow/tail_delays.hpp"

namespace wiresage {

namespace {

void count_one(std::uint16_t& counter) noexcept {
    if (counter != UINT16_MAX) ++counter;
}

}  // namespace

bool TailWatch::is_full(std::uint32_t payload_bytes, std::uint16_t mss) const noexcept {
    // Options, tunnels and clamps on the way take their part of the MSS; without one, the least that all must take (RFC
    // 9293, 3.7.1).
    const std::uint32_t least = mss == 0 ? 500U : std::min<std::uint32_t>(mss, 1400) * 3 / 4;
    return payload_bytes >= largest_ && payload_bytes >= least;
}

void TailWatch::part(const ResponsePart& part) noexcept {
    turn_.is_begun = true;
    if (part.pause >= least_pause && (turn_.segments > 0 || !turn_.whole)) {
        if (turn_.kind != Kind::none) {
            turn_.kind = Kind::elsewhere;  // A stream, not a response with a late end.
        } else if (!part.acknowledged_long_before) {
            turn_.kind = Kind::waited_for_ack;
        } else if (turn_.segments > 0 && !is_full(turn_.last, part.mss)) {
            // A sender that has more to send fills its segments: after a short one it had nothing yet.
            turn_.kind = Kind::elsewhere;
        } else {
            turn_.kind = Kind::delayed;
        }
        turn_.pause = part.pause;
        turn_.late_at = part.now;
        turn_.late_frame = part.frame;
        turn_.stale = part.has_stamp && turn_.segments > 0 && part.stamp == turn_.last_stamp;
    }
    if (turn_.kind != Kind::none) turn_.tail_bytes += part.payload_bytes;
    ++turn_.segments;
    turn_.bytes += part.payload_bytes;
    largest_ = std::max(largest_, part.payload_bytes);
    turn_.largest = std::max(turn_.largest, part.payload_bytes);
    turn_.last = part.payload_bytes;
    turn_.last_stamp = part.stamp;
}

void TailWatch::end() noexcept {
    if (!turn_.is_begun) return;
    Turn turn = turn_;
    turn_ = Turn{};
    if (turn.whole && turn.segments < 2) return;
    Kind kind = turn.kind;
    // The end is less than what came before, and no more than a few segments.
    const bool is_tail = !turn.whole || (turn.tail_bytes <= turn.bytes / 2 && turn.tail_bytes <= 3 * turn.largest);
    if (kind == Kind::delayed && !is_tail) kind = Kind::elsewhere;
    if (kind != Kind::none && turn.spoilt) kind = Kind::resent;
    if (!saw_other_ && !holds_ && kind != Kind::none) {
        held_ = turn;
        held_kind_ = kind;
        holds_ = true;
        return;
    }
    saw_other_ = true;
    if (holds_) count(held_, held_kind_);
    holds_ = false;
    count(turn, kind);
}

void TailWatch::count(const Turn& turn, Kind kind) noexcept {
    ++sum_.responses;
    switch (kind) {
        case Kind::none:
            return;
        case Kind::waited_for_ack:
            return count_one(sum_.waited_for_ack);
        case Kind::resent:
            return count_one(sum_.resent);
        case Kind::elsewhere:
            return count_one(sum_.elsewhere);
        case Kind::delayed:
            break;
    }
    if (sum_.delayed++ == 0) {
        sum_.began = turn.late_at;
        sum_.began_frame = turn.late_frame;
        sum_.tail_bytes = turn.tail_bytes;
        sum_.stale_stamps = turn.stale;
    }
    sum_.stale_stamps = sum_.stale_stamps && turn.stale;
    sum_.pauses[(sum_.delayed - 1) % TailDelays::most] = to_short(turn.pause);
    if (sum_.count < TailDelays::most) ++sum_.count;
}

}  // namespace wiresage
