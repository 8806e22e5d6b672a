// Flow records out of flows.
#include "flow/flow_record.hpp"

#include "flow/teller.hpp"

namespace wiresage {

const char* name(FlowState state) noexcept {
    switch (state) {
        case FlowState::opening:
            return "opening";
        case FlowState::established:
            return "established";
        case FlowState::closing:
            return "closing";
        case FlowState::closed:
            return "closed";
        case FlowState::reset:
            return "reset";
        case FlowState::refused:
            return "refused";
        case FlowState::unanswered:
            return "unanswered";
        case FlowState::active:
            return "active";
        case FlowState::answered:
            return "answered";
    }
    return "unknown";
}

TcpAnalysisCounts& TcpAnalysisCounts::operator+=(const TcpAnalysisCounts& other) noexcept {
    retransmission += other.retransmission;
    fast_retransmission += other.fast_retransmission;
    spurious_retransmission += other.spurious_retransmission;
    out_of_order += other.out_of_order;
    duplicate_ack += other.duplicate_ack;
    zero_window += other.zero_window;
    zero_window_probe += other.zero_window_probe;
    zero_window_probe_ack += other.zero_window_probe_ack;
    window_full += other.window_full;
    window_update += other.window_update;
    lost_segment += other.lost_segment;
    ack_lost_segment += other.ack_lost_segment;
    keep_alive += other.keep_alive;
    keep_alive_ack += other.keep_alive_ack;
    reused_ports += other.reused_ports;
    return *this;
}

namespace {

FlowState state_of(const Flow& flow) noexcept {
    if (flow.transport != Transport::tcp) return flow.has(flow_flag::two_way) ? FlowState::answered : FlowState::active;
    switch (flow.tcp_state) {
        case TcpState::none:
        case TcpState::opening:
            return flow.has(flow_flag::two_way) ? FlowState::opening : FlowState::unanswered;
        case TcpState::syn_received:
            return FlowState::opening;
        case TcpState::joined:
            return flow.has(flow_flag::attempt) && !flow.has(flow_flag::accepted) ? FlowState::unanswered
                                                                                  : FlowState::established;
        case TcpState::established:
            return FlowState::established;
        case TcpState::closing:
            return FlowState::closing;
        case TcpState::closed:
            return FlowState::closed;
        case TcpState::reset:
            return FlowState::reset;
        case TcpState::refused:
            return FlowState::refused;
    }
    return FlowState::opening;
}

FlowSide side_of(const Flow& flow, const TcpFlow* tcp, Side side) noexcept {
    FlowSide made;
    made.packets = flow.packets[side];
    made.bytes = flow.bytes[side];
    made.payload_bytes = flow.payload_bytes[side];
    if (tcp == nullptr) return made;
    const TcpSide& from = tcp->sides[side];
    made.isn = from.isn;
    made.isn_known = from.has(side_flag::isn_known);
    made.retransmissions = from.retransmissions;
    made.mss = from.mss;
    made.window_scale = from.window_scale < 0 ? scale_unknown : from.window_scale;
    return made;
}

}  // namespace

FlowRecord record_of(const Flow& flow, const TcpFlow* tcp, const Moment& at) noexcept {
    const Side client = flow.client_side();
    const Side server = flow.server_side();
    FlowRecord made;
    made.at = at;
    made.client = flow.end(client);
    made.server = flow.end(server);
    if (flow.transport == Transport::icmp) made.client.port = made.server.port = 0;
    made.client_mac = flow.macs[client];
    made.server_mac = flow.macs[server];
    made.protocol = flow.key.protocol;
    made.state = state_of(flow);
    made.initiator_known = flow.has(flow_flag::initiator_known);
    made.input = flow.input;
    made.vlan = flow.vlan;
    made.tunnel = flow.tunnel;
    made.tunnel_id = flow.tunnel_id;
    made.start = flow.began_stamp;
    made.end = flow.last_stamp;
    made.c2s = side_of(flow, tcp, client);
    made.s2c = side_of(flow, tcp, server);
    made.fragments = flow.fragments;
    if (tcp == nullptr) return made;
    made.handshake_rtt = tcp->handshake_rtt;
    made.syns = flow.technique == Technique::syn ? flow.syns : 0U;
    made.out_of_order = tcp->sides[0].out_of_order + tcp->sides[1].out_of_order;
    made.duplicate_acks = tcp->duplicate_acks;
    made.zero_windows = tcp->zero_windows;
    made.lost_segments = tcp->lost_segments;
    return made;
}

}  // namespace wiresage
