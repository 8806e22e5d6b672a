// new_service_contacted: after a time of learning, one of ours contacts a service that it never did before.
// Page: new_service_contacted.md.

#include <algorithm>

#include "detect/bounded_map.hpp"
#include "detect/episode.hpp"
#include "detect/judge.hpp"
#include "detect/keys.hpp"
#include "detect/protocols.hpp"
#include "detect/resolved_names.hpp"
#include "detect/rule.hpp"

namespace wiresage::rules {

namespace {

constexpr Setting settings[] = {
    {"learn", SettingKind::duration, in_seconds(86'400), in_seconds(1), in_seconds(30 * 86'400),
     "what is contacted in this time after the start is taken for known"},
    {"window", SettingKind::duration, in_seconds(3600), in_seconds(1), in_seconds(7200),
     "contacts no further apart than this are counted together"},
};

constexpr EvidenceKey evidence[] = {
    {"attempts", EvidenceType::integer},
    {"answered", EvidenceType::boolean},
    {"learned_s", EvidenceType::number},
    {"dns_name", EvidenceType::text, true},
};

constexpr std::string_view next_steps[] = {
    "Look whether something was installed or changed on the source; `ss -tnp` there names the process.",
};

constexpr About about{
    .id = "new_service_contacted",
    .name = "Service contacted for the first time",
    .category = "policy",
    .kind = RuleKind::site,
    .severity = Severity::info,
    .settings = settings,
    .evidence = evidence,
    .source = "ip",
    .destination = "ip:port",
    .entity = "source ip > service",
    .cause = "A new program, a changed configuration, a new user, or somebody who looks around.",
    .unknowable = "Whether it was contacted before this place watched.",
    .next_steps = next_steps,
    .enabled = false,
};

class NewServiceContacted {
public:
    explicit NewServiceContacted(const RuleContext& context)
        : learn_{context.settings.duration("learn")},
          quiet_{std::max(context.settings.resolve_after, context.settings.duration("window"))},
          known_{context.most_hosts},
          entries_{std::max<std::size_t>(context.most_hosts / 8, 64)},
          names_{context.most_hosts} {}

    void on(const Fact& fact, const DnsReply& what, Findings& findings) {
        if (is_ours(what.client.ip, findings.site())) names_.see(fact, what);
    }

    void on(const Fact& fact, const Attempt& what, Findings& findings) {
        if (!what.initiator_known || !is_ours(what.client.ip, findings.site())) return;
        const bool udp = what.technique == Technique::udp && !answering_udp_name(what.server.port).empty();
        if (what.technique != Technique::syn && !udp) return;
        if (what.server.ip.is_multicast() || what.server.ip.is_broadcast()) return;
        const auto now = fact.at.time;
        if (began_ == EventTime{}) began_ = now;
        const ClientOfService key{what.client.ip, what.server, fact.vlan};
        const bool is_known = known_.use(key) != nullptr;
        if (!is_known) known_.at(key) = now;
        auto* entry = entries_.find(key);
        if (entry != nullptr && entry->episode.over(now, quiet_)) {
            entries_.erase(key);  // Told once; from now on it is known.
            entry = nullptr;
        }
        if (entry == nullptr) {
            if (is_known || now - began_ < learn_) return;
            entry = &entries_.at(key);
            entry->learned = now - began_;
            entry->transport = what.transport;
        }
        entry->episode.touch(fact, what.began, what.began_stamp, quiet_);
        ++entry->attempts;
        entry->client.see(what.client, what.client_mac);
        entry->server.see(what.server, what.server_mac);
        keep_packet(entry->packets, fact.at.input, what.began_frame);
        report(key, *entry, findings);
    }

    void on(const Fact& fact, const Outcome& what, Findings& findings) {
        if (entries_.empty() || (what.answer != Answer::accepted && what.answer != Answer::refused)) return;
        const ClientOfService key{what.client.ip, what.server, fact.vlan};
        auto* const entry = entries_.find(key);
        if (entry == nullptr || entry->answered) return;
        entry->answered = true;
        report(key, *entry, findings);
    }

private:
    struct Entry {
        Episode episode;
        Duration learned{};
        std::uint64_t attempts = 0;
        Transport transport = Transport::none;
        bool answered = false;
        AgreedEnd client;
        AgreedEnd server;
        std::vector<PacketRef> packets;
    };

    static bool is_ours(const Address& address, const Site& site) {
        return site.is_internal(address) || site.is_local(address);
    }

    void report(const ClientOfService& key, const Entry& entry, Findings& findings) const {
        Finding finding;
        entry.episode.describe(finding);
        finding.entity = key.entity();
        finding.source = entry.client.without_port();
        finding.destination = entry.server.with_port();
        finding.transport = entry.transport;
        finding.evidence.set("attempts", entry.attempts);
        finding.evidence.set("answered", entry.answered);
        finding.evidence.set("learned_s", seconds(entry.learned));
        if (const auto* const name = names_.find(key.client, key.service.ip))
            finding.evidence.set("dns_name", name->name);
        finding.confidence = Confidence::high;
        finding.packets = entry.packets;
        finding.impact = {static_cast<std::int64_t>(entry.attempts), 1, {}};
        finding.resolve_after = quiet_;
        finding.message = key.client.text() + " contacted " + key.service.text() + " for the first time in " +
                          with_tenths(seconds(entry.learned) / 3600) + " h" +
                          (entry.answered ? "; it was answered" : "; nobody answered");
        finding.threshold = {{"learn_s", seconds(learn_)}};
        finding.window_seconds = seconds(learn_);
        finding.wireshark_filter = filter_ip("src", key.client) + " && " +
                                   filter_end("dst", entry.transport == Transport::udp ? "udp" : "tcp", key.service);
        findings.report(std::move(finding));
    }

    Duration learn_;
    Duration quiet_;
    EventTime began_;
    BoundedMap<ClientOfService, EventTime, ServiceHash> known_;
    BoundedMap<ClientOfService, Entry, ServiceHash> entries_;
    ResolvedNames names_;
};

}  // namespace

extern constinit const RuleEntry new_service_contacted = entry<NewServiceContacted>(about);

}  // namespace wiresage::rules
