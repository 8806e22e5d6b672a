// rpc_dynamic_port_blocked: an endpoint mapper names a port, and nobody gets through to it.
// Page: rpc_dynamic_port_blocked.md.

#include <algorithm>

#include "detect/bounded_map.hpp"
#include "detect/judge.hpp"
#include "detect/keys.hpp"
#include "detect/rpc_interfaces.hpp"
#include "detect/rule.hpp"
#include "detect/silence.hpp"

namespace wiresage::rules {

namespace {

constexpr Setting settings[] = {
    {"attempts", SettingKind::count, 2, 1, 1'000'000, "connections to named ports, silent or refused, from here on"},
    {"window", SettingKind::duration, in_seconds(120), in_seconds(1), in_seconds(3600),
     "a connection so long after the mapper's answer belongs to it; attempts no further apart are counted together"},
};

constexpr EvidenceKey evidence[] = {
    {"epm_port", EvidenceType::integer},
    {"endpoint_port", EvidenceType::integer},
    {"endpoint_ports", EvidenceType::integers},
    {"attempts", EvidenceType::integer},
    {"syns", EvidenceType::integer},
    {"answered", EvidenceType::boolean},
    {"refused", EvidenceType::boolean},
    {"rpc_interface", EvidenceType::text, true},
};

constexpr std::string_view next_steps[] = {
    "Firewalls between the two: let the RPC range through as well (on Windows `netsh int ipv4 show dynamicport tcp`, "
    "49152 to 65535 by standard), or give the service a fixed port and allow that.",
    "Refused by RST: the service has ended or moved to another port since it registered; restart it.",
    "On the server: `netstat -ano` (or `ss -ltnp`): does a process listen on the named port?",
};

constexpr About about{
    .id = "rpc_dynamic_port_blocked",
    .name = "RPC port named by the endpoint mapper is blocked",
    .category = "rpc",
    .kind = RuleKind::site,
    .severity = Severity::error,
    .settings = settings,
    .evidence = evidence,
    .source = "client ip",
    .destination = "server ip",
    .entity = "client ip > server ip",
    .cause =
        "A firewall lets the endpoint mapper's port through, but not the dynamic port that the mapper names. The "
        "client "
        "reports that the RPC server is unavailable.",
    .unknowable = "Which firewall drops it, and in which direction.",
    .next_steps = next_steps,
};

class RpcDynamicPortBlocked {
public:
    explicit RpcDynamicPortBlocked(const RuleContext& context)
        : attempts_{context.settings.count("attempts")},
          window_{context.settings.duration("window")},
          quiet_{std::max(context.settings.resolve_after, window_)},
          named_{std::max<std::size_t>(context.most_hosts / 4, 64)},
          pairs_{std::max<std::size_t>(context.most_hosts / 8, 64)} {}

    void on(const Fact& fact, const RpcEndpoint& what, Findings&) {
        if (what.endpoint.port == 0) return;
        // Clients take the address they asked, or the one they were told.
        name(fact, what, what.server.ip);
        if (!what.endpoint.ip.is_unspecified() && what.endpoint.ip != what.server.ip)
            name(fact, what, what.endpoint.ip);
    }

    void on(const Fact& fact, const Outcome& what, Findings& findings) {
        if (what.transport != Transport::tcp || named_.empty()) return;
        const auto* const named = named_.find({what.client.ip, what.server, fact.vlan});
        if (named == nullptr || what.began < named->told || what.began - named->told > window_) return;
        const Key key{what.client.ip, {what.server.ip, 0}, fact.vlan};
        switch (what.answer) {
            case Answer::accepted:
                pairs_.erase(key);  // It does get through.
                return;
            case Answer::silent:
            case Answer::still_silent:
            case Answer::refused:
                return failed(fact, key, *named, what, findings);
            default:
                return;
        }
    }

    void on(const Fact& fact, const Tick&, Findings& findings) {
        news_.tell(pairs_, [&](const Key& key, const Entry& entry) {
            if (entry.silent.count() + entry.refused.count() >= attempts_) report(fact.at.time, key, entry, findings);
        });
    }

private:
    using Key = ClientOfService;

