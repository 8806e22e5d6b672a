// Wireshark's definitions (User's Guide, 7.5), so that a user can confirm each figure with a display filter.
#include "flow/tcp_analysis.hpp"

#include <algorithm>

namespace wiresage {

namespace {

using namespace tcp_finding;

/// A retransmission this soon after the acknowledgment that asked for it is a fast one.
constexpr Duration fast_within = std::chrono::milliseconds{20};
/// Out of order rather than resent, as long as the connection's first round trip is not known.
constexpr Duration out_of_order_within = std::chrono::milliseconds{3};
/// Duplicate acknowledgments that ask for a retransmission, beside the first of their kind (RFC 5681, 3.2).
constexpr std::uint8_t fast_after_duplicates = 2;

/// A segment is full when its payload lacks no more of the MSS than options may take (RFC 9293, 3.1: 40 bytes, and
/// some stacks leave room for an IP option).
constexpr std::uint32_t room_for_options = 60;
/// Full, where the receiver's MSS is not known: what fits into the smallest MTU of IPv6 (RFC 8200, 5).
constexpr std::uint32_t full_without_mss = 1280 - 60;

constexpr std::uint16_t opens_or_ends = tcp_flag::syn | tcp_flag::fin | tcp_flag::rst;

/// One segment and its two sides, while it is judged.
struct Judgement {
    TcpSide& from;
    TcpSide& to;
    std::uint32_t& first_full_end;  ///< Of `from`.
    const TcpHeader& segment;
    EventTime stamp;
    Duration first_round_trip;
    std::uint16_t findings = 0;

    std::uint32_t length() const noexcept { return segment.payload_bytes; }
    bool plain() const noexcept { return !segment.has(opens_or_ends); }
    bool is(std::uint16_t finding) const noexcept { return (findings & finding) != 0; }
    void add(std::uint16_t finding) noexcept { findings = static_cast<std::uint16_t>(findings | finding); }
    /// One beyond the last sequence number that the segment takes (RFC 9293, 3.4: SYN and FIN take one).
    std::uint32_t end() const noexcept {
        return segment.sequence + length() + (segment.has(tcp_flag::syn | tcp_flag::fin) ? 1U : 0U);
    }
    bool at_next() const noexcept { return segment.sequence == from.next_sequence; }
    bool repeats_ack() const noexcept { return segment.acknowledgment == from.last_ack; }

