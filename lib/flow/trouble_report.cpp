// Connections in trouble: what time decides, and what is told.
#include <algorithm>

#include "flow/trouble_tracker.hpp"

namespace wiresage {

namespace {

/// RFC 9293, 3.8.3: a connection is given up after 100 s at the least; the time-outs before that reach a minute.
constexpr Duration given_up = std::chrono::seconds{180};
/// A capture that ends this soon after a hole opened has not shown that nobody fills it.
constexpr Duration proven_hole = std::chrono::seconds{20};
constexpr Duration least_hole = std::chrono::seconds{3};
constexpr std::uint32_t least_dup_acks = 3;
/// Data may be captured after its acknowledgment, where several queues feed one capture.
constexpr Duration overtaken = std::chrono::seconds{1};
/// A window that is closed for a moment is flow control at work.
constexpr Duration least_closed = std::chrono::seconds{1};
constexpr Duration window_again = std::chrono::seconds{10};
/// Fewer segments say nothing of a path.
constexpr std::uint32_t least_segments = 32;

std::uint32_t milliseconds_of(Duration span) noexcept {
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(span / std::chrono::milliseconds{1}, 0, UINT32_MAX));
}

std::uint32_t segments_of(std::uint64_t packets, std::uint64_t payload, std::uint32_t mss) noexcept {
    const std::uint64_t by_size = payload / (mss != 0 ? mss : 1460);
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(std::max(packets, by_size), UINT32_MAX));
}

/// The largest payload of the sender that is known to have come through; never more than what is lost with it says.
std::uint16_t largest_passed(const TcpFlow& tcp, Side sender, std::uint32_t sacked) noexcept {
    const TcpSide& own = tcp.sides[sender];
    const TcpSide& other = tcp.sides[1 - sender];
    const std::uint32_t mss = other.mss != 0 ? other.mss : 1460;
    const bool full = tcp.first_full_end[sender] != 0 && sequence_up_to(tcp.first_full_end[sender], other.last_ack);
    // A block as large as a full segment may be one, or several small ones.
    if (full || sacked + 60 >= mss) return static_cast<std::uint16_t>(mss);
    const bool any = sacked > 0 || (other.last_ack != 0 && sequence_before(own.isn + 1, other.last_ack));
    return any ? own.largest_small : std::uint16_t{0};
}

}  // namespace

TroubleEnds TroubleTracker::ends_of(const Flow& flow, Side sender) const noexcept {
    TroubleEnds ends;
    ends.sender = flow.end(sender);
    ends.receiver = flow.end(static_cast<Side>(1 - sender));
    ends.sender_mac = flow.macs[sender];
    ends.receiver_mac = flow.macs[1 - sender];
    ends.sender_serves = sender == flow.server_side();
    ends.handshake_seen = flow.has(flow_flag::initiator_known);
    return ends;
}

void TroubleTracker::look_at_holes(Trouble& trouble, Side side, const Moment& now, EventTime capture_end,
                                   bool leaves) noexcept {
    SideTrouble& of = trouble.sides[side];
    const EventTime last_seen = table_[trouble.flow].last_seen;
    for (std::size_t i = 0; i < of.holes.count;) {
        const Hole hole = of.holes.list[i];
        if (hole.acked) {
            if (!leaves && now.time - hole.acked_at < overtaken) {
                ++i;
                continue;
            }
            count_gap(of, hole);
        } else {
            if (!leaves && now.time - hole.began.time < given_up) {
                ++i;
                continue;
            }
            if (std::min(capture_end, now.time) - hole.began.time >= proven_hole)
                tell_hole(trouble, side, hole, last_seen, TroubleEnd::timeout);
        }
        of.holes.erase(i);
    }
}

void TroubleTracker::look_at_resent(Trouble& trouble, Side side, const Moment& now, EventTime capture_end,
                                    bool leaves) noexcept {
    ResentSegment& resent = trouble.sides[side].resent;
    if (!resent.open) return;
    if (!leaves && now.time - resent.last_copy < std::max<Duration>(given_up, resent.gap * 3)) return;
    // Nothing after the last copy, though another was due: given up.  Else the capture ended before.
    const bool proven = std::min(capture_end, now.time) - resent.last_copy >= resent.gap * 2;
    if (resent.told && proven) tell_stall(trouble, side, resent.last_copy, TroubleEnd::timeout);
    resent.open = false;
}

