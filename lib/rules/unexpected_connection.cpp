// unexpected_connection: a server of which it is said what it may ask asks for something else.
// Page: unexpected_connection.md.

#include <algorithm>

#include "detect/bounded_map.hpp"
#include "detect/episode.hpp"
#include "detect/judge.hpp"
#include "detect/keys.hpp"
#include "detect/resolved_names.hpp"
#include "detect/rule.hpp"

namespace wiresage::rules {

namespace {

constexpr Setting settings[] = {
    {"window", SettingKind::duration, in_seconds(3600), in_seconds(1), in_seconds(7200),
     "attempts no further apart than this are counted together"},
};

constexpr EvidenceKey evidence[] = {
    {"attempts", EvidenceType::integer},
    {"answered", EvidenceType::boolean},
    {"allowed", EvidenceType::integers},
    {"dns_name", EvidenceType::text, true},
};

constexpr std::string_view next_steps[] = {
    "On the server: `ss -tnp dst TARGET` while it lasts, or an eBPF trace of connect, names the process.",
    "If the connection is right, add its port to `site.servers` of the configuration; if not, treat the server as one "
    "that may be compromised or misconfigured.",
};

constexpr About about{
    .id = "unexpected_connection",
    .name = "Connection that the server's list does not allow",
    .category = "tcp",
    .kind = RuleKind::site,
    .severity = Severity::warning,
    .settings = settings,
    .evidence = evidence,
    .source = "ip",
    .destination = "ip:port",
    .entity = "source ip > destination ip:port",
    .cause = "A program on the server asks for a port that `site.servers` does not list for it.",
    .unknowable = "Which process asks: only the host itself knows who owns the socket.",
    .next_steps = next_steps,
};

class UnexpectedConnection {
public:
    explicit UnexpectedConnection(const RuleContext& context)
        : quiet_{std::max(context.settings.resolve_after, context.settings.duration("window"))},
          entries_{context.most_hosts},
          names_{std::max<std::size_t>(context.most_hosts / 8, 64)} {}

    void on(const Fact& fact, const DnsReply& what, Findings& findings) {
        if (findings.site().servers.contains(what.client.ip)) names_.see(fact, what);
    }

    void on(const Fact& fact, const Attempt& what, Findings& findings) {
        const auto& servers = findings.site().servers;
        if (servers.empty() || what.technique != Technique::syn || !what.initiator_known) return;
        const auto server = servers.find(what.client.ip);
        if (server == servers.end()) return;
        const auto& allowed = server->second.allowed_outbound_tcp;
        if (std::find(allowed.begin(), allowed.end(), what.server.port) != allowed.end()) return;
        const ClientOfService key{what.client.ip, what.server, fact.vlan};
        auto& entry = entries_.at(key);
        if (entry.episode.touch(fact, what.began, what.began_stamp, quiet_)) {
            const auto begun = entry.episode;
            entry = Entry{};
            entry.episode = begun;
        }
        ++entry.attempts;
        entry.client.see(what.client, what.client_mac);
        entry.server.see(what.server, what.server_mac);
        keep_packet(entry.packets, fact.at.input, what.began_frame);
        report(key, entry, allowed, findings);
    }

    void on(const Fact& fact, const Outcome& what, Findings& findings) {
        if (entries_.empty() || what.technique != Technique::syn) return;
        if (what.answer != Answer::accepted && what.answer != Answer::refused) return;
        const ClientOfService key{what.client.ip, what.server, fact.vlan};
        auto* const entry = entries_.find(key);
        if (entry == nullptr || entry->answered) return;
        const auto server = findings.site().servers.find(what.client.ip);
        if (server == findings.site().servers.end()) return;
        entry->answered = true;
        report(key, *entry, server->second.allowed_outbound_tcp, findings);
    }

private:
    struct Entry {
        Episode episode;
        std::uint64_t attempts = 0;
        bool answered = false;
        AgreedEnd client;
        AgreedEnd server;
        std::vector<PacketRef> packets;
    };

    void report(const ClientOfService& key, const Entry& entry, const std::vector<std::uint16_t>& allowed,
                Findings& findings) const {
        Finding finding;
        entry.episode.describe(finding);
        finding.entity = key.entity();
        finding.source = entry.client.without_port();
        finding.destination = entry.server.with_port();
        finding.transport = Transport::tcp;
        finding.evidence.set("attempts", entry.attempts);
        finding.evidence.set("answered", entry.answered);
        finding.evidence.set("allowed", std::vector<std::int64_t>(allowed.begin(), allowed.end()), allowed.size());
        if (const auto* const name = names_.find(key.client, key.service.ip))
            finding.evidence.set("dns_name", name->name);
        finding.confidence = Confidence::high;
        finding.urgency = urgency_of(about.severity, finding.confidence, {});
        finding.packets = entry.packets;
        finding.impact = {static_cast<std::int64_t>(entry.attempts), 1, {}};
        finding.resolve_after = quiet_;
        finding.message = key.client.text() + " asked " + key.service.text() + " for " +
                          counted(entry.attempts, "connection", "connections") + ", which its list does not allow; " +
                          (entry.answered ? "it was answered" : "nobody answered");
        finding.threshold = {{"attempts", std::int64_t{1}}};
        finding.wireshark_filter = filter_ip("src", key.client) + " && " + filter_end("dst", "tcp", key.service);
        findings.report(std::move(finding));
    }

    Duration quiet_;
    BoundedMap<ClientOfService, Entry, ServiceHash> entries_;
    ResolvedNames names_;
};

}  // namespace

extern constinit const RuleEntry unexpected_connection = entry<UnexpectedConnection>(about);

}  // namespace wiresage::rules
