// Facts out of flows.
#include "flow/teller.hpp"

#include <algorithm>

namespace wiresage {

namespace {

/// ICMP's identifier stands in the key's ports, but is no port.
Endpoint told_end(const Flow& flow, Side side) noexcept {
    Endpoint end = flow.end(side);
    if (flow.transport == Transport::icmp) end.port = 0;
    return end;
}

}  // namespace

void Teller::at(const Moment& moment) noexcept {
    moment_ = moment;
    moment_.shard = shard_;
    record_step_ = 0;
}

void Teller::write(const Fact::What& what, std::uint16_t vlan, bool tunnelled) noexcept {
    facts_.write(Fact{.at = moment_, .vlan = vlan, .tunnelled = tunnelled, .what = what});
    ++moment_.step;
}

void Teller::write(const Flow& flow, const Fact::What& what) noexcept {
    moment_.input = flow.input;  // A tick has none of its own.
    write(what, flow.vlan, flow.tunnel != Tunnel::none);
}

bool Teller::may_tell(Kind kind, bool withheld) noexcept {
    if (!withheld && told_[kind] < (kind == neighbors ? most_neighbors : most_of_a_kind)) {
        ++told_[kind];
        return true;
    }
    ++stats_.facts_withheld;
    return false;
}

bool Teller::attempt(const Flow& flow, std::uint32_t isn) noexcept {
    if (!may_tell(attempts, flow.has(flow_flag::withheld))) return false;
    Attempt made;
    made.client = told_end(flow, flow.client_side());
    made.server = told_end(flow, flow.server_side());
    made.client_mac = flow.macs[flow.client_side()];
    made.server_mac = flow.macs[flow.server_side()];
    made.began = flow.began;
    made.began_stamp = flow.began_stamp;
    made.began_frame = flow.began_frame;
    made.isn = isn;
    made.fingerprint = flow.fingerprint;
    made.transport = flow.transport;
    made.technique = flow.technique;
    made.payload_bytes = flow.first_payload_bytes;
    made.initiator_known = flow.has(flow_flag::initiator_known);
    write(flow, made);
    return true;
}

Outcome outcome_of(const Flow& flow, Answer answer) noexcept {
    Outcome made;
    made.client = told_end(flow, flow.client_side());
    made.server = told_end(flow, flow.server_side());
    made.client_mac = flow.macs[flow.client_side()];
    made.server_mac = flow.macs[flow.server_side()];
    made.began = flow.began;
    made.began_stamp = flow.began_stamp;
    made.began_frame = flow.began_frame;
    made.fingerprint = flow.fingerprint;
    made.segments = static_cast<std::uint16_t>(std::min<std::uint32_t>(flow.requests(), UINT16_MAX));
    made.transport = flow.transport;
    made.technique = flow.technique;
    made.answer = answer;
    made.payload_bytes = flow.first_payload_bytes;
    made.initiator_known = flow.has(flow_flag::initiator_known);
    return made;
}

bool Teller::outcome(const Flow& flow, const Outcome& outcome) noexcept {
    // Beyond the attempt itself no cap: what became of those that were told is told too.
    if (outcome.at_once ? !may_tell(attempts, false) : flow.has(flow_flag::withheld)) return false;
    write(flow, outcome);
    return true;
}

bool Teller::two_way(const Flow& flow) noexcept {
    if (!may_tell(two_ways, flow.has(flow_flag::withheld))) return false;
    const Side client = flow.client_side();
    const Side server = flow.server_side();
    write(flow, TwoWay{flow.end(client).ip, flow.end(server).ip, flow.macs[client], flow.macs[server], flow.transport});
    return true;
}

bool Teller::ended(const Flow& flow, const ConnectionEnded& ended) noexcept {
    if (!may_tell(ends, flow.has(flow_flag::withheld))) return false;
    write(flow, ended);
    return true;
}

bool Teller::neighbor(const Neighbor& neighbor, std::uint16_t vlan, bool tunnelled) noexcept {
    if (!may_tell(neighbors, false)) return false;
    write(neighbor, vlan, tunnelled);
    return true;
}

void Teller::tell(const Fact::What& what, std::uint16_t vlan, bool tunnelled, std::string_view text) noexcept {
    facts_.write(Fact{.at = moment_,
                      .vlan = vlan,
                      .tunnelled = tunnelled,
                      .text_bytes = static_cast<std::uint16_t>(text.size()),
                      .what = what,
                      .text = text.data()});
    ++moment_.step;
}

bool Teller::trouble(const Flow& flow, const Fact::What& what) noexcept {
    if (!may_tell(troubles, flow.has(flow_flag::withheld))) return false;
    write(flow, what);
    return true;
}

void Teller::tell_of(const Fact::What& what, std::uint16_t input, std::uint16_t vlan, bool tunnelled) noexcept {
    Fact fact{.at = moment_, .vlan = vlan, .tunnelled = tunnelled, .what = what};
    fact.at.input = input;
    facts_.write(fact);
    ++moment_.step;
}

void Teller::record(const Flow& flow, const TcpFlow* tcp) noexcept {
    if (records_ == nullptr) return;
    Moment moment = moment_;
    moment.step = record_step_++;
    records_->write(record_of(flow, tcp, moment));
}

}  // namespace wiresage
