// UDP, ICMP and the rest: a flow is begun by whoever speaks first.
#include "flow/datagram_tracker.hpp"

namespace wiresage {

using namespace flow_flag;

void DatagramTracker::packet(FlowIndex at, Side from, bool fresh, const Packet& packet, std::uint32_t wire_bytes,
                             const Moment& now) noexcept {
    if (fresh) open(at, from, packet, now.time);
    if (packet.udp) return udp(at, from, packet, wire_bytes, now);
    if (packet.icmp) return echo(at, from, packet, wire_bytes, now);
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
    attempts_.begin(at, udp ? Technique::udp : Technique::echo);
}

void DatagramTracker::asked(FlowIndex at, const Packet& packet, std::uint32_t wire_bytes, const Moment& now) noexcept {
    Flow& flow = table_[at];
    auto pair = volumes_.of(flow);
    const std::uint32_t unanswered = flow.has(accepted) ? 0 : 1;
    const std::uint32_t begins = packet.udp && flow.requests() == 1 ? 1 : 0;
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
    } else {
        answered(at, now.time);
    }
}

void DatagramTracker::echo(FlowIndex at, Side from, const Packet& packet, std::uint32_t wire_bytes,
                           const Moment& now) noexcept {
    const Flow& flow = table_[at];
    const bool by_client = from == flow.client_side();
    if (flow.has(attempt) && !by_client && packet.icmp->is_echo_reply()) {
        answered(at, now.time);
    } else if (flow.has(attempt) && by_client && packet.icmp->is_echo_request()) {
        asked(at, packet, wire_bytes, now);
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

void DatagramTracker::error(FlowIndex at, const IcmpHeader& icmp, EventTime now) noexcept {
    if (!icmp.is_unreachable() || !icmp.quoted) return;
    Flow& flow = table_[at];
    const Endpoint& client = flow.client();
    if (icmp.quoted->source != client.ip) return;
    if (icmp.quoted->has_ports && icmp.quoted->source_port != client.port) return;
    if (!flow.has(attempt) || flow.has(accepted | refused)) return;
    attempts_.refuse_by_icmp(at, icmp.code);
    if (flow.transport != Transport::tcp) return;
    flow.tcp_state = TcpState::refused;
    // Half open still: the client may go on asking (RFC 9293, 3.9.2.2: most such errors are not final).
    table_.set_class(at, FlowClass::half_open, now);
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