    bool judge_probe() noexcept;
    void judge_sequence() noexcept;
    bool judge_pure_ack() noexcept;
    void judge_window_full() noexcept;
    void judge_acknowledgment() noexcept;
    void judge_repetition() noexcept;
};

/// A single byte into a closed window; the rest of the checks of what is new do not apply to it.
bool Judgement::judge_probe() noexcept {
    if (length() != 1 || !at_next() || to.window != 0 || to.last_ack == 0) return false;
    add(zero_window_probe);
    return true;
}

void Judgement::judge_sequence() noexcept {
    if (segment.window == 0 && plain()) add(zero_window);
    if (from.next_sequence == 0) return;
    if (sequence_before(from.next_sequence, segment.sequence) && !segment.has(tcp_flag::rst)) add(lost_segment);
    if (length() <= 1 && segment.sequence == from.next_sequence - 1 && plain()) add(keep_alive);
}

/// What an empty segment may be that says nothing new.  True when it answers a probe and nothing else is to be asked.
bool Judgement::judge_pure_ack() noexcept {
    if (length() != 0 || !plain() || !at_next()) return false;
    const bool same_window = segment.window == from.window;
    if (repeats_ack() && segment.window != 0 && !same_window) add(window_update);
    if (repeats_ack() && segment.window != 0 && same_window && to.has(side_flag::was_keep_alive)) {
        add(keep_alive_ack);
        return true;
    }
    // A receiver may take the byte of the probe and still have no room for another.
    if (segment.window == 0 && same_window && to.has(side_flag::was_window_probe) &&
        (repeats_ack() || segment.acknowledgment == from.last_ack + 1)) {
        add(zero_window_probe_ack);
        return true;
    }
    if (repeats_ack() && segment.window != 0 && same_window) {
        add(duplicate_ack);
        if (from.duplicate_acks != UINT8_MAX) ++from.duplicate_acks;
    }
    return false;
}

void Judgement::judge_window_full() noexcept {
    if (length() == 0 || !plain() || to.window_scale == scale_unknown) return;
    // The window of a SYN is never scaled (RFC 7323, 2.2).
    const bool scaled = to.window_scale > 0 && !to.has(side_flag::window_of_syn);
    const std::uint32_t window = static_cast<std::uint32_t>(to.window)
                                 << (scaled ? std::min<int>(to.window_scale, 14) : 0);
    if (segment.sequence + length() == to.last_ack + window) add(window_full);
}

void Judgement::judge_acknowledgment() noexcept {
    if (!repeats_ack()) {
        from.duplicate_acks = 0;
        from.clear(side_flag::was_overtaken);
    } else if (is(duplicate_ack)) {
        from.set(side_flag::was_overtaken);
    }
    if (!segment.has(tcp_flag::ack) || to.acknowledgeable == 0) return;
    if (!sequence_before(to.acknowledgeable, segment.acknowledgment)) return;
    if (to.acknowledgeable == to.next_sequence) {
        // Once said, the next acknowledgment of what was not seen is no news: not until the other side has acknowledged
        // something new.  So tshark 4.0 has it.
        if (to.has(side_flag::was_overtaken)) return;
        to.set(side_flag::was_overtaken);
    }
    to.acknowledgeable = to.next_sequence;
    add(ack_lost_segment);
}

void Judgement::judge_repetition() noexcept {
    if ((length() == 0 && !segment.has(tcp_flag::syn | tcp_flag::fin)) || is(keep_alive)) return;
    bool not_advanced = from.next_sequence != 0 && sequence_before(segment.sequence, from.next_sequence);
    // The byte of a keep-alive was not new; what follows it is.
    if (length() > 1 && from.next_sequence - 1 == segment.sequence) not_advanced = false;

    if (length() > 0 && to.last_ack != 0 && sequence_up_to(segment.sequence + length(), to.last_ack)) {
        add(spurious_retransmission | retransmission);
        return;
    }
    if (!not_advanced) return;
    if (to.duplicate_acks >= fast_after_duplicates && to.last_ack == segment.sequence &&
        stamp - to.last_ack_stamp < fast_within) {
        add(fast_retransmission | retransmission);
        return;
    }
    const Duration soon = first_round_trip > Duration{} ? first_round_trip : out_of_order_within;
    if (stamp - from.next_stamp < soon && from.next_sequence != end()) {
        add(out_of_order);
        return;
    }
    add(retransmission);
}

/// Says later whether only large segments are lost (RFC 2923, 2.1).
void remember_size(const Judgement& seen) noexcept {
    const std::uint32_t length = seen.length();
    if (length <= seen.from.largest_small) return;
    const std::uint32_t mss = seen.to.mss;
    if (mss == 0 ? length < full_without_mss : length + room_for_options < mss) {
        seen.from.largest_small = static_cast<std::uint16_t>(length);
    } else if (seen.first_full_end == 0) {
        seen.first_full_end = std::max(seen.segment.sequence + length, 1U);
    }
}

void remember(const Judgement& seen) noexcept {
    TcpSide& from = seen.from;
    const std::uint32_t end = seen.end();
    const bool probe = seen.is(zero_window_probe);
    // A byte that was sent only to probe will be sent again.
    if (!probe && (from.next_sequence == 0 || sequence_before(from.next_sequence, end))) {
        from.next_sequence = end;
        from.next_stamp = seen.stamp;
    }
    if (!probe && (from.acknowledgeable == 0 || seen.segment.sequence == from.acknowledgeable)) {
        from.acknowledgeable = from.next_sequence;
    }
    remember_size(seen);
    from.window = seen.segment.window;
    from.last_ack = seen.segment.acknowledgment;
    from.last_ack_stamp = seen.stamp;
    from.clear(side_flag::was_keep_alive | side_flag::was_window_probe | side_flag::window_of_syn);
    if (seen.is(keep_alive)) from.set(side_flag::was_keep_alive);
    if (probe) from.set(side_flag::was_window_probe);
    if (seen.segment.has(tcp_flag::syn)) from.set(side_flag::window_of_syn);
}

/// The number before the first one seen stands for the ISN of a side whose SYN was not seen.
void know_base(const Judgement& seen) noexcept {
    TcpSide& from = seen.from;
    TcpSide& to = seen.to;
    if (!from.has(side_flag::base_known | side_flag::isn_known)) from.isn = seen.segment.sequence - 1;
    from.set(side_flag::base_known);
    if (!seen.segment.has(tcp_flag::ack)) return;
    if (!to.has(side_flag::base_known | side_flag::isn_known)) to.isn = seen.segment.acknowledgment - 1;
    to.set(side_flag::base_known);
}

}  // namespace

std::uint16_t analyse(TcpFlow& flow, Side sender, const TcpHeader& segment, EventTime stamp) noexcept {
    Judgement seen{flow.sides[sender], flow.sides[1 - sender], flow.first_full_end[sender], segment, stamp,
                   flow.handshake_rtt};
    bool finished = seen.judge_probe();
    if (!finished) {
        seen.judge_sequence();
        finished = seen.judge_pure_ack();
    }
    if (!finished) seen.judge_window_full();
    seen.judge_acknowledgment();
    seen.judge_repetition();
    remember(seen);
    know_base(seen);

    const auto findings = seen.findings;
    if ((findings & (retransmission | fast_retransmission | spurious_retransmission)) != 0) ++seen.from.retransmissions;
    if ((findings & out_of_order) != 0 && seen.from.out_of_order != UINT16_MAX) ++seen.from.out_of_order;
    if ((findings & duplicate_ack) != 0 && flow.duplicate_acks != UINT16_MAX) ++flow.duplicate_acks;
    if ((findings & zero_window) != 0 && flow.zero_windows != UINT16_MAX) ++flow.zero_windows;
    if ((findings & lost_segment) != 0 && flow.lost_segments != UINT16_MAX) ++flow.lost_segments;
    return findings;
}

bool is_other_connection(const TcpSide& sender, const TcpHeader& segment) noexcept {
    return sender.has(side_flag::base_known) && sender.isn != segment.sequence;
}

void forget(TcpFlow& flow) noexcept {
    for (TcpSide& side : flow.sides) {
        TcpSide fresh;
        fresh.isn = side.isn;
        fresh.mss = side.mss;
        fresh.window_scale = side.window_scale;
        fresh.syn_acks = side.syn_acks;
        fresh.asked_fast_open = side.asked_fast_open;
        fresh.retransmissions = side.retransmissions;
        fresh.out_of_order = side.out_of_order;
        fresh.flags = side.flags & (side_flag::isn_known | side_flag::fin);
        side = fresh;
    }
    flow.first_full_end = {};
}

void count(TcpAnalysisCounts& counts, std::uint16_t findings) noexcept {
    if (findings == 0) return;
    const auto one = [findings](std::uint16_t finding) { return (findings & finding) != 0 ? 1U : 0U; };
    counts.retransmission += one(retransmission);
    counts.fast_retransmission += one(fast_retransmission);
    counts.spurious_retransmission += one(spurious_retransmission);
    counts.out_of_order += one(out_of_order);
    counts.duplicate_ack += one(duplicate_ack);
    counts.zero_window += one(zero_window);
    counts.zero_window_probe += one(zero_window_probe);
    counts.zero_window_probe_ack += one(zero_window_probe_ack);
    counts.window_full += one(window_full);
    counts.window_update += one(window_update);
    counts.lost_segment += one(lost_segment);
    counts.ack_lost_segment += one(ack_lost_segment);
    counts.keep_alive += one(keep_alive);
    counts.keep_alive_ack += one(keep_alive_ack);
}

}  // namespace wiresage
