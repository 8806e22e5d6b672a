// UDP, ICMP and the rest: a flow is begun by whoever speaks first.
#include "flow/datagram_tracker.hpp"

#include <algorithm>
#include <optional>

#include "flow/datagram_content.hpp"

namespace wiresage {

using namespace flow_flag;

namespace {

/// Every further unanswered datagram of a flow is told of so many, then their doubling: streams that expect no answer
/// are one-way for good.
constexpr std::uint32_t told_singly = 32;
constexpr std::uint32_t telling_gap_ms = 1000;
constexpr std::uint32_t answer_wait_ms = std::chrono::duration_cast<std::chrono::milliseconds>(silence_wait).count();
/// ICMP errors told of one by one in a tick of a shard.
constexpr std::uint32_t most_errors = 32;
constexpr std::size_t icmp_header_bytes = 8;

/// Event time in milliseconds; differences are right for 49 days, longer than any flow is kept.
std::uint32_t ms_of(EventTime at) noexcept { return static_cast<std::uint32_t>(unix_nanoseconds(at) / 1'000'000); }

std::uint16_t short_of(std::size_t bytes) noexcept {
    return static_cast<std::uint16_t>(std::min<std::size_t>(bytes, UINT16_MAX));
}

/// RFC 792 and RFC 1812, 5.2.7.1.
std::optional<Unreachable> reason_v4(const IcmpHeader& icmp) noexcept {
    constexpr std::uint8_t unreachable = 3, exceeded = 11;
    if (icmp.type == exceeded && icmp.code == 0) return Unreachable::hop_limit;
    if (icmp.type != unreachable) return {};
    switch (icmp.code) {
        case 0:
        case 5:
        case 6:
        case 11:
            return Unreachable::net;
        case 1:
        case 7:
        case 8:
        case 12:
            return Unreachable::host;
        case 2:
        case 3:
            return Unreachable::port;
        case 4:
            return Unreachable::frag_needed;
        default:
            return Unreachable::admin;
    }
}

/// The host has no such transport protocol (RFC 1122, 3.2.2.1; RFC 4443, 3.4).
bool is_protocol_unknown(const IcmpHeader& icmp) noexcept {
    return icmp.v6 ? icmp.type == 4 && icmp.code == 1 : icmp.type == 3 && icmp.code == 2;
}

/// RFC 4443, 3.
std::optional<Unreachable> reason_v6(const IcmpHeader& icmp) noexcept {
    constexpr std::uint8_t unreachable = 1, too_big = 2, exceeded = 3;
    if (is_protocol_unknown(icmp)) return Unreachable::port;
    if (icmp.type == exceeded && icmp.code == 0) return Unreachable::hop_limit;
    if (icmp.type == too_big) return Unreachable::frag_needed;
    if (icmp.type != unreachable) return {};
    switch (icmp.code) {
        case 0:
            return Unreachable::net;
        case 2:
        case 3:
            return Unreachable::host;
        case 4:
            return Unreachable::port;
        default:
            return Unreachable::admin;
    }
}

TinyEcho tiny_echo_of(const Flow& flow) noexcept {
    const Side client = flow.client_side();
    const Side server = flow.server_side();
    TinyEcho made;
    made.client = flow.end(client).ip;
    made.server = flow.end(server).ip;
    made.client_mac = flow.macs[client];
    made.server_mac = flow.macs[server];
    made.began = flow.began;
    made.began_stamp = flow.began_stamp;
    made.began_frame = flow.began_frame;
    made.requests = static_cast<std::uint32_t>(flow.packets[client]);
    made.replies = static_cast<std::uint32_t>(flow.packets[server]);
    made.identifier = flow.end(client).port;
    return made;
}

}  // namespace

void DatagramTracker::packet(FlowIndex at, Side from, bool fresh, const Packet& packet, std::uint32_t wire_bytes,
                             const Moment& now) noexcept {
    if (fresh) open(at, from, packet, now.time);
    if (packet.udp) return udp(at, from, packet, wire_bytes, now);
    if (packet.icmp) return echo(at, from, fresh, packet, wire_bytes, now);
    if (from != table_[at].client_side()) answered(at, now.time);
}

void DatagramTracker::open(FlowIndex at, Side from, const Packet& packet, EventTime now) noexcept {
    Flow& flow = table_[at];
    flow.set_client(from);
    table_.set_class(at, FlowClass::one_way, now);
    const bool udp = packet.udp.has_value();
    const bool echo = packet.icmp && packet.icmp->is_echo_request();
    if (!udp && !echo) return;
    const Duration watched = now - watched_since_;
    if (watched >= 2 * (udp ? idle_timeout::udp_one_way : idle_timeout::icmp)) flow.set(initiator_known);
    if (udp) flow.mark() = message_id_of(*packet.udp, packet.payload);
    const std::size_t bytes =
        udp ? packet.udp->payload_bytes
            : packet.ip.payload_bytes - std::min<std::size_t>(packet.ip.payload_bytes, icmp_header_bytes);
    attempts_.begin(at, udp ? Technique::udp : Technique::echo, short_of(bytes));
}

bool DatagramTracker::tell_unanswered(Flow& flow, std::uint32_t upto, const Moment& now) noexcept {
    const Side client = flow.client_side();
    const Side server = flow.server_side();
    Unanswered told;
    told.client = flow.end(client);
    told.server = flow.end(server);
    told.client_mac = flow.macs[client];
    told.server_mac = flow.macs[server];
    told.was_answered = flow.has(accepted);
    told.datagrams = upto - flow.told_requests();
    if (told.was_answered) {
        told.since = now.time - std::chrono::milliseconds{ms_of(now.time) - flow.told_at_ms()};
        told.since_stamp = now.stamp - (now.time - told.since);
    } else {
        told.since = flow.began;
        told.since_stamp = flow.began_stamp;
        told.since_frame = flow.began_frame;
    }
    if (!teller_.trouble(flow, told)) return false;
    flow.told_requests() = upto;
    flow.told_at_ms() = ms_of(now.time);
    return true;
}

/// One more datagram of the client in a flow that had an answer: the last ones may have had none.
void DatagramTracker::asks_answered(Flow& flow, const Moment& now) noexcept {
    const auto answers = static_cast<std::uint16_t>(flow.packets[flow.server_side()]);
    const std::uint32_t before = flow.requests() - 1;
    if (flow.mark() != answers || flow.told_requests() > before) {
        flow.mark() = answers;
        flow.told_requests() = before;
        flow.told_at_ms() = ms_of(now.time);
    } else if (before > flow.told_requests() && ms_of(now.time) - flow.told_at_ms() >= answer_wait_ms) {
        tell_unanswered(flow, before, now);
    }
}

void DatagramTracker::asks_on(FlowIndex at, const Moment& now) noexcept {
    Flow& flow = table_[at];
    if (flow.has(untold | waits_answer)) return;
    if (flow.has(accepted)) return asks_answered(flow, now);
    if (!flow.has(silent) || flow.has(refused)) return;
    const std::uint32_t before = flow.requests() - 1;
    const std::uint32_t told = flow.told_requests();
    if (before <= told || ms_of(now.time) - flow.told_at_ms() < telling_gap_ms) return;
    if (told >= told_singly && before < 2 * told) return;
    tell_unanswered(flow, before, now);
}

void DatagramTracker::leaves(FlowIndex at) noexcept {
    Flow& flow = table_[at];
    attempts_.stop_waiting(at);
    if (flow.transport == Transport::icmp && flow.mark() != 0) {
        TinyEcho last = tiny_echo_of(flow);
        last.ended = true;
        teller_.trouble(flow, last);
    }
    if (flow.transport != Transport::udp || !flow.has(silent) || flow.has(accepted | refused)) return;
    if (flow.requests() > flow.told_requests()) tell_unanswered(flow, flow.requests(), teller_.moment());
}

void DatagramTracker::asked(FlowIndex at, const Packet& packet, std::uint32_t wire_bytes, const Moment& now) noexcept {
    Flow& flow = table_[at];
    auto pair = volumes_.of(flow);
    const std::uint32_t unanswered = flow.has(accepted) ? 0 : 1;
    // Its first datagram; requests() would take one more cache line.
    const std::uint32_t begins = packet.udp && flow.packets[flow.client_side()] == 1 ? 1 : 0;
    for (auto* sum : {&pair.to, &pair.from}) {
        sum->count_request(wire_bytes, packet.ip.is_fragment(), now);
        sum->unanswered += unanswered;
        sum->attempts += begins;
        if (packet.udp) sum->count_length(packet.udp->length);
        if (packet.icmp) sum->count_icmp_type(packet.icmp->type);
    }
}

void DatagramTracker::answered(FlowIndex at, EventTime now) noexcept {
    Flow& flow = table_[at];
    if (flow.transport == Transport::udp || flow.transport == Transport::icmp) {
        const auto asked_before = flow.has(accepted) ? 0U : flow.requests();
        auto pair = volumes_.of(flow);
        for (auto* sum : {&pair.to, &pair.from}) {
            ++sum->replies;
            sum->completed += asked_before;
        }
    }
    if (flow.has(accepted)) return;
    attempts_.accept(at);
    flow.set(accepted);
    table_.set_class(at, FlowClass::answered, now);
}

void DatagramTracker::udp(FlowIndex at, Side from, const Packet& packet, std::uint32_t wire_bytes,
                          const Moment& now) noexcept {
    if (from == table_[at].client_side()) {
        asked(at, packet, wire_bytes, now);
        asks_on(at, now);
    } else {
        answered(at, now.time);
    }
}

void DatagramTracker::tiny_echo(FlowIndex at, bool fresh, const Packet& packet, const Moment& now) noexcept {
    Flow& flow = table_[at];
    const std::size_t bytes = packet.payload.size();
    if (!fresh && flow.mark() == 0) return;
    const bool whole = bytes + icmp_header_bytes == packet.ip.payload_bytes && !packet.ip.is_fragment();
    const auto digest =
        whole && bytes > 0 && bytes <= TinyEcho::most_bytes ? small_digest(packet.payload) : std::uint16_t{0};
    if (fresh) flow.mark() = digest;
    if (flow.mark() != digest) flow.mark() = 0;
    if (flow.mark() == 0) return;
    if (!fresh && (flow.has(untold | waits_answer) || ms_of(now.time) - flow.told_at_ms() < telling_gap_ms)) return;
    TinyEcho told = tiny_echo_of(flow);
    told.payload_bytes = static_cast<std::uint8_t>(bytes);
    std::copy(packet.payload.begin(), packet.payload.end(), told.payload.begin());
    if (teller_.trouble(flow, told) && !fresh) flow.told_at_ms() = ms_of(now.time);
}

void DatagramTracker::echo(FlowIndex at, Side from, bool fresh, const Packet& packet, std::uint32_t wire_bytes,
                           const Moment& now) noexcept {
    const Flow& flow = table_[at];
    const bool by_client = from == flow.client_side();
    if (flow.has(attempt) && !by_client && packet.icmp->is_echo_reply()) {
        answered(at, now.time);
    } else if (flow.has(attempt) && by_client && packet.icmp->is_echo_request()) {
        asked(at, packet, wire_bytes, now);
        tiny_echo(at, fresh, packet, now);
    } else {
        message(packet, wire_bytes, now);
    }
}

void DatagramTracker::message(const Packet& packet, std::uint32_t wire_bytes, const Moment& now) noexcept {
    const Endpoint source{packet.ip.source, 0};
    const Endpoint destination{packet.ip.destination, 0};
    for (const auto kind : {VolumeKind::icmp_to, VolumeKind::icmp_from}) {
        const bool to = kind == VolumeKind::icmp_to;
        auto& sum = volumes_.of(kind, to ? destination : source, to ? source : destination, packet.source_mac);
        sum.count_request(wire_bytes, packet.ip.is_fragment(), now);
        sum.count_icmp_type(packet.icmp->type);
        ++sum.unanswered;
    }
}

bool DatagramTracker::may_tell_error() noexcept {
    if (errors_tick_ != volumes_.tick()) errors_told_ = 0;
    errors_tick_ = volumes_.tick();
    if (errors_told_ == most_errors) return false;
    ++errors_told_;
    return true;
}

void DatagramTracker::tell_error(const Flow& flow, const Packet& packet) noexcept {
    const auto reason = packet.icmp->v6 ? reason_v6(*packet.icmp) : reason_v4(*packet.icmp);
    if (!reason || !may_tell_error()) return;
    const bool has_ports = flow.transport != Transport::icmp;
    IcmpError told;
    told.reporter = packet.ip.source;
    told.asker = packet.ip.destination;
    told.client = {flow.client().ip, has_ports ? flow.client().port : std::uint16_t{0}};
    told.server = {flow.server().ip, has_ports ? flow.server().port : std::uint16_t{0}};
    told.reporter_mac = packet.source_mac;
    told.asker_mac = packet.destination_mac;
    told.mtu = packet.icmp->mtu;
    told.protocol = packet.icmp->quoted->protocol;
    told.reason = *reason;
    told.was_answered = flow.has(accepted);
    teller_.trouble(flow, told);
}

void DatagramTracker::stray_error(const Packet& packet) noexcept {
    const IcmpHeader& icmp = *packet.icmp;
    if (!icmp.quoted || !is_protocol_unknown(icmp) || !may_tell_error()) return;
    IcmpError told;
    told.reporter = packet.ip.source;
    told.asker = packet.ip.destination;
    told.client = {icmp.quoted->source, 0};
    told.server = {icmp.quoted->destination, 0};
    told.reporter_mac = packet.source_mac;
    told.asker_mac = packet.destination_mac;
    told.protocol = icmp.quoted->protocol;
    told.reason = Unreachable::port;
    teller_.tell(told, packet.vlan(), packet.tunnel != Tunnel::none);
}

void DatagramTracker::error(FlowIndex at, const Packet& packet, const Moment& now) noexcept {
    const IcmpHeader& icmp = *packet.icmp;
    if (!icmp.quoted) return;
    Flow& flow = table_[at];
    const Endpoint& client = flow.client();
    if (icmp.quoted->source != client.ip) return;
    if (icmp.quoted->has_ports && icmp.quoted->source_port != client.port) return;
    tell_error(flow, packet);
    if (!icmp.is_unreachable()) return;
    if (!flow.has(attempt) || flow.has(accepted | refused)) return;
    attempts_.refuse_by_icmp(at, icmp.code);
    if (flow.transport != Transport::tcp) return;
    flow.tcp_state = TcpState::refused;
    // Half open still: the client may go on asking (RFC 9293, 3.9.2.2: most such errors are not final).
    table_.set_class(at, FlowClass::half_open, now.time);
}

void DatagramTracker::fragment(FlowIndex at, const Packet& packet, std::uint32_t wire_bytes,
                               const Moment& now) noexcept {
    if (at != no_flow) {
        Flow& flow = table_[at];
        const bool counts = flow.transport == Transport::udp || flow.has(attempt);
        if (flow.transport == Transport::tcp || !counts || packet.ip.source != flow.client().ip) return;
        auto [to, by] = volumes_.of(flow);
        to.count_bytes(wire_bytes, true, now);
        by.count_bytes(wire_bytes, true, now);
        return;
    }
    const bool udp = packet.ip.protocol == ip_protocol::udp;
    if (!udp && packet.ip.protocol != ip_protocol::icmp && packet.ip.protocol != ip_protocol::icmpv6) return;
    const Endpoint source{packet.ip.source, 0};
    const Endpoint destination{packet.ip.destination, 0};
    auto& to = volumes_.of(udp ? VolumeKind::udp_to : VolumeKind::icmp_to, destination, source, packet.source_mac);
    auto& by = volumes_.of(udp ? VolumeKind::udp_from : VolumeKind::icmp_from, source, destination, packet.source_mac);
    to.count_bytes(wire_bytes, true, now);
    by.count_bytes(wire_bytes, true, now);
}

}  // namespace wiresage
