// Which alert explains which other.

#include "detect/causes.hpp"

#include <algorithm>

namespace wiresage {

namespace {

std::string joined(const std::string& a, const std::string& b) { return a.empty() || b.empty() ? "" : a + ">" + b; }

std::string ip(const End& end) { return end.ip ? end.ip->text() : std::string{}; }
std::string service(const End& end) { return end.ip && end.port ? Endpoint{*end.ip, *end.port}.text() : std::string{}; }

/// A text of the evidence, or nothing.
std::string told(const Finding& finding, std::string_view key) {
    const auto* const value = finding.evidence.find(key);
    const auto* const text = value == nullptr ? nullptr : std::get_if<std::string>(value);
    return text == nullptr ? std::string{} : *text;
}

std::string number(const Finding& finding, std::string_view key) {
    const auto* const value = finding.evidence.find(key);
    const auto* const whole = value == nullptr ? nullptr : std::get_if<std::int64_t>(value);
    return whole == nullptr ? std::string{} : std::to_string(*whole);
}

// Ends and what they are is each rule's (evidence.md).
std::string source_ip(const Finding& f) { return ip(f.source); }
std::string target_ip(const Finding& f) { return ip(f.destination); }
std::string both_ips(const Finding& f) { return joined(ip(f.source), ip(f.destination)); }
std::string both_ips_turned(const Finding& f) { return joined(ip(f.destination), ip(f.source)); }
std::string source_service(const Finding& f) { return service(f.source); }
std::string target_service(const Finding& f) { return service(f.destination); }
std::string client_of_target(const Finding& f) { return joined(ip(f.source), service(f.destination)); }
std::string client_of_source(const Finding& f) { return joined(ip(f.destination), service(f.source)); }
std::string source_mac(const Finding& f) { return f.source.mac ? f.source.mac->text() : std::string{}; }

/// The peer's /24 or /48 (guard G9), told or by the address of an end.
std::string net_of(const End& end) {
    if (!end.ip) return {};
    auto network = Network{*end.ip, end.ip->is_v4() ? 24U : 48U};
    const std::size_t kept = end.ip->is_v4() ? 15 : 6;  // Bytes of the address in its mapped form.
    std::fill(network.base.bytes.begin() + static_cast<std::ptrdiff_t>(kept), network.base.bytes.end(),
              std::uint8_t{0});
    return network.text();
}
std::string peer_net(const Finding& f) { return told(f, "peer_net"); }
std::string net_of_target(const Finding& f) { return net_of(f.destination); }
std::string net_of_source(const Finding& f) { return net_of(f.source); }

std::string asked_by(const Finding& f) { return joined(ip(f.destination), told(f, "requested_ip")); }
std::string quoted(const Finding& f) { return told(f, "quoted_destination"); }
std::string proxy_target(const Finding& f) {
    auto target = told(f, "target");
    return joined(ip(f.destination), target.substr(0, target.rfind(':')));
}
std::string named_target(const Finding& f) {
    const auto name = told(f, "dns_name");
    return joined(ip(f.source), name.empty() ? ip(f.destination) : name);
}
/// What an endpoint mapper named, and who was told.
std::string mapped_endpoint(const Finding& f) {
    const auto port = number(f, "endpoint_port");
    return joined(ip(f.destination), port.empty() ? port : told(f, "endpoint_ip") + ":" + port);
}
std::string mapped_ip(const Finding& f) { return joined(ip(f.destination), told(f, "endpoint_ip")); }
std::string dynamic_port(const Finding& f) {
    return joined(joined(ip(f.source), ip(f.destination)), number(f, "endpoint_port"));
}
std::string port_of_pair(const Finding& f) {
    return f.destination.port ? joined(both_ips(f), std::to_string(*f.destination.port)) : std::string{};
}
/// FTP's data connection in active mode: the server opens it.
std::string data_connection(const Finding& f) {
    return joined(joined(told(f, "data_src"), told(f, "data_dst")), number(f, "data_dport"));
}
std::string dns_target(const Finding& f) {
    return f.destination.port == std::uint16_t{53} ? ip(f.destination) : std::string{};
}

constexpr Duration s(int seconds) { return std::chrono::seconds{seconds}; }

constexpr CauseRow table[] = {
    {"tcp_syn_flood", "tcp_synack_unanswered", target_service, source_service, s(30), s(10)},
    {"tcp_syn_flood", "tcp_syn_received_no_reply", target_service, target_service, s(30), s(10)},
    {"tcp_syn_flood", "tcp_connect_timeout", target_service, target_service, s(30), s(10)},
    {"tcp_syn_flood", "tcp_connection_refused", target_service, source_service, s(30), s(10)},

    {"http_triggered_udp_flood", "udp_flood", both_ips, both_ips, s(15), s(5)},
    {"http_triggered_udp_flood", "unexpected_egress", both_ips, both_ips, s(15), s(5)},
    {"udp_flood", "app_slow_response", source_ip, source_ip, s(10), s(10)},
    {"udp_flood", "app_slow_response", target_ip, source_ip, s(10), s(10)},
    {"udp_flood", "tcp_path_loss", source_ip, source_ip, s(10), s(10)},
    {"udp_flood", "tcp_path_loss", target_ip, source_ip, s(10), s(10)},
    {"udp_flood", "dns_slow", source_ip, source_ip, s(10), s(10)},
    {"udp_flood", "dns_slow", target_ip, source_ip, s(10), s(10)},

    {"single_source_connection_limit", "tcp_syn_received_no_reply", client_of_target, client_of_target, s(30), s(10)},
    {"single_source_connection_limit", "tcp_connect_timeout", client_of_target, client_of_target, s(30), s(10)},

    {"path_mtu_black_hole", "tcp_retransmission_stall", peer_net, net_of_target, s(120), s(120)},
    {"path_mtu_black_hole", "tcp_hole_never_filled", peer_net, net_of_target, s(120), s(120)},
    {"path_mtu_black_hole", "tls_handshake_failed", peer_net, net_of_target, s(120), s(120)},
    {"path_mtu_black_hole", "tls_handshake_failed", peer_net, net_of_source, s(120), s(120)},
    {"tcp_path_loss", "tcp_retransmission_stall", peer_net, net_of_target, s(60), s(30)},
    {"tcp_path_loss", "app_slow_response", peer_net, net_of_target, s(60), s(30)},

    {"tcp_receiver_stalled", "app_slow_response", client_of_target, client_of_source, s(30), s(5)},
    {"tcp_receiver_stalled", "tcp_retransmission_stall", both_ips, both_ips_turned, s(30), s(5)},
    {"tcp_receiver_stalled", "constant_tail_delay", both_ips, both_ips_turned, s(30), s(5)},

    {"dns_server_failing", "dns_slow", source_ip, source_ip, s(60), s(10)},
    {"dns_server_failing", "udp_request_unanswered", source_ip, dns_target, s(60), s(10)},
    {"dns_server_failing", "dns_name_error", source_ip, source_ip, s(60), s(10)},

    {"udp_reply_from_other_address", "udp_request_unanswered", asked_by, both_ips, s(5), s(5)},

    {"tls_certificate_rejected", "tls_handshake_failed", target_service, target_service, s(10), s(5)},
    {"tls_certificate_rejected", "http_server_error", source_ip, source_ip, s(10), s(5)},
    {"tls_name_mismatch", "tls_handshake_failed", source_service, target_service, s(10), s(5)},
    {"tls_certificate_expired", "tls_handshake_failed", source_service, target_service, s(10), s(5)},

    {"rpc_epm_endpoint_mismatch", "rpc_dynamic_port_blocked", mapped_ip, both_ips, s(30), s(5)},
    {"rpc_epm_endpoint_mismatch", "tcp_connect_timeout", mapped_endpoint, client_of_target, s(30), s(5)},
    {"rpc_dynamic_port_blocked", "tcp_connect_timeout", dynamic_port, port_of_pair, s(30), s(10)},
    {"rpc_dynamic_port_blocked", "tcp_syn_received_no_reply", dynamic_port, port_of_pair, s(30), s(10)},
    {"ftp_active_data_blocked", "tcp_connect_timeout", data_connection, port_of_pair, s(30), s(10)},
    {"ftp_active_data_blocked", "tcp_syn_received_no_reply", data_connection, port_of_pair, s(30), s(10)},

    {"http_proxy_denied", "unexpected_egress", proxy_target, named_target, s(10), s(5)},
    {"http_proxy_auth_unanswered", "unexpected_egress", both_ips, both_ips, s(10), s(5)},

    {"icmp_unreachable_burst", "tcp_connect_timeout", quoted, target_ip, s(5), s(5)},
    {"icmp_unreachable_burst", "udp_request_unanswered", quoted, target_ip, s(5), s(5)},

    {"host_sweep", "arp_scan", source_mac, source_mac, s(10), s(5)},
    {"host_sweep", "arp_request_burst", source_mac, source_mac, s(10), s(5)},
};

}  // namespace

std::span<const CauseRow> cause_rows() noexcept { return table; }

Causes::Causes(std::span<const CauseRow> rows) : rows_{rows} {
    for (std::size_t i = 0; i < rows_.size(); ++i) {
        by_cause_[rows_[i].cause].push_back(i);
        by_symptom_[rows_[i].symptom].push_back(i);
    }
}

bool Causes::open(const std::string& id, const Known& alert) {
    const auto rows = by_cause_.find(alert.rule);
    if (rows == by_cause_.end()) return false;
    std::vector<std::pair<std::size_t, std::string>> keys;
    for (const auto row : rows->second) {
        if (auto key = rows_[row].cause_key(*alert.finding); !key.empty()) keys.emplace_back(row, std::move(key));
    }
    const auto known = open_.find(id);
    const bool is_new =
        known == open_.end() || known->second.keys != keys || known->second.confidence < alert.finding->confidence;
    if (is_new) {
        close(id);
        for (const auto& key : keys) ids_[key].push_back(id);
    }
    open_[id] = Open{std::string{alert.rule}, std::move(keys),          alert.finding->start, alert.last,
                     alert.finding->vlan,     alert.finding->confidence};
    return is_new;
}

void Causes::close(const std::string& id) {
    const auto known = open_.find(id);
    if (known == open_.end()) return;
    for (const auto& key : known->second.keys) {
        const auto ids = ids_.find(key);
        std::erase(ids->second, id);
        if (ids->second.empty()) ids_.erase(ids);
    }
    open_.erase(known);
}

std::string Causes::cause_of(const std::string& id, const Known& symptom) const {
    const auto rows = by_symptom_.find(symptom.rule);
    if (rows == by_symptom_.end()) return {};
    for (const auto row : rows->second) {
        const auto key = rows_[row].symptom_key(*symptom.finding);
        if (key.empty()) continue;
        const auto ids = ids_.find({row, key});
        if (ids == ids_.end()) continue;
        for (const auto& candidate : ids->second) {
            const auto& cause = open_.at(candidate);
            const auto start = symptom.finding->start;
            if (candidate == id || cause.confidence < symptom.finding->confidence) continue;
            const auto vlan = symptom.finding->vlan;
            if (cause.vlan != vlan && cause.vlan != 0 && vlan != 0) continue;
            if (cause.start - start > rows_[row].lag || start - cause.last > rows_[row].lead) continue;
            return candidate;
        }
    }
    return {};
}

}  // namespace wiresage
