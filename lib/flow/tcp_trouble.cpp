// Segments resent, and bytes missing.
#include "flow/tcp_trouble.hpp"

#include <algorithm>

namespace wiresage {

namespace {

/// A gap counts as grown when it is at least half as long again: time-outs double (RFC 6298, 5.5), and stacks round.
constexpr int grown_num = 3, grown_den = 2;
/// Shorter gaps are answers to duplicate acknowledgments or probes for the tail (RFC 8985, 7), no time-outs.
constexpr Duration least_timeout = std::chrono::milliseconds{10};
constexpr std::uint16_t stall_timeouts = 3;
constexpr Duration least_stall = std::chrono::seconds{3};
/// No window is larger (RFC 7323, 2.3): what is farther away belongs to something else.
constexpr std::uint32_t largest_window = 1U << 30;

}  // namespace

void ResentSegment::copy(const TroubledSegment& seen) noexcept {
    const EventTime now = seen.now.time;
    if (!open || sequence != seen.segment.sequence) {
        *this = ResentSegment{};
        open = true;
        sequence = seen.segment.sequence;
        payload_bytes = seen.segment.payload_bytes;
        // When what is sent again was sent first is known of the last segment only; the others were sent just before.
        const Duration ago = std::max(seen.now.stamp - seen.sender().next_stamp, Duration{});
        began = {now - ago, seen.now.stamp - ago, seen.frame()};
        last_copy = began.time;
    }
    const Duration since = now - last_copy;
    last_copy = now;
    if (copies != UINT16_MAX) ++copies;
    if (since < least_timeout) return;
    if (gap > Duration{}) {
        const auto ratio = std::min<std::int64_t>(since / std::max(gap / 1000, Duration{1}), UINT16_MAX);
        if (ratio_count < most_ratios) ratios[ratio_count++] = static_cast<std::uint16_t>(ratio);
    }
    growing = gap == Duration{} || since * grown_den >= gap * grown_num ? static_cast<std::uint16_t>(growing + 1) : 1;
    most_growing = std::max(most_growing, growing);
    gap = since;
}

bool ResentSegment::is_stall(EventTime now) const noexcept {
    return open && copies >= stall_timeouts && most_growing >= stall_timeouts && now - began.time >= least_stall;
}

std::uint16_t ResentSegment::backoff_ratio() const noexcept {
    if (ratio_count == 0) return 0;
    auto sorted = ratios;
    const auto count = static_cast<std::ptrdiff_t>(std::min<std::size_t>(ratio_count, sorted.size()));
    std::nth_element(sorted.begin(), sorted.begin() + count / 2, sorted.begin() + count);
    return sorted[static_cast<std::size_t>(count / 2)];
}

void Holes::add(const Hole& hole) noexcept {
    if (count == most || hole.bytes() == 0 || hole.bytes() > largest_window) return;
    for (std::size_t i = 0; i < count; ++i) {
        if (sequence_before(hole.begin, list[i].end) && sequence_before(list[i].begin, hole.end)) return;
    }
    list[count++] = hole;
}

void Holes::erase(std::size_t at) noexcept {
    for (std::size_t i = at + 1; i < count; ++i) list[i - 1] = list[i];
    --count;
}

Holes::Filled Holes::fill(std::uint32_t begin, std::uint32_t end) noexcept {
    Filled filled = Filled::none;
    for (std::size_t i = 0; i < count;) {
        Hole& hole = list[i];
        if (!sequence_before(begin, hole.end) || !sequence_before(hole.begin, end)) {
            ++i;
            continue;
        }
        filled = hole.acked ? Filled::acked : Filled::missing;
        const bool from_begin = sequence_up_to(begin, hole.begin);
        const bool to_end = sequence_up_to(hole.end, end);
        if (from_begin && to_end) {
            erase(i);
            continue;
        }
        if (from_begin) {
            hole.begin = end;
        } else {
            // What lies behind the bytes is not looked at any more: the first part is what the receiver waits for.
            hole.end = begin;
        }
        ++i;
    }
    return filled;
}

void Holes::acknowledge(const TroubledSegment& seen) noexcept {
    const TcpHeader& segment = seen.segment;
    for (std::size_t i = 0; i < count; ++i) {
        Hole& hole = list[i];
        if (hole.acked) continue;
        bool has = sequence_up_to(hole.end, segment.acknowledgment);
        for (std::size_t block = 0; block < segment.sack_count; ++block) {
            const auto [left, right] = segment.sack[block];
            has = has || (sequence_up_to(left, hole.begin) && sequence_up_to(hole.end, right));
            if (sequence_up_to(hole.end, left)) hole.sacked = true;
        }
        if (has) {
            hole.acked = true;
            hole.acked_at = seen.now.time;
            hole.began = {seen.now.time, seen.now.stamp, seen.frame()};
        } else if (sequence_before(hole.begin, segment.acknowledgment)) {
            hole.begin = segment.acknowledgment;
            hole.dup_acks = 0;
        } else if (segment.acknowledgment == hole.begin && seen.is(tcp_finding::duplicate_ack)) {
            ++hole.dup_acks;
        }
    }
}

}  // namespace wiresage
