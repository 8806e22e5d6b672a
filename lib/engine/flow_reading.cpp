// A shard's flows, read by the application layer.
#include "engine/flow_reading.hpp"

#include "flow/tcp_analysis.hpp"

namespace wiresage {

namespace {

class TellerSink final : public AppSink {
public:
    explicit TellerSink(Teller& teller) noexcept : teller_{teller} {}
    void tell(const Fact::What& what, std::uint16_t vlan, bool tunnelled, std::string_view text) noexcept override {
        teller_.tell(what, vlan, tunnelled, text);
    }

private:
    Teller& teller_;
};

Conversation conversation(FlowIndex at, const Flow& flow, const TcpFlow* tcp) noexcept {
    Conversation made;
    made.client = flow.client();
    made.server = flow.server();
    made.flow = at;
    made.generation = flow.generation;
    if (tcp != nullptr && tcp->sides[flow.client_side()].has(side_flag::isn_known)) {
        made.client_isn = tcp->sides[flow.client_side()].isn;
    }
    made.joined =
        tcp != nullptr && !tcp->sides[0].has(side_flag::isn_known) && !tcp->sides[1].has(side_flag::isn_known);
    if (tcp != nullptr) made.handshake_rtt = tcp->handshake_rtt;
    made.vlan = flow.vlan;
    made.tunnelled = flow.tunnel != Tunnel::none;
    made.initiator_known = flow.has(flow_flag::initiator_known);
    return made;
}

AppSegment segment_of(const Flow& flow, const TcpFlow& tcp, Side from, const Packet& packet) noexcept {
    const TcpHeader& header = *packet.tcp;
    const TcpSide& sender = tcp.sides[from];
    const TcpSide& receiver = tcp.sides[1 - from];
    AppSegment made;
    made.from = from == flow.client_side() ? From::client : From::server;
    made.sequence = header.sequence + (header.has(tcp_flag::syn) ? 1U : 0U);
    made.acknowledgment = header.has(tcp_flag::ack) ? header.acknowledgment : 0U;
    made.begin_known = sender.has(side_flag::isn_known);
    made.begin = sender.isn + 1;
    made.all_acknowledged = receiver.last_ack != 0 && sequence_up_to(header.sequence, receiver.last_ack);
    made.acknowledged_stamp = receiver.last_ack_stamp;
    made.fin = header.has(tcp_flag::fin);
    made.rst = header.has(tcp_flag::rst);
    made.wire_bytes = made.rst ? 0U : header.payload_bytes;  // RFC 9293, 3.5.3: a reset may carry a text for people.
    made.payload = made.rst ? Bytes{} : packet.payload;
    return made;
}

Reading reading_of(AppVerdict verdict) noexcept {
    switch (verdict) {
        case AppVerdict::payload:
            return Reading::payload;
        case AppVerdict::all:
            return Reading::all;
        case AppVerdict::given_up:
            break;
    }
    return Reading::given_up;
}

}  // namespace

Reading FlowReading::packet(FlowIndex at, const Flow& flow, const TcpFlow* tcp, Side from, const Packet& packet,
                            Teller& teller) noexcept {
    const From by = from == flow.client_side() ? From::client : From::server;
    if (flow.reading == Reading::payload && packet.tcp && !packet.tcp->has(tcp_flag::syn | tcp_flag::fin | tcp_flag::rst) &&
        reader_.pass(at, by, packet.tcp->sequence, packet.tcp->payload_bytes)) {
        return Reading::payload;  // A body: nothing of it is looked at.
    }
    TellerSink sink{teller};
    const bool fresh = flow.reading == Reading::fresh;
    Conversation talk = conversation(at, flow, tcp);
    talk.sender_mac = packet.source_mac;
    if (tcp != nullptr) {
        return reading_of(reader_.segment(talk, fresh, segment_of(flow, *tcp, from, packet), teller.moment(), sink));
    }
    return reading_of(
        reader_.datagram(talk, fresh, by, packet.udp->payload_bytes, packet.payload, teller.moment(), sink));
}

void FlowReading::gone(FlowIndex at, const Flow& flow, EndedBy by, Teller& teller) noexcept {
    TellerSink sink{teller};
    const bool tcp = flow.transport == Transport::tcp;
    reader_.gone(conversation(at, flow, nullptr), tcp, by, teller.moment(), sink);
}

bool FlowReading::tick(EventTime capture_end, Teller& teller) noexcept {
    TellerSink sink{teller};
    return reader_.tick(teller.moment(), capture_end, sink);
}

}  // namespace wiresage