void TroubleTracker::look_at_window(Trouble& trouble, Side side, const Moment& now) noexcept {
    ClosedWindow& window = trouble.sides[side].window;
    if (!window.closed) return;
    const Duration since = table_[trouble.flow].last_seen - window.since.time;
    if (since < least_closed || (window.counted && now.time - window.told_at < window_again)) return;
    if (window.counted && since == window.told) return;
    if (window.probes > 0 || window.full) tell_window(trouble, side, now, TroubleEnd::open);
}

void TroubleTracker::end_window(Trouble& trouble, Side side, const Moment& now, TroubleEnd end) noexcept {
    ClosedWindow& window = trouble.sides[side].window;
    // The packet in hand has not been noted as the last one yet.
    const EventTime until = end == TroubleEnd::timeout ? table_[trouble.flow].last_seen : now.time;
    const Duration since = until - window.since.time;
    const bool wanted = window.probes > 0 || window.full;
    if (wanted && (since >= least_closed || window.counted)) {
        if (!window.counted) {
            ++window.episodes;
            if (window.began.frame == 0) window.began = window.since;
        }
        window.stalled += since - window.told;
        window.longest = std::max(window.longest, since);
        window.closed = false;
        tell_window(trouble, side, now, end);
    }
    window.closed = false;
    window.full = false;
    window.probes = window.probes_told = 0;
}

void TroubleTracker::tell_window(Trouble& trouble, Side receiver, const Moment& now, TroubleEnd end) noexcept {
    ClosedWindow& window = trouble.sides[receiver].window;
    if (window.closed) {
        const Duration since = table_[trouble.flow].last_seen - window.since.time;
        if (!window.counted) ++window.episodes;
        window.counted = true;
        if (window.began.frame == 0) window.began = window.since;
        window.stalled += since - window.told;
        window.told = since;
        window.longest = std::max(window.longest, since);
    }
    WindowStall told;
    told.ends = ends_of(table_[trouble.flow], static_cast<Side>(1 - receiver));
    told.ends.first = !window.told_once;
    told.began = window.began.time;
    told.began_stamp = window.began.stamp;
    told.first_frame = window.began.frame;
    told.stalled = window.stalled;
    told.longest = window.longest;
    told.episodes = window.episodes;
    told.probes = window.probes - window.probes_told;
    told.end = end;
    if (!teller_.trouble(table_[trouble.flow], told)) return;
    window.told_once = true;
    window.probes_told = window.probes;
    window.stalled = {};
    window.episodes = 0;
    window.told_at = now.time;
    window.began = {};
}

void TroubleTracker::tell_stall(Trouble& trouble, Side sender, EventTime until, TroubleEnd end) noexcept {
    SideTrouble& of = trouble.sides[sender];
    ResentSegment& resent = of.resent;
    const TcpFlow& tcp = table_.tcp(trouble.flow);
    SegmentStall told;
    told.ends = ends_of(table_[trouble.flow], sender);
    told.ends.first = !of.stall_told;
    told.began = resent.began.time;
    told.began_stamp = resent.began.stamp;
    told.stalled_ms = milliseconds_of(until - resent.began.time);
    told.first_frame = resent.began.frame;
    told.seq_relative = resent.sequence - tcp.sides[sender].isn;
    told.payload_bytes = resent.payload_bytes;
    told.copies = resent.copies;
    const bool of_now = sequence_up_to(resent.sequence, of.sack_for) &&
                        sequence_before(of.sack_for, resent.sequence + resent.payload_bytes);
    if (of_now) {
        told.sack = of.sack;
        told.sack_count = of.sack_count;
    }
    told.backoff_ratio = resent.backoff_ratio();
    told.mss = tcp.sides[1 - sender].mss;
    told.largest_passed = largest_passed(tcp, sender, of_now ? of.largest_sacked : 0);
    told.icmp_seen = of.icmp_seen;
    told.icmp_mtu = of.icmp_mtu;
    told.end = end;
    if (!teller_.trouble(table_[trouble.flow], told)) return;
    resent.told = true;
    of.stall_told = true;
}

void TroubleTracker::tell_hole(Trouble& trouble, Side sender, const Hole& hole, EventTime until,
                               TroubleEnd end) noexcept {
    SideTrouble& of = trouble.sides[sender];
    if (until - hole.began.time < least_hole || (!hole.sacked && hole.dup_acks < least_dup_acks)) return;
    const TcpFlow& tcp = table_.tcp(trouble.flow);
    SequenceHole told;
    told.ends = ends_of(table_[trouble.flow], sender);
    told.ends.first = !of.hole_told;
    told.began = hole.began.time;
    told.began_stamp = hole.began.stamp;
    told.open = until - hole.began.time;
    told.first_frame = hole.began.frame;
    told.seq_relative = hole.begin - tcp.sides[sender].isn;
    told.missing_bytes = hole.bytes();
    told.dup_acks = hole.dup_acks;
    told.mss = tcp.sides[1 - sender].mss;
    told.end = end;
    told.sacked = hole.sacked;
    of.hole_told = teller_.trouble(table_[trouble.flow], told) || of.hole_told;
}

