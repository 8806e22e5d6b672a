// rpc_epm_no_endpoint: a client asks an endpoint mapper for a service and gets none.
// Page: rpc_epm_no_endpoint.md.

#include <algorithm>
#include <array>

#include "detect/bounded_map.hpp"
#include "detect/episode.hpp"
#include "detect/judge.hpp"
#include "detect/keys.hpp"
#include "detect/rpc_interfaces.hpp"
#include "detect/rule.hpp"

namespace wiresage::rules {

namespace {

constexpr Setting settings[] = {
    {"connections", SettingKind::count, 1, 1, 1'000'000, "connections that ended without an endpoint, from here on"},
};

constexpr EvidenceKey evidence[] = {
    {"count", EvidenceType::integer},          {"request_bytes", EvidenceType::integer},
    {"response_bytes", EvidenceType::integer}, {"pdu_types", EvidenceType::texts},
    {"status", EvidenceType::text, true},      {"rpc_interface", EvidenceType::text, true},
    {"ended_by", EvidenceType::text},
};

constexpr std::string_view next_steps[] = {
    "On the server: is the service that was asked for running, and registered (`portqry -n SERVER -e 135` or "
    "`rpcdump.py SERVER` lists what is)?",
    "A refused bind (bind_nak) comes from the mapper or from a firewall that filters RPC in its name: look at the "
    "firewall's RPC rules between the two.",
    "0x16c9a0d6 (EPT_S_NOT_REGISTERED) says that the mapper works and the service is not there.",
};

constexpr About about{
    .id = "rpc_epm_no_endpoint",
    .name = "Endpoint mapper gave no endpoint",
    .category = "rpc",
    .kind = RuleKind::flow,
    .severity = Severity::error,
    .settings = settings,
    .evidence = evidence,
    .source = "client ip:port",
    .destination = "server ip:port 135",
    .entity = "client ip > server ip:port",
    .cause =
        "The service is not registered at the mapper, or the mapper (or a filter that answers in its name) refused the "
        "bind. The client cannot learn the port and reports that the RPC server is unavailable.",
    .unknowable = "Who refused: a filter between the two may answer with the server's address.",
    .next_steps = next_steps,
};

const char* name_of(RpcPdu pdu) noexcept {
    switch (pdu) {
        case RpcPdu::request:
            return "request";
        case RpcPdu::response:
            return "response";
        case RpcPdu::fault:
            return "fault";
        case RpcPdu::bind:
            return "bind";
        case RpcPdu::bind_ack:
            return "bind_ack";
        case RpcPdu::bind_nak:
            return "bind_nak";
    }
    return "";
}

std::string hex_text(std::uint32_t value) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text = "0x";
    for (int shift = 28; shift >= 0; shift -= 4) text += digits[value >> shift & 0xf];
    return text;
}

class RpcEpmNoEndpoint {
public:
    explicit RpcEpmNoEndpoint(const RuleContext& context)
        : connections_{context.settings.count("connections")},
          quiet_{context.settings.resolve_after},
          pairs_{std::max<std::size_t>(context.most_hosts / 8, 64)} {}

    void on(const Fact& fact, const RpcMapFailure& what, Findings& findings) {
        const ClientOfService key{what.client.ip, what.server, fact.vlan};
        auto& entry = pairs_.at(key);
        if (entry.episode.touch(fact, what.began, what.began_stamp, quiet_)) {
            const auto episode = entry.episode;
            entry = Entry{};
            entry.episode = episode;
            entry.first = what;
        }
        ++entry.count;
        entry.clients.see(what.client, {});
        keep_packet(entry.packets, fact.at.input, what.began_frame);
        keep_packet(entry.packets, fact.at.input, fact.at.frame);
        if (entry.count >= connections_) report(fact, key, entry, findings);
    }

private:
    struct Entry {
        Episode episode;
        AgreedEnd clients;
        std::vector<PacketRef> packets;
        std::uint64_t count = 0;
        RpcMapFailure first;
    };

    void report(const Fact& fact, const ClientOfService& key, const Entry& entry, Findings& findings) const {
        const auto& first = entry.first;
        Finding finding;
        entry.episode.describe(finding);
        finding.entity = key.entity();
        finding.source = entry.clients.with_port();
        finding.destination = End::of(key.service);
        finding.transport = Transport::tcp;
        std::vector<std::string> types;
        for (std::size_t i = 0; i < first.pdu_count; ++i) types.emplace_back(name_of(first.pdus[i]));
        const auto all = types.size();
        const auto last = types.empty() ? std::string{} : types.back();
        finding.evidence.set("count", entry.count);
        finding.evidence.set("request_bytes", first.request_bytes);
        finding.evidence.set("response_bytes", first.response_bytes);
        finding.evidence.set("pdu_types", std::move(types), all);
        if (first.has_status) finding.evidence.set("status", hex_text(first.status));
        const auto interface = rpc_interface_name(first.interface);
        if (!interface.empty()) finding.evidence.set("rpc_interface", interface);
        finding.evidence.set("ended_by", first.reset ? "rst" : "fin");
        finding.packets = in_order(entry.packets);
        finding.impact = {static_cast<std::int64_t>(entry.count), 1, {}};
        finding.confidence = limited_by_capture(findings, fact, confidence_of({entry.count < 3}));
        finding.urgency = urgency_of(about.severity, finding.confidence, {});
        finding.message = key.client.text() + " asked the endpoint mapper " + key.service.text() +
                          (interface.empty() ? std::string{} : " for " + interface) + " and got no endpoint (" +
                          (first.has_status ? "status " + hex_text(first.status) : last) + "); " +
                          counted(entry.count, "connection", "connections") + " so far";
        finding.threshold = {{"connections", static_cast<std::int64_t>(connections_)}};
        finding.window_seconds = seconds(quiet_);
        finding.wireshark_filter = filter_between(key);
        findings.report(std::move(finding));
    }

    std::uint64_t connections_;
    Duration quiet_;
    BoundedMap<ClientOfService, Entry, ServiceHash> pairs_;
};

}  // namespace

extern constinit const RuleEntry rpc_epm_no_endpoint = entry<RpcEpmNoEndpoint>(about);

}  // namespace wiresage::rules
