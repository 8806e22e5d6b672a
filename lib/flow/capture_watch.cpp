// What TCP segments say about the capture.
#include "flow/capture_watch.hpp"

#include <algorithm>

#include "flow/tcp_analysis.hpp"

namespace wiresage {

namespace {

/// Neither acknowledged nor sent again within this: nobody missed it, or nobody is seen.  As long as silence_wait.
constexpr Duration fate_wait = std::chrono::seconds{3};
/// A connection without a bad segment for this long is no longer under suspicion.
constexpr Duration suspicion = std::chrono::seconds{30};

constexpr std::int64_t ticks_of_marks = 100, ticks_of_sides = 10;

/// A side that has sent this much while the other is not seen is not waiting for an answer: without acknowledgments
/// nobody may send so much (RFC 6928: ten segments).
constexpr std::uint64_t proving_packets = 16;

Way way_of(const Packet& packet) noexcept {
    if (packet.direction == Direction::sent) return Way::sent;
    return packet.direction == Direction::received ? Way::received : Way::unknown;
}

bool same_sender(const OffloadedSegments& told, const Flow& flow, Side from) noexcept {
    return told.source == flow.end(from) && told.destination == flow.end(static_cast<Side>(1 - from));
}

}  // namespace

CaptureWatch::CaptureWatch(FlowTable& table, Teller& teller)
    : table_{table}, teller_{teller}, marks_{most_marks}, suspects_{most_suspects} {}

void CaptureWatch::offloaded(FlowIndex at, Side from, const PacketView& view, const Packet& packet,
                             std::uint16_t mss) noexcept {
    mark(packet.ip.length_from_frame ? OffloadKind::zero_length : OffloadKind::oversize, at, from, view, packet, mss);
}

void CaptureWatch::mark(OffloadKind kind, FlowIndex at, Side from, const PacketView& view, const Packet& packet,
                        std::uint16_t mss) noexcept {
    const Flow& flow = table_[at];
    const Way way = way_of(packet);
    Mark* found = nullptr;
    for (std::uint32_t i = 0; i < marks_used_ && found == nullptr; ++i) {
        const auto& told = marks_[i].told;
        if (told.kind != kind || marks_[i].input != view.input) continue;
        if (same_sender(told, flow, from) || (marks_used_ == most_marks && told.way == way)) found = &marks_[i];
    }
    if (found == nullptr) {
        if (marks_used_ == most_marks) return teller_.withhold();
        found = &marks_[marks_used_++];
        *found = Mark{};
        found->vlan = flow.vlan;
        found->input = view.input;
        found->told.kind = kind;
        found->told.way = way;
        found->told.source = flow.end(from);
        found->told.destination = flow.end(static_cast<Side>(1 - from));
    }
    auto& told = found->told;
    if (told.count == 0) {
        told.first = teller_.moment().time;
        told.first_frame = static_cast<std::uint32_t>(teller_.moment().frame);
        told.first_payload = packet.tcp->payload_bytes;
        told.mss = mss;
    }
    told.others = told.others || !same_sender(told, flow, from);
    ++told.count;
    told.largest_payload = std::max(told.largest_payload, packet.tcp->payload_bytes);
    told.largest_frame = std::max(told.largest_frame, view.wire_bytes);
    marks_are_news_ = true;
}

void CaptureWatch::verify(FlowIndex at, Side from, const PacketView& view, const Packet& packet) noexcept {
    ++looked_at_;
    switch (judge_checksum(packet)) {
        case SumVerdict::unknown:
            --looked_at_;
            return;
        case SumVerdict::good:
            return;
        case SumVerdict::unfinished:
            return mark(OffloadKind::unfinished_sum, at, from, view, packet, 0);
        case SumVerdict::bad:
            break;
    }
    if (view.checksum_not_ready) return mark(OffloadKind::unfinished_sum, at, from, view, packet, 0);
    found_bad(at, from, packet);
}

CaptureWatch::Suspect* CaptureWatch::suspect_of(FlowIndex at, Side sender) noexcept {
    for (std::uint32_t i = 0; i < suspects_used_; ++i) {
        if (suspects_[i].flow == at && suspects_[i].sender == sender) return &suspects_[i];
    }
    return nullptr;
}

void CaptureWatch::found_bad(FlowIndex at, Side from, const Packet& packet) noexcept {
    // What takes no sequence number is neither acknowledged nor resent: it proves nothing.
    const std::uint32_t length = packet.tcp->payload_bytes + (packet.tcp->has(tcp_flag::syn | tcp_flag::fin) ? 1U : 0U);
    if (length == 0) return;
    const Moment& now = teller_.moment();
    Suspect* suspect = suspect_of(at, from);
    if (suspect == nullptr) {
        for (std::uint32_t i = 0; i < suspects_used_ && suspect == nullptr; ++i) {
            if (suspects_[i].flow == no_flow) suspect = &suspects_[i];
        }
        if (suspect == nullptr && suspects_used_ < most_suspects) suspect = &suspects_[suspects_used_++];
        if (suspect == nullptr) return teller_.withhold();
        *suspect = Suspect{};
        suspect->flow = at;
        suspect->sender = from;
        suspect->told.of = 1;
        table_[at].suspected = true;
    }
    suspect->last = now.time;
    if (suspect->pending_count == suspect->pending.size()) {
        ++suspect->told.count;
        ++suspect->told.unanswered;
        suspect->has_news = true;
        return;
    }
    if (suspect->told.first == EventTime{}) {
        suspect->told.first = now.time;
        suspect->told.first_stamp = now.stamp;
        suspect->told.first_frame = static_cast<std::uint32_t>(now.frame);
        suspect->told.way = way_of(packet);
    }
    suspect->pending[suspect->pending_count++] = {packet.tcp->sequence, packet.tcp->sequence + length, now.time};
}

void CaptureWatch::suspect(FlowIndex at, Side from, const PacketView& view, const Packet& packet) noexcept {
    const TcpHeader& tcp = *packet.tcp;
    if (Suspect* const mine = suspect_of(at, from)) {
        ++mine->told.of;
        // Sent again, whether good or bad this time.
        for (std::uint8_t i = 0; i < mine->pending_count && tcp.payload_bytes > 0;) {
            const Pending& one = mine->pending[i];
            const bool covers = sequence_up_to(tcp.sequence, one.sequence) &&
                                sequence_before(one.sequence, tcp.sequence + tcp.payload_bytes);
            if (!covers) {
                ++i;
                continue;
            }
            ++mine->told.count;
            ++mine->told.resent;
            mine->has_news = true;
            mine->pending[i] = mine->pending[--mine->pending_count];
        }
    }
    Suspect* const other = tcp.has(tcp_flag::ack) ? suspect_of(at, static_cast<Side>(1 - from)) : nullptr;
    for (std::uint8_t i = 0; other != nullptr && i < other->pending_count;) {
        if (!sequence_up_to(other->pending[i].end, tcp.acknowledgment)) {
            ++i;
            continue;
        }
        ++other->told.count;
        ++other->told.acknowledged;
        other->has_news = true;
        other->pending[i] = other->pending[--other->pending_count];
    }
    if (suspect_budget_ < packet.transport.size()) return;
    suspect_budget_ -= static_cast<std::uint32_t>(packet.transport.size());
    verify(at, from, view, packet);
}

void CaptureWatch::tell(Suspect& suspect) noexcept {
    if (!suspect.has_news) return;
    const Flow& flow = table_[suspect.flow];
    suspect.told.sender = flow.end(suspect.sender);
    suspect.told.receiver = flow.end(static_cast<Side>(1 - suspect.sender));
    teller_.tell_of(suspect.told, flow.input, flow.vlan, flow.tunnel != Tunnel::none);
    const Way way = suspect.told.way;
    suspect.told = BadChecksums{};
    suspect.told.way = way;
    suspect.has_news = false;
}

void CaptureWatch::acquit(FlowIndex at) noexcept {
    for (std::uint32_t i = 0; i < suspects_used_; ++i) {
        Suspect& one = suspects_[i];
        if (one.flow != at) continue;
        one.told.count += one.pending_count;
        one.told.unanswered += one.pending_count;
        one.has_news = one.has_news || one.pending_count > 0;
        tell(one);
        one = Suspect{};
    }
    table_[at].suspected = false;
}

void CaptureWatch::side(FlowIndex at, Side from, const Packet& packet) noexcept {
    const Flow& flow = table_[at];
    const Side to = static_cast<Side>(1 - from);
    // The tracker has yet to see this packet, so the flow's counts hold it and its sides do not.
    if (flow.packets[to] > 0) return count_sided(at, false, packet);
    const TcpSide& sender = table_.tcp(at).sides[from];
    if (!sender.has(side_flag::base_known) || !packet.tcp->has(tcp_flag::ack)) return;
    // It acknowledges something new, or has sent more than anybody may without an answer.
    const bool hears = sender.last_ack != 0 && sequence_before(sender.last_ack, packet.tcp->acknowledgment);
    if (hears || (flow.packets[from] >= proving_packets && packet.tcp->payload_bytes > 0))
        count_sided(at, true, packet);
}

void CaptureWatch::count_sided(FlowIndex at, bool one_sided, const Packet& packet) noexcept {
    Flow& flow = table_[at];
    flow.sided = true;
    Sided* found = nullptr;
    for (std::uint32_t i = 0; i < sided_used_ && found == nullptr; ++i) {
        if (sided_[i].input == flow.input) found = &sided_[i];
    }
    if (found == nullptr) {
        if (sided_used_ == most_inputs) return;
        found = &sided_[sided_used_++];
        *found = Sided{};
        found->input = flow.input;
    }
    ++found->told.flows;
    if (!one_sided) return;
    if (found->told.one_sided++ == 0) {
        found->told.first = teller_.moment().time;
        found->told.first_frame = static_cast<std::uint32_t>(teller_.moment().frame);
        found->told.first_source = packet.ip.source;
    }
    found->told.received_only += packet.direction == Direction::received ? 1U : 0U;
    found->told.sent_only += packet.direction == Direction::sent ? 1U : 0U;
}

void CaptureWatch::tell_marks(bool all) noexcept {
    for (std::uint32_t i = 0; i < marks_used_;) {
        Mark& one = marks_[i];
        if (all && one.told.count == 0) {
            one = marks_[--marks_used_];
            continue;
        }
        ++i;
        // The first is told at once, the rest every ten seconds.
        if (one.told.count == 0 || (one.told_once && !all)) continue;
        one.told.of = looked_at_;
        looked_at_ = 0;
        teller_.tell_of(one.told, one.input, one.vlan, false);
        one.told.count = 0;
        one.told_once = true;
    }
    if (all) marks_are_news_ = false;
}

void CaptureWatch::tick() noexcept {
    budget_ = budget_of_tick;
    suspect_budget_ = suspect_budget_of_tick;
    const EventTime now = teller_.moment().time;
    const std::int64_t number = unix_nanoseconds(now) / tick_length.count();
    for (std::uint32_t i = 0; i < suspects_used_; ++i) {
        Suspect& one = suspects_[i];
        if (one.flow == no_flow) continue;
        while (one.pending_count > 0 && now - one.pending[0].at > fate_wait) {
            ++one.told.count;
            ++one.told.unanswered;
            one.has_news = true;
            std::move(one.pending.begin() + 1, one.pending.begin() + one.pending_count, one.pending.begin());
            --one.pending_count;
        }
        if (now - one.last > suspicion) {
            acquit(one.flow);
        } else if (number % ticks_of_sides == 0) {
            tell(one);
        }
    }
    while (suspects_used_ > 0 && suspects_[suspects_used_ - 1].flow == no_flow) --suspects_used_;
    tell_marks(number % ticks_of_marks == 0);
    if (number % ticks_of_sides != 0) return;
    for (std::uint32_t i = 0; i < sided_used_; ++i) teller_.tell_of(sided_[i].told, sided_[i].input, 0, false);
    sided_used_ = 0;
}

}  // namespace wiresage