    struct Named {
        EventTime told;
        RpcInterface interface {};
        std::uint16_t mapper_port = 0;
    };
    struct Entry {
        SilentAttempts silent;
        AttemptTally refused;
        std::uint64_t refused_syns = 0;
        FirstDistinct<std::int64_t> ports;
        Named first;
        std::uint16_t first_port = 0;
        EventTime last;
        bool is_news = false;
    };

    void name(const Fact& fact, const RpcEndpoint& what, const Address& at) {
        named_.at({what.client.ip, {at, what.endpoint.port}, fact.vlan}) = {fact.at.time, what.interface,
                                                                            what.server.port};
    }

    void failed(const Fact& fact, const Key& key, const Named& named, const Outcome& what, Findings& findings) {
        auto& entry = pairs_.at(key);
        if (entry.first_port == 0 || fact.at.time - entry.last > quiet_) {
            entry = Entry{};
            entry.first = named;
            entry.first_port = what.server.port;
        }
        if (what.answer == Answer::refused) {
            entry.refused.add(fact, what, quiet_, findings.site());
            entry.refused_syns += what.segments;
        } else if (!entry.silent.add(fact, what, quiet_, findings.site())) {
            return;
        }
        entry.last = fact.at.time;
        entry.ports.add(what.server.port);
        news_.mark(key, entry.is_news);
    }

    void report(EventTime now, const Key& key, const Entry& entry, Findings& findings) const {
        const bool refused = entry.silent.count() == 0;
        const auto count = entry.silent.count() + entry.refused.count();
        Finding finding;
        const AttemptTally& larger = refused ? entry.refused : static_cast<const AttemptTally&>(entry.silent);
        larger.describe(finding);
        finding.impact.flows = static_cast<std::int64_t>(count);
        const auto place = Place::of(finding, now);
        finding.entity = key.client.text() + ">" + key.service.ip.text();
        finding.source = larger.clients().without_port();
        finding.destination = larger.servers().without_port();
        finding.evidence.set("epm_port", static_cast<int>(entry.first.mapper_port));
        finding.evidence.set("endpoint_port", static_cast<int>(entry.first_port));
        finding.evidence.set("endpoint_ports", entry.ports.values(), entry.ports.values().size());
        finding.evidence.set("attempts", count);
        finding.evidence.set("syns", entry.silent.syns() + entry.refused_syns);
        finding.evidence.set("answered", false);
        finding.evidence.set("refused", refused);
        const auto interface = rpc_interface_name(entry.first.interface);
        if (!interface.empty()) finding.evidence.set("rpc_interface", interface);
        // The mapper answered the same client: both directions are seen here (guard G2).
        finding.confidence = limited_by_capture(findings, place, confidence_of({count < 3}));
        finding.urgency = urgency_of(about.severity, finding.confidence, {});
        finding.message = "The endpoint mapper of " + key.service.ip.text() + " named port " +
                          std::to_string(entry.first_port) + "; " + counted(count, "connection", "connections") +
                          " of " + key.client.text() + " there " +
                          (refused ? "were refused" : "stayed without any answer");
        finding.threshold = {{"attempts", static_cast<std::int64_t>(attempts_)}};
        finding.window_seconds = seconds(window_);
        finding.wireshark_filter = filter_ip("addr", key.client) + " && " + filter_ip("addr", key.service.ip) +
                                   " && (tcp.port==" + std::to_string(entry.first.mapper_port) +
                                   " || tcp.port==" + std::to_string(entry.first_port) + ")";
        findings.report(std::move(finding));
    }

    std::uint64_t attempts_;
    Duration window_;
    Duration quiet_;
    BoundedMap<Key, Named, ServiceHash> named_;
    BoundedMap<Key, Entry, ServiceHash> pairs_;
    News<Key> news_;
};

}  // namespace

extern constinit const RuleEntry rpc_dynamic_port_blocked = entry<RpcDynamicPortBlocked>(about);

}  // namespace wiresage::rules
