// Connections in trouble, segment by segment.
#include "flow/trouble_tracker.hpp"

#include <algorithm>

namespace wiresage {

using namespace tcp_finding;

namespace {

constexpr std::uint32_t least_places = 64;
constexpr std::uint32_t most_places = 65535;
/// A connection without trouble for this long needs no watching.
constexpr Duration calm = std::chrono::seconds{60};
constexpr Duration tally_every = std::chrono::seconds{60};
/// RFC 2018, 3: an acknowledgment of bytes that the capture has not shown yet may have overtaken them (several queues).
constexpr Duration open_hole = std::chrono::seconds{3};
constexpr std::uint32_t largest_window = 1U << 30;

std::uint32_t places_for(std::uint32_t flows) noexcept { return std::clamp(flows / 8, least_places, most_places); }

/// RFC 2883, 4: the first block tells what came twice: it lies below the acknowledgment, or within the second block.
bool is_duplicate_sack(const TcpHeader& segment) noexcept {
    if (segment.sack_count == 0) return false;
    const SackBlock& first = segment.sack[0];
    if (sequence_up_to(first.right, segment.acknowledgment)) return true;
    if (segment.sack_count == 1) return false;
    const SackBlock& second = segment.sack[1];
    return sequence_up_to(second.left, first.left) && sequence_up_to(first.right, second.right);
}

/// An acknowledgment in a handshake that is off by more belongs to something else (field notes), ...
constexpr std::uint32_t most_off = 64;
/// ... as does one that comes much later than a round trip; whose length is not known at the server's side.
constexpr Duration soon_after = std::chrono::seconds{1};

/// The client's first acknowledgment is another than the server's ISN + 1, with nothing between that would explain it.
bool is_odd_acknowledgment(const Flow& flow, const TcpFlow& tcp, const TcpHeader& segment, EventTime now) noexcept {
    const TcpSide& client = tcp.sides[flow.client_side()];
    const TcpSide& server = tcp.sides[flow.server_side()];
    if (segment.acknowledgment == server.isn + 1 || !segment.has(tcp_flag::ack)) return false;
    if (segment.has(tcp_flag::fin) || !flow.has(flow_flag::initiator_known)) return false;
    if (!client.has(side_flag::isn_known) || !server.has(side_flag::isn_known)) return false;
    if (segment.sequence != client.isn + 1 || client.next_sequence != client.isn + 1) return false;
    if (server.next_sequence != server.isn + 1) return false;
    const std::uint32_t off = segment.acknowledgment - (server.isn + 1);
    if (off > most_off && off < ~most_off + 1) return false;
    const Duration round_trip = tcp.syn_ack_at - flow.began;
    return now - tcp.syn_ack_at <= std::max<Duration>(3 * round_trip, soon_after);
}

/// Whether the receiver of these bytes had room for them.
bool fits_window(const TroubledSegment& seen) noexcept {
    const TcpSide& receiver = seen.receiver();
    if (receiver.window == 0) return false;
    if (receiver.window_scale == scale_unknown) return true;
    const bool scaled = receiver.window_scale > 0 && !receiver.has(side_flag::window_of_syn);
    const std::uint32_t window = static_cast<std::uint32_t>(receiver.window)
                                 << (scaled ? std::min<int>(receiver.window_scale, 14) : 0);
    return sequence_up_to(seen.end(), receiver.last_ack + window);
}

}  // namespace

TroubleTracker::TroubleTracker(std::uint32_t flows, FlowTable& table, Teller& teller, ShardStats& stats)
    : table_{table},
      teller_{teller},
      stats_{stats},
      pool_{places_for(flows) + 1},
      in_use_{places_for(flows)},
      free_{places_for(flows)} {}

Trouble* TroubleTracker::take(FlowIndex at, const Moment& now) noexcept {
    TcpFlow& tcp = table_.tcp(at);
    if (tcp.trouble != 0) return &pool_[tcp.trouble];
    std::uint16_t place = 0;
    if (free_count_ > 0) {
        place = free_[--free_count_];
    } else if (ever_used_ + 1U < pool_.size()) {
        place = ++ever_used_;
    } else {
        ++stats_.troubles_refused;
        return nullptr;
    }
    Trouble& trouble = pool_[place];
    trouble = Trouble{};
    trouble.flow = at;
    trouble.place = used_;
    trouble.last = trouble.tally_told_at = now.time;
    in_use_[used_++] = place;
    tcp.trouble = place;
    return &trouble;
}

void TroubleTracker::release(Trouble& trouble) noexcept {
    TcpFlow& tcp = table_.tcp(trouble.flow);
    const std::uint16_t place = tcp.trouble;
    tcp.trouble = 0;
    const std::uint16_t moved = in_use_[--used_];
    in_use_[trouble.place] = moved;
    pool_[moved].place = trouble.place;
    free_[free_count_++] = place;
}

void TroubleTracker::segment(FlowIndex at, Side from, const TcpHeader& segment, std::uint16_t findings,
                             std::uint32_t next_before, const Moment& now) noexcept {
    Trouble* const trouble = take(at, now);
    if (trouble == nullptr) return;
    const TroubledSegment seen{table_[at], table_.tcp(at), from, segment, findings, next_before, now};
    if (is_trouble(findings, segment)) trouble->last = now.time;
    if (trouble->odd.payload || trouble->odd.mismatch) see_odd(*trouble, seen);
    if (segment.has(tcp_flag::rst)) return see_end(*trouble, seen);
    if (segment.has(tcp_flag::ack)) see_acknowledgment(*trouble, seen);
    if (!segment.has(tcp_flag::syn)) {
        see_data(*trouble, seen);
        see_window(*trouble, seen);
    }
    if (segment.has(tcp_flag::fin)) see_end(*trouble, seen);
}

void TroubleTracker::see_data(Trouble& trouble, const TroubledSegment& seen) noexcept {
    SideTrouble& own = trouble.sides[seen.from];
    if (seen.is(lost_segment) && seen.next_before != 0) {
        Hole hole;
        hole.began = {seen.now.time, seen.now.stamp, seen.frame()};
        const std::uint32_t acked = seen.receiver().last_ack;
        hole.begin = acked != 0 && sequence_before(seen.next_before, acked) ? acked : seen.next_before;
        hole.end = seen.segment.sequence;
        if (sequence_before(hole.begin, hole.end)) own.holes.add(hole);
    }
    if (seen.segment.payload_bytes == 0) return;
    const auto filled = own.holes.count > 0 ? own.holes.fill(seen.segment.sequence, seen.end()) : Holes::Filled::none;
    // Its acknowledgment overtook it on the way into the capture.
    if (filled == Holes::Filled::acked) return;
    const bool missing = filled == Holes::Filled::missing;
    // Into a closed window only probes are sent, of whatever size.
    if (trouble.sides[1 - seen.from].window.closed || !fits_window(seen)) return;
    if (seen.is(retransmission) || (missing && !seen.is(out_of_order))) {
        see_repetition(trouble, seen, missing);
    } else if (seen.is(out_of_order) && !missing && own.holes.count < Holes::most) {
        // Within a round trip of what follows it, yet no hole is filled: a fast retransmission, not one overtaken.
        see_copy(trouble, seen);
    }
}

void TroubleTracker::see_repetition(Trouble& trouble, const TroubledSegment& seen, bool filled) noexcept {
    SideTrouble& own = trouble.sides[seen.from];
    if (own.first_loss.frame == 0) own.first_loss = {seen.now.time, seen.now.stamp, seen.frame()};
    const std::uint32_t count = seen.segments();
    if (seen.is(spurious_retransmission)) {
        own.tally.spurious += count;
        return;
    }
    (filled ? own.tally.lost_before : own.tally.lost_after) += count;
    see_copy(trouble, seen);
}

void TroubleTracker::see_copy(Trouble& trouble, const TroubledSegment& seen) noexcept {
    const std::uint32_t edge = seen.receiver().last_ack;
    const bool waited_for =
        edge != 0 && sequence_up_to(seen.segment.sequence, edge) && sequence_before(edge, seen.end());
    if (!waited_for || trouble.odd.payload || trouble.odd.mismatch) return;
    ResentSegment& resent = trouble.sides[seen.from].resent;
    resent.copy(seen);
    if (resent.is_stall(seen.now.time)) tell_stall(trouble, seen.from, seen.now.time, TroubleEnd::open);
}

void TroubleTracker::see_acknowledgment(Trouble& trouble, const TroubledSegment& seen) noexcept {
    SideTrouble& other = trouble.sides[1 - seen.from];
    const std::uint32_t ack = seen.segment.acknowledgment;
    ResentSegment& resent = other.resent;
    if (resent.open && sequence_before(resent.sequence, ack)) {
        if (resent.told) tell_stall(trouble, static_cast<Side>(1 - seen.from), seen.now.time, TroubleEnd::ack);
        resent.open = false;
    }
    if (other.holes.count > 0) other.holes.acknowledge(seen);
    const std::uint32_t next = seen.receiver().next_sequence;
    // One byte more is a FIN or a probe's byte that was not seen.
    if (seen.is(ack_lost_segment) && next != 0 && sequence_before(next + 1, ack) && ack - next < largest_window &&
        !trouble.odd.mismatch) {
        Hole hole;
        hole.began = {seen.now.time, seen.now.stamp, seen.frame()};
        hole.begin = next;
        hole.end = ack;
        hole.acked = true;
        hole.acked_at = seen.now.time;
        other.holes.add(hole);
    }
    if (seen.segment.sack_count > 0) see_sack(other, seen);
}

void TroubleTracker::see_sack(SideTrouble& of, const TroubledSegment& seen) noexcept {
    const TcpHeader& segment = seen.segment;
    const std::uint32_t isn = seen.receiver().isn;
    if (of.sack_for != segment.acknowledgment) {
        of.sack_for = segment.acknowledgment;
        of.sack_count = 0;
        of.largest_sacked = 0;
    }
    std::size_t first = 0;
    if (is_duplicate_sack(segment)) {
        const std::uint32_t count =
            seen.receiver().mss == 0 ? 1 : seen.segments_of(segment.sack[0].right - segment.sack[0].left);
        of.tally.spurious += count;
        of.tally.lost_after -= std::min(of.tally.lost_after, count);
        first = 1;
    }
    for (std::size_t i = first; i < segment.sack_count; ++i) {
        of.largest_sacked = std::max(of.largest_sacked, segment.sack[i].right - segment.sack[i].left);
        for (const std::uint32_t edge : {segment.sack[i].left - isn, segment.sack[i].right - isn}) {
            const auto known = of.sack.begin() + of.sack_count;
            if (of.sack_count == of.sack.size() || std::find(of.sack.begin(), known, edge) != known) continue;
            of.sack[of.sack_count++] = edge;
        }
    }
}

void TroubleTracker::see_window(Trouble& trouble, const TroubledSegment& seen) noexcept {
    ClosedWindow& own = trouble.sides[seen.from].window;
    ClosedWindow& other = trouble.sides[1 - seen.from].window;
    if (other.closed && (seen.is(zero_window_probe | keep_alive) || seen.segment.payload_bytes > 0)) ++other.probes;
    if (seen.is(window_full)) other.full = true;
    // A side that has closed takes nothing more, and owes nobody room.
    if (seen.segment.window == 0 && !own.closed && !seen.sender().has(side_flag::fin)) {
        own.closed = true;
        own.counted = false;
        own.since = {seen.now.time, seen.now.stamp, seen.frame()};
        own.told = {};
        own.told_at = seen.now.time;
    } else if (seen.segment.window != 0 && own.closed) {
        end_window(trouble, seen.from, seen.now, TroubleEnd::ack);
    }
}

void TroubleTracker::see_end(Trouble& trouble, const TroubledSegment& seen) noexcept {
    const bool rst = seen.segment.has(tcp_flag::rst);
    const TroubleEnd end = rst ? TroubleEnd::rst : TroubleEnd::fin;
    for (const Side side : {Side{0}, Side{1}}) {
        if (!rst && side == seen.from) continue;  // A FIN ends what the other side sends in vain.
        SideTrouble& of = trouble.sides[side];
        if (of.resent.open && of.resent.told) {
            tell_stall(trouble, side, seen.now.time, end);
            of.resent.open = false;
        }
        for (std::size_t i = 0; i < of.holes.count;) {
            const Hole hole = of.holes.list[i];
            if (hole.acked || seen.now.time - hole.began.time < open_hole) {
                ++i;
                continue;
            }
            tell_hole(trouble, side, hole, seen.now.time, end);
            of.holes.erase(i);
        }
    }
    for (const Side side : {Side{0}, Side{1}}) {
        if ((rst || side == seen.from) && trouble.sides[side].window.closed) end_window(trouble, side, seen.now, end);
    }
}

void TroubleTracker::synack_payload(FlowIndex at, const Packet& packet, const Moment& now) noexcept {
    Trouble* const trouble = take(at, now);
    if (trouble == nullptr) return;
    OddNumbers& odd = trouble->odd;
    trouble->last = now.time;
    if (!odd.payload) {
        odd.payload = true;
        odd.began = {now.time, now.stamp, static_cast<std::uint32_t>(now.frame)};
        odd.payload_bytes = packet.tcp->payload_bytes;
        // IEEE 802.3, 3.2.8: 46 bytes at least in a frame; 42 behind a tag.
        const std::uint32_t datagram = 20U + packet.tcp->header_bytes + packet.tcp->payload_bytes;
        odd.equals_padding = packet.ip.version == 4 && (datagram == 46 || (packet.vlan_count > 0 && datagram == 42));
    }
    ++odd.syn_acks;
    tell_odd(*trouble, OddHandshakeKind::synack_payload);
}

void TroubleTracker::handshake_ack(FlowIndex at, const TcpHeader& segment, const Moment& now) noexcept {
    if (!is_odd_acknowledgment(table_[at], table_.tcp(at), segment, now.time)) return;
    Trouble* const trouble = take(at, now);
    if (trouble == nullptr) return;
    OddNumbers& odd = trouble->odd;
    if (odd.payload || odd.mismatch) return;
    trouble->last = now.time;
    odd.mismatch = true;
    odd.began = {now.time, now.stamp, static_cast<std::uint32_t>(now.frame)};
    odd.observed_ack = segment.acknowledgment;
    odd.ack_seen = true;
}

void TroubleTracker::see_odd(Trouble& trouble, const TroubledSegment& seen) noexcept {
    OddNumbers& odd = trouble.odd;
    const bool by_client = seen.from == seen.flow.client_side();
    if (odd.payload) {
        if (odd.ack_seen || !by_client || !seen.segment.has(tcp_flag::ack) || seen.segment.has(tcp_flag::rst)) return;
        odd.ack_seen = true;
        odd.observed_ack = seen.segment.acknowledgment;
        return tell_odd(trouble, OddHandshakeKind::synack_payload);
    }
    if (odd.confirmed) return;
    const bool repeats = by_client && seen.is(retransmission) && seen.segment.payload_bytes > 0;
    const bool objects = !by_client && seen.segment.has(tcp_flag::rst | tcp_flag::syn);
    if (repeats || objects) {
        odd.confirmed = true;
        tell_odd(trouble, OddHandshakeKind::ack_mismatch);
    } else if (!by_client && seen.segment.payload_bytes > 0) {
        odd.mismatch = false;  // It goes on: what was acknowledged was sent, and not seen here.
    }
}

void TroubleTracker::too_big(FlowIndex at, Side sender, std::uint32_t mtu, const Moment& now) noexcept {
    Trouble* const trouble = take(at, now);
    if (trouble == nullptr) return;
    trouble->last = now.time;
    SideTrouble& of = trouble->sides[sender];
    of.icmp_seen = true;
    of.icmp_mtu = static_cast<std::uint16_t>(std::min<std::uint32_t>(mtu, UINT16_MAX));
}

void TroubleTracker::leaves(FlowIndex at, const Moment& now, EventTime capture_end) noexcept {
    const TcpFlow& tcp = table_.tcp(at);
    if (tcp.trouble == 0) return tell_healthy(at);
    Trouble& trouble = pool_[tcp.trouble];
    for (const Side side : {Side{0}, Side{1}}) {
        look_at_holes(trouble, side, now, capture_end, true);
        look_at_resent(trouble, side, now, capture_end, true);
        if (trouble.sides[side].window.closed) end_window(trouble, side, now, TroubleEnd::timeout);
        tell_gap(trouble, side);
    }
    tell_tally(trouble);
    release(trouble);
}

void TroubleTracker::tick(const Moment& now, EventTime capture_end) noexcept {
    const std::int64_t second = unix_nanoseconds(now.time) / 1'000'000'000;
    if (used_ == 0 || second == looked_second_) return;
    looked_second_ = second;
    for (std::uint16_t i = used_; i > 0; --i) look(pool_[in_use_[i - 1]], now, capture_end);
}

void TroubleTracker::look(Trouble& trouble, const Moment& now, EventTime capture_end) noexcept {
    bool open = trouble.odd.mismatch && !trouble.odd.confirmed;
    for (const Side side : {Side{0}, Side{1}}) {
        look_at_holes(trouble, side, now, capture_end, false);
        look_at_resent(trouble, side, now, capture_end, false);
        look_at_window(trouble, side, now);
        tell_gap(trouble, side);
        const SideTrouble& of = trouble.sides[side];
        open = open || of.holes.count > 0 || of.resent.open || of.window.closed;
    }
    if (now.time - trouble.tally_told_at >= tally_every) {
        trouble.tally_told_at = now.time;
        tell_tally(trouble);
    }
    if (open || now.time - trouble.last < calm) return;
    tell_tally(trouble);
    release(trouble);
}

}  // namespace wiresage
