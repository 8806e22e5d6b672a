// TCP as a bystander sees it: segments may be missing, doubled, or from before the capture.
#include "flow/tcp_tracker.hpp"

#include "base/hash.hpp"
#include "flow/tcp_analysis.hpp"

namespace wiresage {

using namespace flow_flag;

/// One segment, in hand.
struct TcpTracker::Seen {
    FlowIndex at;
    Flow& flow;
    TcpFlow& tcp;
    Side from;
    const Packet& packet;
    const TcpHeader& segment;
    std::uint32_t wire_bytes;
    const Moment& moment;
    EventTime now;
    EventTime stamp;

    TcpSide& sender() const noexcept { return tcp.sides[from]; }
    TcpSide& receiver() const noexcept { return tcp.sides[1 - from]; }
    bool by_client() const noexcept { return from == flow.client_side(); }
    /// It acknowledges the receiver's SYN, and maybe more.
    bool acknowledges_syn() const noexcept {
        return segment.has(tcp_flag::ack) && receiver().has(side_flag::isn_known) &&
               sequence_before(receiver().isn, segment.acknowledgment);
    }
};

namespace {

/// TTL as it left the sender, window and options of a SYN: equal for equal systems, mostly different for others.
std::uint16_t fingerprint_of(const Packet& packet) noexcept {
    const unsigned ttl = packet.ip.ttl <= 32 ? 32 : packet.ip.ttl <= 64 ? 64 : packet.ip.ttl <= 128 ? 128 : 255;
    const TcpHeader& tcp = *packet.tcp;
    const std::uint64_t all = static_cast<std::uint64_t>(tcp.options_digest) << 32 | ttl << 16 | tcp.window;
    return static_cast<std::uint16_t>(spread(all));
}

void learn_syn(TcpSide& side, const TcpHeader& segment) noexcept {
    side.isn = segment.sequence;
    side.set(side_flag::isn_known);
    side.mss = segment.mss;
    if (segment.fast_open || segment.options_cut) side.asked_fast_open = true;  // Cut: for all we know.
    side.window_scale = segment.window_scale >= 0 ? segment.window_scale : scale_not_used;
}

/// Who serves, where no SYN tells: services have the lower ports.  Equal ones: whoever is asked first.
Side client_by_port(const Flow& flow, Side sender) noexcept {
    const auto sends = flow.end(sender).port;
    const auto receives = flow.end(static_cast<Side>(1 - sender)).port;
    return sends < receives ? static_cast<Side>(1 - sender) : sender;
}

constexpr std::uint16_t six_flags = 0x3f;

/// The kind of probe that a segment out of nothing may be.
bool is_probe(const TcpHeader& segment, Technique& technique) noexcept {
    switch (segment.flags & six_flags) {
        case 0:
            technique = Technique::null;
            return true;
        case tcp_flag::fin:
            technique = Technique::fin;
            return true;
        case tcp_flag::fin | tcp_flag::psh | tcp_flag::urg:
            technique = Technique::xmas;
            return true;
        case tcp_flag::ack:
            technique = Technique::ack;
            return segment.payload_bytes == 0;
        default:
            return false;
    }
}

bool is_syn(const TcpHeader& segment) noexcept { return segment.has(tcp_flag::syn) && !segment.has(tcp_flag::rst); }

}  // namespace

bool TcpTracker::begins_anew(FlowIndex at, Side from, const TcpHeader& segment) const noexcept {
    if (!is_syn(segment)) return false;
    const Flow& flow = table_[at];
    const TcpSide& sender = table_.tcp(at).sides[from];
    const bool other_isn = sender.has(side_flag::isn_known) && sender.isn != segment.sequence;
    if (segment.has(tcp_flag::ack)) {
        const bool over = flow.tcp_state == TcpState::closed || flow.tcp_state == TcpState::reset;
        return over && other_isn;
    }
    if (other_isn) return true;
    if (sender.has(side_flag::isn_known)) return false;
    // The other side's first SYN: of a simultaneous open (RFC 9293, 3.5) while the handshake lasts.
    return flow.tcp_state != TcpState::opening && flow.tcp_state != TcpState::syn_received;
}

void TcpTracker::segment(FlowIndex at, Side from, const Packet& packet, std::uint32_t wire_bytes,
                         const Moment& now) noexcept {
    const Seen seen{at, table_[at], table_.tcp(at), from, packet, *packet.tcp, wire_bytes, now, now.time, now.stamp};
    if (seen.segment.has(tcp_flag::syn) && is_other_connection(seen.sender(), seen.segment)) {
        // A SYN-ACK with another number within one attempt; begins_anew() has the other cases.
        troubles_.leaves(at, now, latest_event_time);
        forget(seen.tcp);
        ++stats_.tcp_analysis.reused_ports;
    }
    if (seen.segment.has(tcp_flag::rst)) {
        rst(seen);
    } else if (!seen.segment.has(tcp_flag::syn)) {
        plain(seen);
    } else if (seen.segment.has(tcp_flag::ack)) {
        syn_ack(seen);
    } else {
        syn(seen);
    }
    const std::uint32_t next_before = seen.sender().next_sequence;
    const std::uint16_t findings = analyse(seen.tcp, from, seen.segment, seen.stamp);
    count(stats_.tcp_analysis, findings);
    if (seen.tcp.trouble != 0 || TroubleTracker::is_trouble(findings, seen.segment)) {
        troubles_.segment(at, from, seen.segment, findings, next_before, now);
    }
}

void TcpTracker::become(const Seen& seen, TcpState state, FlowClass of) noexcept {
    seen.flow.tcp_state = state;
    table_.set_class(seen.at, of, seen.now);
}

void TcpTracker::syn(const Seen& seen) noexcept {
    Flow& flow = seen.flow;
    const bool late = flow.tcp_state == TcpState::syn_received && seen.by_client() && !flow.has(attempt);
    const bool begins = flow.tcp_state == TcpState::none || late;
    bool is_told = false;
    if (begins) {
        // Where several queues feed one capture, a SYN may come after its SYN-ACK.
        if (!late) flow.set_client(seen.from);
        flow.set(initiator_known);
        flow.fingerprint = fingerprint_of(seen.packet);
        learn_syn(seen.sender(), seen.segment);
        flow.count_syn();
        is_told = attempts_.begin(seen.at, Technique::syn);
        if (late) {
            attempts_.accept(seen.at);
            attempts_.await_finish(seen.at);
        } else {
            become(seen, TcpState::opening, FlowClass::half_open);
        }
    } else if (!seen.by_client()) {
        learn_syn(seen.sender(), seen.segment);
        attempts_.accept(seen.at);
    } else {
        flow.count_syn();
        attempts_.repeat(seen.at);
    }
    if (is_told) return;
    auto [to, from] = volumes_.of(flow);
    for (auto* sum : {&to, &from}) {
        sum->count_request(seen.wire_bytes, seen.packet.ip.is_fragment(), seen.moment);
        sum->attempts += begins ? 1U : 0U;
    }
}

void TcpTracker::syn_ack(const Seen& seen) noexcept {
    Flow& flow = seen.flow;
    if (flow.tcp_state == TcpState::none) {
        // The SYN was not seen; what it acknowledges tells the client's number.
        flow.set_client(static_cast<Side>(1 - seen.from));
        seen.receiver().isn = seen.segment.acknowledgment - 1;
        seen.receiver().set(side_flag::isn_known);
        become(seen, TcpState::syn_received, FlowClass::half_open);
        seen.tcp.syn_ack_at = seen.now;
    }
    if (flow.tcp_state == TcpState::joined) flow.set_client(static_cast<Side>(1 - seen.from));
    learn_syn(seen.sender(), seen.segment);
    if (seen.by_client()) {
        // Simultaneous open: each side sends a SYN-ACK.
        if (flow.tcp_state == TcpState::opening || flow.tcp_state == TcpState::syn_received) establish(seen);
        return;
    }
    if (seen.sender().syn_acks != TcpSide::most_syn_acks) ++seen.sender().syn_acks;
    if (seen.segment.payload_bytes > 0 && flow.has(initiator_known) &&
        !seen.receiver().asked_fast_open) {
        troubles_.synack_payload(seen.at, seen.packet, seen.moment);
    }
    // The first one of an attempt is told as its answer.
    if (seen.sender().syn_acks > 1 || !flow.has(attempt) || flow.has(withheld)) {
        auto [to, from] = volumes_.of(flow);
        ++to.replies;
        ++from.replies;
    }
    if (flow.tcp_state == TcpState::opening || flow.tcp_state == TcpState::refused) {
        attempts_.accept(seen.at);
        seen.tcp.syn_ack_at = seen.now;
        attempts_.await_finish(seen.at);
        become(seen, TcpState::syn_received, FlowClass::half_open);
    } else if (flow.tcp_state == TcpState::syn_received && seen.sender().syn_acks >= 2) {
        attempts_.ask_again(seen.at, seen.now);
    }
}

void TcpTracker::establish(const Seen& seen) noexcept {
    // What it sent last was a SYN: the last one, where there were several.
    const TcpSide& client = seen.sender();
    if (seen.by_client() && client.has(side_flag::window_of_syn) && seen.stamp > client.last_ack_stamp &&
        seen.tcp.handshake_rtt == Duration{}) {
        seen.tcp.handshake_rtt = seen.stamp - client.last_ack_stamp;
        // The stamp of the SYN as event time.
        const EventTime syn_at = client.last_ack_stamp + (seen.now - seen.stamp);
        if (seen.tcp.syn_ack_at > syn_at) seen.tcp.handshake_server = seen.tcp.syn_ack_at - syn_at;
    }
    attempts_.complete(seen.at);
    become(seen, TcpState::established, FlowClass::established);
}

void TcpTracker::plain(const Seen& seen) noexcept {
    switch (seen.flow.tcp_state) {
        case TcpState::none:
            join(seen);
            break;
        case TcpState::joined:
            joined(seen);
            break;
        case TcpState::opening:
            // The SYN-ACK was not seen: another way, or lost by the capture.
            if (seen.by_client() && seen.segment.has(tcp_flag::ack)) {
                establish(seen);
            } else if (!seen.by_client() && seen.acknowledges_syn()) {
                attempts_.accept(seen.at);
                establish(seen);
            } else {
                attempts_.forgive(seen.at);
            }
            break;
        case TcpState::syn_received:
            if (seen.by_client()) troubles_.handshake_ack(seen.at, seen.segment, seen.moment);
            // A server that sends data has got the acknowledgment that we have not.
            if (seen.by_client() ? seen.acknowledges_syn()
                                 : seen.segment.payload_bytes > 0 || seen.segment.has(tcp_flag::fin)) {
                establish(seen);
            }
            break;
        case TcpState::established:
        case TcpState::closing:
        case TcpState::closed:
        case TcpState::reset:
        case TcpState::refused:
            break;
    }
    if (seen.segment.has(tcp_flag::fin)) fin(seen);
}

void TcpTracker::join(const Seen& seen) noexcept {
    Flow& flow = seen.flow;
    Technique technique = Technique::ack;
    const bool probe = is_probe(seen.segment, technique);
    flow.set_client(probe ? seen.from : client_by_port(flow, seen.from));
    become(seen, TcpState::joined, FlowClass::one_way);
    if (!probe) return;
    flow.count_syn();
    attempts_.begin(seen.at, technique);
}

void TcpTracker::joined(const Seen& seen) noexcept {
    Flow& flow = seen.flow;
    const bool open_probe = flow.has(attempt) && !flow.has(accepted | refused);
    if (open_probe && seen.by_client()) {
        Technique technique = flow.technique;
        if (is_probe(seen.segment, technique) && technique == flow.technique) {
            flow.count_syn();
        } else {
            attempts_.forgive(seen.at);
        }
    } else if (open_probe) {
        attempts_.accept(seen.at);
        flow.set_client(client_by_port(flow, flow.client_side()));  // A connection then, older than the capture.
    }
    if (flow.packets[1 - seen.from] > 0 && table_.class_of(seen.at) == FlowClass::one_way) {
        table_.set_class(seen.at, FlowClass::established, seen.now);
    }
}

void TcpTracker::fin(const Seen& seen) noexcept {
    const TcpState state = seen.flow.tcp_state;
    const bool open_probe = seen.flow.has(attempt) && !seen.flow.has(accepted | completed);
    const bool lives =
        state == TcpState::established || state == TcpState::closing || (state == TcpState::joined && !open_probe);
    if (!lives || seen.sender().has(side_flag::fin)) return;
    seen.sender().set(side_flag::fin);
    end(seen, EndedBy::fin);
    become(seen, seen.receiver().has(side_flag::fin) ? TcpState::closed : TcpState::closing, FlowClass::closed);
}

void TcpTracker::end(const Seen& seen, EndedBy by) noexcept {
    Flow& flow = seen.flow;
    if (flow.has(ended)) return;
    flow.set(ended);
    ConnectionEnded told;
    told.client = flow.client();
    told.server = flow.server();
    told.idle = seen.now - flow.last_seen;
    told.ender_mac = seen.packet.source_mac;
    told.by = by;
    told.by_client = seen.by_client();
    told.initiator_known = flow.has(initiator_known);
    told.was_established = flow.has(completed);
    teller_.ended(flow, told);
}

void TcpTracker::rst(const Seen& seen) noexcept {
    Flow& flow = seen.flow;
    switch (flow.tcp_state) {
        case TcpState::none:
            flow.set_client(client_by_port(flow, seen.from));
            break;
        case TcpState::opening:
            if (seen.by_client()) {
                attempts_.give_up(seen.at);
                break;
            }
            // RFC 9293, 3.10.7.3: an answer to this SYN acknowledges it; some stacks leave the ACK out.
            if (seen.segment.has(tcp_flag::ack) && !seen.acknowledges_syn()) return;
            attempts_.refuse(seen.at);
            become(seen, TcpState::refused, FlowClass::closed);
            return;
        case TcpState::syn_received:
            attempts_.give_up(seen.at);
            attempts_.leave_unfinished(seen.at, EndedBy::rst, false);
            break;
        case TcpState::joined:
            if (flow.has(attempt) && !flow.has(accepted | refused) && !seen.by_client()) {
                attempts_.refuse(seen.at);
                become(seen, TcpState::refused, FlowClass::closed);
                return;
            }
            attempts_.forgive(seen.at);
            end(seen, EndedBy::rst);
            break;
        case TcpState::established:
        case TcpState::closing:
            end(seen, EndedBy::rst);
            break;
        case TcpState::closed:
        case TcpState::reset:
        case TcpState::refused:
            return;
    }
    become(seen, TcpState::reset, FlowClass::closed);
}

void TcpTracker::leaves(FlowIndex at, EndedBy by, EventTime now, EventTime capture_end) noexcept {
    Flow& flow = table_[at];
    troubles_.leaves(at, teller_.moment(), capture_end);
    if (flow.tcp_state == TcpState::opening || flow.tcp_state == TcpState::syn_received) {
        if (by == EndedBy::timeout && flow.tcp_state == TcpState::syn_received) {
            attempts_.leave_unfinished(at, by, capture_end < table_.tcp(at).syn_ack_at + silence_wait);
        }
        attempts_.give_up(at);
        return;
    }
    attempts_.stop_waiting(at);
    if (flow.has(ended) || table_.class_of(at) != FlowClass::established) return;
    flow.set(ended);
    ConnectionEnded told;
    told.client = flow.client();
    told.server = flow.server();
    told.idle = now - flow.last_seen;
    told.by = by;
    told.initiator_known = flow.has(initiator_known);
    told.was_established = flow.has(completed);
    teller_.ended(flow, told);
}

}  // namespace wiresage
