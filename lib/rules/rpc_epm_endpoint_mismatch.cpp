// rpc_epm_endpoint_mismatch: an endpoint mapper sends its client to another address than its own.
// Page: rpc_epm_endpoint_mismatch.md.

#include <algorithm>
#include <deque>

#include "detect/bounded_map.hpp"
#include "detect/episode.hpp"
#include "detect/judge.hpp"
#include "detect/keys.hpp"
#include "detect/rpc_interfaces.hpp"
#include "detect/rule.hpp"

namespace wiresage::rules {

namespace {

/// As many answers wait for the connection that may follow.
constexpr std::size_t most_waiting = 1024;

constexpr Setting settings[] = {
    {"answers", SettingKind::count, 1, 1, 1'000'000, "map answers that name another address, from here on"},
    {"wait", SettingKind::duration, in_seconds(2), 0, in_seconds(60),
     "a connection accepted at the named endpoint within this time shows that no harm was done"},
};

constexpr EvidenceKey evidence[] = {
    {"server_ip", EvidenceType::text},        {"endpoint_ip", EvidenceType::text},
    {"endpoint_port", EvidenceType::integer}, {"rpc_interface", EvidenceType::text},
    {"count", EvidenceType::integer},
};

constexpr std::string_view next_steps[] = {
    "Firewalls that follow RPC drop an answer which names an address other than the one that was asked: look for it in "
    "their log, or let them accept the named address.",
    "Behind a load balancer: publish the RPC service with fixed ports, or let the balancer rewrite the endpoint.",
    "On the client: does a connection to the named address and port follow at all?",
};

constexpr About about{
    .id = "rpc_epm_endpoint_mismatch",
    .name = "Endpoint mapper names another address",
    .category = "rpc",
    .kind = RuleKind::flow,
    .severity = Severity::warning,
    .settings = settings,
    .evidence = evidence,
    .source = "server ip:port 135",
    .destination = "client ip:port",
    .entity = "server ip:port, endpoint_ip",
    .cause =
        "The mapper's host is reached by an address that it does not know of: a load balancer's, a NAT's, a cluster's. "
        "It answers with its own, which clients and firewalls may not accept.",
    .unknowable = "Whether something further on drops the answer, or the client refuses the address by itself.",
    .next_steps = next_steps,
};

class RpcEpmEndpointMismatch {
public:
    explicit RpcEpmEndpointMismatch(const RuleContext& context)
        : answers_{context.settings.count("answers")},
          wait_{context.settings.duration("wait")},
          quiet_{context.settings.resolve_after},
          pairs_{std::max<std::size_t>(context.most_hosts / 8, 64)} {}

    void on(const Fact& fact, const RpcEndpoint& what, Findings&) {
        const auto& told = what.endpoint.ip;
        // Unspecified means the mapper's own; across address families nothing can be compared.
        if (told.is_unspecified() || told == what.server.ip || told.is_v4() != what.server.ip.is_v4()) return;
        if (waiting_.size() < most_waiting) waiting_.push_back(fact_of(fact, what));
    }

    void on(const Fact& tick, const Tick&, Findings& findings) {
        while (!waiting_.empty() && tick.at.time - waiting_.front().fact.at.time >= wait_) {
            judge(waiting_.front(), findings);
            waiting_.pop_front();
        }
    }

private:
    struct Waiting {
        Fact fact;  ///< Without its payload: where and when.
        RpcEndpoint what;
    };
    struct Entry {
        Episode episode;
        AgreedEnd servers;
        AgreedEnd clients;
        std::vector<PacketRef> packets;
        std::uint64_t count = 0;
        RpcEndpoint first;
    };

    static Waiting fact_of(const Fact& fact, const RpcEndpoint& what) {
        Waiting made{fact, what};
        made.fact.text = nullptr;
        made.fact.text_bytes = 0;
        return made;
    }

    void judge(const Waiting& waiting, Findings& findings) {
        const auto& what = waiting.what;
        const auto* const past = findings.knowledge().service(Transport::tcp, what.endpoint);
        if (past != nullptr && past->accepted > 0 && past->last_accepted >= what.asked) return;
        const ClientOfService key{what.endpoint.ip, what.server, waiting.fact.vlan};
        auto& entry = pairs_.at(key);
        if (entry.episode.touch(waiting.fact, what.asked, what.asked_stamp, quiet_)) {
            const auto episode = entry.episode;
            entry = Entry{};
            entry.episode = episode;
            entry.first = what;
        }
        ++entry.count;
        entry.servers.see(what.server, {});
        entry.clients.see(what.client, {});
        keep_packet(entry.packets, waiting.fact.at.input, what.asked_frame);
        keep_packet(entry.packets, waiting.fact.at.input, waiting.fact.at.frame);
        if (entry.count >= answers_) report(key, entry, findings);
    }

    void report(const ClientOfService& key, const Entry& entry, Findings& findings) const {
        const auto& first = entry.first;
        Finding finding;
        entry.episode.describe(finding);
        finding.entity = first.server.text() + ", " + first.endpoint.ip.text();
        finding.source = entry.servers.with_port();
        finding.destination = entry.clients.with_port();
        finding.transport = Transport::tcp;
        const auto interface = rpc_interface_name(first.interface);
        finding.evidence.set("server_ip", key.service.ip.text());
        finding.evidence.set("endpoint_ip", first.endpoint.ip.text());
        finding.evidence.set("endpoint_port", static_cast<int>(first.endpoint.port));
        finding.evidence.set("rpc_interface", interface);
        finding.evidence.set("count", entry.count);
        finding.packets = in_order(entry.packets);
        finding.impact = {static_cast<std::int64_t>(entry.count), 1, {}};
        finding.confidence =
            limited_by_capture(findings, Place::of(finding, entry.episode.last()), confidence_of({entry.count < 3}));
        finding.urgency = urgency_of(about.severity, finding.confidence, {});
        finding.message = "The endpoint mapper " + first.server.text() + " sent " + first.client.ip.text() + " to " +
                          first.endpoint.text() + " for " + interface +
                          ", another address than the one it asked, and "
                          "no connection there followed";
        finding.threshold = {{"answers", static_cast<std::int64_t>(answers_)}};
        finding.window_seconds = seconds(wait_);
        finding.wireshark_filter = filter_service(first.server) + " && epm";
        findings.report(std::move(finding));
    }

    std::uint64_t answers_;
    Duration wait_;
    Duration quiet_;
    BoundedMap<ClientOfService, Entry, ServiceHash> pairs_;
    std::deque<Waiting> waiting_;
};

}  // namespace

extern constinit const RuleEntry rpc_epm_endpoint_mismatch = entry<RpcEpmEndpointMismatch>(about);

}  // namespace wiresage::rules