void TroubleTracker::count_gap(SideTrouble& of, const Hole& hole) noexcept {
    if (of.gaps == 0) of.gap_began = hole.began;
    of.gap_bytes += hole.bytes();
    ++of.gaps;
}

void TroubleTracker::tell_gap(Trouble& trouble, Side sender) noexcept {
    SideTrouble& of = trouble.sides[sender];
    if (of.gaps == 0) return;
    CaptureGap told;
    told.ends = ends_of(table_[trouble.flow], sender);
    told.ends.first = !of.gap_told;
    told.began = of.gap_began.time;
    told.began_stamp = of.gap_began.stamp;
    told.first_frame = of.gap_began.frame;
    told.missing_bytes = of.gap_bytes;
    told.gaps = of.gaps;
    of.gap_told = teller_.trouble(table_[trouble.flow], told) || of.gap_told;
    of.gap_bytes = 0;
    of.gaps = 0;
}

void TroubleTracker::tell_odd(Trouble& trouble, OddHandshakeKind kind) noexcept {
    OddNumbers& odd = trouble.odd;
    const Flow& flow = table_[trouble.flow];
    OddHandshake told;
    told.client = flow.client();
    told.server = flow.server();
    told.client_mac = flow.macs[flow.client_side()];
    told.server_mac = flow.macs[flow.server_side()];
    told.began = odd.began.time;
    told.began_stamp = odd.began.stamp;
    told.began_frame = odd.began.frame;
    told.server_isn = table_.tcp(trouble.flow).sides[flow.server_side()].isn;
    told.observed_ack = odd.observed_ack;
    told.payload_bytes = odd.payload_bytes;
    told.syn_acks = odd.syn_acks;
    told.kind = kind;
    told.first = !odd.told;
    told.ack_seen = odd.ack_seen;
    told.equals_padding = odd.equals_padding;
    if (!teller_.trouble(flow, told)) return;
    odd.told = true;
    odd.syn_acks = 0;
}

void TroubleTracker::tell_tally(Trouble& trouble) noexcept {
    const Flow& flow = table_[trouble.flow];
    const TcpFlow& tcp = table_.tcp(trouble.flow);
    LossTally told;
    told.client = flow.client();
    told.server = flow.server();
    told.began = flow.began;
    told.began_stamp = flow.began_stamp;
    told.first = !trouble.tally_told;
    for (const Side side : {Side{0}, Side{1}}) {
        SideTrouble& of = trouble.sides[side];
        of.tally.segments = segments_of(flow.packets[side] - of.packets_told,
                                        flow.payload_bytes[side] - of.payload_told, tcp.sides[1 - side].mss);
        of.packets_told = flow.packets[side];
        of.payload_told = flow.payload_bytes[side];
        (side == flow.client_side() ? told.by_client : told.by_server) = of.tally;
        if (of.first_loss.frame != 0 && (told.began_frame == 0 || of.first_loss.time < told.began)) {
            told.began = of.first_loss.time;
            told.began_stamp = of.first_loss.stamp;
            told.began_frame = of.first_loss.frame;
        }
        of.tally = {};
        of.first_loss = {};
    }
    const auto lost = [](const LossTally::Side& of) { return of.lost_after + of.lost_before + of.spurious; };
    if (lost(told.by_client) + lost(told.by_server) == 0 &&
        std::max(told.by_client.segments, told.by_server.segments) < least_segments)
        return;
    trouble.tally_told = teller_.trouble(flow, told) || trouble.tally_told;
}

void TroubleTracker::tell_healthy(FlowIndex at) noexcept {
    const Flow& flow = table_[at];
    const TcpFlow& tcp = table_.tcp(at);
    const auto segments = [&](Side side) {
        return segments_of(flow.packets[side], flow.payload_bytes[side], tcp.sides[1 - side].mss);
    };
    LossTally told;
    told.by_client.segments = segments(flow.client_side());
    told.by_server.segments = segments(flow.server_side());
    if (std::max(told.by_client.segments, told.by_server.segments) < least_segments) return;
    if (told.by_client.segments == 0 || told.by_server.segments == 0) return;
    told.client = flow.client();
    told.server = flow.server();
    told.began = flow.began;
    told.began_stamp = flow.began_stamp;
    told.first = true;
    teller_.trouble(flow, told);
}

}  // namespace wiresage
