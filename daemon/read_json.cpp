// Flows and counts as JSON.

#include <nlohmann/json.hpp>

#include "alert/community_id.hpp"
#include "app/app_counts.hpp"
#include "base/log.hpp"
#include "daemon/read_output.hpp"

namespace wiresage {

namespace {

using Json = nlohmann::ordered_json;

struct ProtocolName {
    std::uint8_t number;
    const char* name;
};

/// Names as the counts' conventions have them; others go by number.
constexpr ProtocolName protocol_names[] = {
    {1, "icmp"},    {2, "igmp"},  {4, "ipip"}, {6, "tcp"},   {17, "udp"},  {41, "ipv6"},  {46, "rsvp"},    {47, "gre"},      {50, "esp"}, {51, "ah"},
    {58, "icmpv6"}, {59, "no_next"}, {88, "eigrp"}, {89, "ospf"}, {103, "pim"}, {112, "vrrp"}, {115, "l2tp"}, {132, "sctp"}, {136, "udplite"}, {137, "mpls"},
};

std::string protocol_name(std::size_t number) {
    for (const auto& known : protocol_names) {
        if (known.number == number) return known.name;
    }
    return std::to_string(number);
}

const char* tunnel_name(Tunnel tunnel) {
    switch (tunnel) {
        case Tunnel::none: return "none";
        case Tunnel::ipip: return "ipip";
        case Tunnel::six_in_four: return "6in4";
        case Tunnel::gre: return "gre";
        case Tunnel::erspan: return "erspan";
        case Tunnel::vxlan: return "vxlan";
        case Tunnel::geneve: return "geneve";
        case Tunnel::gtp_u: return "gtp_u";
        case Tunnel::mpls: return "mpls";
        case Tunnel::pppoe: return "pppoe";
    }
    return "none";
}

template <typename Value>
Json pair_json(const FlowRecord& record, Value value, bool known_client, bool known_server) {
    return Json::array({known_client ? Json(value(record.c2s)) : Json(nullptr), known_server ? Json(value(record.s2c)) : Json(nullptr)});
}

void add_tcp(Json& line, const FlowRecord& record) {
    if (record.c2s.isn_known) line["client_isn"] = record.c2s.isn;
    if (record.s2c.isn_known) line["server_isn"] = record.s2c.isn;
    if (record.c2s.isn_known || record.s2c.isn_known) {
        line["window_scale"] = pair_json(record, [](const FlowSide& side) { return static_cast<int>(side.window_scale); },
                                         record.c2s.window_scale >= 0, record.s2c.window_scale >= 0);
        line["mss"] = pair_json(record, [](const FlowSide& side) { return side.mss; }, record.c2s.mss != 0, record.s2c.mss != 0);
    }
    if (record.handshake_rtt > Duration{0}) line["handshake_rtt_ms"] = milliseconds(record.handshake_rtt);
    line["syns"] = record.syns;
    line["retransmissions_c2s"] = record.c2s.retransmissions;
    line["retransmissions_s2c"] = record.s2c.retransmissions;
    line["out_of_order"] = record.out_of_order;
    line["duplicate_acks"] = record.duplicate_acks;
    line["zero_windows"] = record.zero_windows;
    line["lost_segments"] = record.lost_segments;
}

Json analysis_json(const TcpAnalysisCounts& counts) {
    return {{"retransmission", counts.retransmission},
            {"fast_retransmission", counts.fast_retransmission},
            {"spurious_retransmission", counts.spurious_retransmission},
            {"out_of_order", counts.out_of_order},
            {"duplicate_ack", counts.duplicate_ack},
            {"zero_window", counts.zero_window},
            {"zero_window_probe", counts.zero_window_probe},
            {"zero_window_probe_ack", counts.zero_window_probe_ack},
            {"window_full", counts.window_full},
            {"window_update", counts.window_update},
            {"lost_segment", counts.lost_segment},
            {"ack_lost_segment", counts.ack_lost_segment},
            {"keep_alive", counts.keep_alive},
            {"keep_alive_ack", counts.keep_alive_ack},
            {"reused_ports", counts.reused_ports}};
}

Json protocols_json(const PacketCounts::Layer& layer) {
    Json made = Json::object();
    for (std::size_t i = 0; i < layer.protocol.size(); ++i) {
        if (layer.protocol[i] != 0) made[protocol_name(i)] = layer.protocol[i];
    }
    return made;
}

Json owner_json(const SocketOwner& owner) {
    Json process = Json::object();
    if (owner.pid) process["pid"] = *owner.pid;
    if (!owner.name.empty()) process["name"] = printable(owner.name);
    if (owner.uid) process["uid"] = *owner.uid;
    if (!owner.user.empty()) process["user"] = printable(owner.user);
    if (!owner.unit.empty()) process["unit"] = printable(owner.unit);
    if (!owner.container.empty()) process["container"] = owner.container;
    return process;
}

Json names_json(const AppCounts::Names& names) {
    Json made = Json::object();
    for (const auto& [name, count] : names) made[name] = count;
    return made;
}

template <std::size_t Size>
Json numbers_json(const std::array<std::uint64_t, Size>& counts) {
    Json made = Json::object();
    for (std::size_t i = 0; i < counts.size(); ++i) {
        if (counts[i] != 0) made[std::to_string(i)] = counts[i];
    }
    return made;
}

Json app_json(const AppCounts& said) {
    return {{"http_requests", names_json(said.http_requests)},
            {"http_responses", names_json(said.http_answers)},
            {"dns_response_flag", numbers_json(said.dns_messages)},
            {"dns_response_codes", numbers_json(said.dns_answers)},
            {"tls_handshake_types", numbers_json(said.tls_messages)},
            {"ftp_commands", names_json(said.ftp_commands)},
            {"dcerpc_pkt_types", numbers_json(said.rpc_packets)}};
}

}  // namespace

std::string flow_json(const FlowRecord& record, const InputList& inputs, const SocketOwner& owner) {
    Json line;
    line["src"] = record.client.ip.text();
    line["sport"] = record.client.port;
    line["dst"] = record.server.ip.text();
    line["dport"] = record.server.port;
    line["transport"] = protocol_name(record.protocol);
    line["start"] = rfc3339(record.start);
    line["end"] = rfc3339(record.end);
    line["state"] = name(record.state);
    line["initiator_known"] = record.initiator_known;
    line["packets"] = record.c2s.packets + record.s2c.packets;
    line["packets_c2s"] = record.c2s.packets;
    line["packets_s2c"] = record.s2c.packets;
    line["bytes_c2s"] = record.c2s.bytes;
    line["bytes_s2c"] = record.s2c.bytes;
    line["payload_c2s"] = record.c2s.payload_bytes;
    line["payload_s2c"] = record.s2c.payload_bytes;
    if (record.protocol == ip_protocol::tcp) add_tcp(line, record);
    if (record.fragments != 0) line["fragments"] = record.fragments;
    if (record.vlan != 0) line["vlan"] = record.vlan;
    if (record.tunnel != Tunnel::none) line["tunnel"] = {{"type", tunnel_name(record.tunnel)}, {"id", record.tunnel_id}};
    if (record.protocol == ip_protocol::tcp || record.protocol == ip_protocol::udp || record.protocol == ip_protocol::sctp) {
        line["community_id"] = community_id(record.protocol, record.client, record.server);
    }
    if (!owner.empty()) line["process"] = owner_json(owner);
    if (record.input < inputs.size()) {
        if (!inputs[record.input].file.empty()) line["input"] = printable(inputs[record.input].file);
        if (!inputs[record.input].interface.empty()) line["interface"] = printable(inputs[record.input].interface);
    }
    return line.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string stats_json(const EngineStats& stats, const AppCounts& said) {
    const auto& counts = stats.workers.packets;
    const auto& shards = stats.workers.shards;
    Json made;
    made["packets"] = counts.packets;
    made["bytes_on_wire"] = counts.bytes_on_wire;
    made["bytes_captured"] = counts.bytes_captured;
    made["frames_cut_by_snaplen"] = counts.frames_cut_by_snaplen;
    made["ip_version"] = {{"outer", {{"4", counts.outer.v4}, {"6", counts.outer.v6}}}, {"inner", {{"4", counts.inner.v4}, {"6", counts.inner.v6}}}};
    made["l4"] = {{"outer", protocols_json(counts.outer)}, {"inner", protocols_json(counts.inner)}};
    made["arp"] = {{"request", counts.arp_requests}, {"reply", counts.arp_replies}, {"other", counts.arp_others}};
    made["fragments"] = {{"outer_first", counts.first_fragments}, {"outer_non_first", counts.later_fragments}};
    made["vlan_frames"] = counts.vlan_frames;
    for (std::size_t i = 1; i < counts.tunnels.size(); ++i) made["tunnels"][tunnel_name(static_cast<Tunnel>(i))] = counts.tunnels[i];
    for (std::size_t i = 1; i < counts.anomalies.size(); ++i) made["anomalies"][std::string{name(static_cast<Anomaly>(i))}] = counts.anomalies[i];
    made["decoded"] = counts.decoded();
    made["tcp_analysis"] = analysis_json(shards.tcp_analysis);
    made["app"] = app_json(said);
    made["flows"] = {{"opened", shards.flows_opened},
                     {"expired", shards.flows_expired},
                     {"evicted", shards.evicted_half_open + shards.evicted_idle + shards.evicted_closed + shards.evicted_established}};
    return made.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace wiresage
