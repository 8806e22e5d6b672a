// dns_server_failing: a name server fails, refuses or leaves unanswered a good part of what it is asked.
// Page: dns_server_failing.md.

#include <algorithm>
#include <array>
#include <string>

#include "detect/bounded_map.hpp"
#include "detect/episode.hpp"
#include "detect/judge.hpp"
#include "detect/keys.hpp"
#include "detect/rule.hpp"
#include "detect/windows.hpp"

namespace wiresage::rules {

namespace {

constexpr std::uint8_t server_failure = 2, refused = 5;  // RFC 1035, 4.1.1.

constexpr Setting settings[] = {
    {"queries", SettingKind::count, 20, 1, 1'000'000, "queries to a name server within the window from here on"},
    {"zones", SettingKind::count, 5, 1, 1000,
     "zones among the failed ones from here on: one lame zone is not the server's fault"},
    {"share", SettingKind::share, 200'000, 0, whole_share, "failed of all queries"},
    {"window", SettingKind::duration, in_seconds(60), in_seconds(1), in_seconds(3600),
     "how long queries count together"},
};

constexpr EvidenceKey evidence[] = {
    {"queries", EvidenceType::integer}, {"servfail", EvidenceType::integer},        {"refused", EvidenceType::integer},
    {"silent", EvidenceType::integer},  {"failed_share", EvidenceType::number},     {"zones", EvidenceType::integer},
    {"clients", EvidenceType::integer}, {"answered_before", EvidenceType::boolean},
};

constexpr std::string_view next_steps[] = {
    "`dig NAME @SERVER` for names of several zones: SERVFAIL (`+cd` succeeds: DNSSEC; else its forwarders), REFUSED "
    "(an access "
    "list), or nothing?",
    "On the server: does the process run and listen, does it reach its forwarders and the root, is its clock right "
    "(DNSSEC)?",
    "Give clients a second resolver until it is mended.",
};

constexpr About about{
    .id = "dns_server_failing",
    .name = "Name server failing",
    .category = "dns",
    .kind = RuleKind::site,
    .severity = Severity::error,
    .settings = settings,
    .evidence = evidence,
    .source = "name server ip:port",
    .destination = "absent",
    .entity = "name server ip",
    .cause =
        "The server is down, cannot reach the servers it asks in turn, fails to validate, or does not serve these "
        "clients.",
    .unknowable = "What the server's own questions met: they go out elsewhere.",
    .next_steps = next_steps,
};

class DnsServerFailing {
public:
    explicit DnsServerFailing(const RuleContext& context)
        : settings_{context.settings},
          window_{context.settings.duration("window")},
          servers_{std::max<std::size_t>(context.most_hosts / 8, 64)} {}

    void on(const Fact& fact, const DnsTally& what, Findings&) {
        const ServiceAt key{{what.server.ip, 0}, fact.vlan};
        auto& entry = servers_.at(key);
        roll(entry, fact.at.time);
        entry.queries += what.queries;
        entry.servfail += what.servfail;
        entry.refused += what.refused;
        entry.silent += what.silent;
        entry.good += what.answered - what.servfail - what.refused;
        entry.port.see(what.server.port);
        if (what.servfail + what.refused + what.silent > 0) changed_.push_back(key);
    }

    void on(const Fact& fact, const DnsReply& what, Findings&) {
        const bool failed = what.news == DnsNews::failed && (what.rcode == server_failure || what.rcode == refused);
        if (!failed && what.news != DnsNews::silent) return;
        auto& entry = servers_.at({{what.server.ip, 0}, fact.vlan});
        roll(entry, fact.at.time);
        entry.zones.add(static_cast<std::uint32_t>(what.zone_hash));
        entry.clients.add(static_cast<std::uint32_t>(AddressHash{}(what.client.ip)));
        entry.last_client = what.client.ip;
    }

    void on(const Fact& fact, const Tick&, Findings& findings) {
        for (const auto& key : changed_) {
            auto* const entry = servers_.find(key);
            if (entry == nullptr || !is_trouble(*entry)) continue;
            // Silence needs a place that shows both directions of the server or of who asks it (guard G2).
            const Place place{fact.at.input, key.vlan, fact.at.time};
            const bool mostly_silent = entry->silent * 2 > entry->failed();
            const bool proven = proof_of(findings, place, key.service.ip) != Proof::none ||
                                proof_of(findings, place, entry->last_client) != Proof::none;
            if (mostly_silent && !proven) continue;
            entry->episode.touch(fact, settings_.resolve_after);
            report(fact.at.time, key.service.ip, *entry, findings);
        }
        changed_.clear();
    }

private:
    struct Entry {
        Episode episode;
        std::uint64_t queries = 0, servfail = 0, refused = 0, silent = 0;  ///< Of the present window.
        std::uint64_t good = 0;                                            ///< Answers that were none of these, in all.
        DistinctCount zones;
        DistinctCount clients;
        EventTime window_began;
        Address last_client;
        Agreed<std::uint16_t> port;
        std::uint64_t failed() const noexcept { return servfail + refused + silent; }
    };

    void roll(Entry& entry, EventTime now) const {
        if (now - entry.window_began <= window_) return;
        entry.queries = entry.servfail = entry.refused = entry.silent = 0;
        entry.zones.clear();
        entry.clients.clear();
        entry.window_began = now;
    }

    bool is_trouble(const Entry& entry) const {
        return entry.queries >= settings_.count("queries") && entry.zones.count() >= settings_.count("zones") &&
               entry.failed() * whole_share >= entry.queries * settings_.count("share");
    }

    void report(EventTime now, const Address& server, const Entry& entry, Findings& findings) const {
        Finding finding;
        entry.episode.describe(finding);
        finding.transport = Transport::udp;
        const bool before = entry.good > 0;
        // A server that never served here may be right not to: strangers are refused.
        const auto severity = before ? Severity::error : Severity::info;
        if (severity != about.severity) finding.severity = severity;
        const auto confidence = confidence_of({!before, entry.clients.count() < 3 && entry.zones.count() < 10});
        finding.confidence = limited_by_capture(findings, Place::of(finding, now), confidence);
        finding.urgency = urgency_of(severity, finding.confidence,
                                     {.part = entry.failed(), .whole = entry.queries, .gateway_or_resolver = true});
        finding.impact = {static_cast<std::int64_t>(entry.failed()), static_cast<std::int64_t>(entry.clients.count()),
                          share_of(entry.failed(), entry.queries)};
        finding.entity = server.text();
        finding.source = End{server, entry.port.get(), {}};
        finding.evidence.set("queries", entry.queries);
        finding.evidence.set("servfail", entry.servfail);
        finding.evidence.set("refused", entry.refused);
        finding.evidence.set("silent", entry.silent);
        finding.evidence.set("failed_share", share_of(entry.failed(), entry.queries));
        finding.evidence.set("zones", entry.zones.count());
        finding.evidence.set("clients", entry.clients.count());
        finding.evidence.set("answered_before", before);
        finding.message = "Name server " + server.text() + " failed " + std::to_string(entry.failed()) + " of " +
                          counted(entry.queries, "query", "queries") + " (" + std::to_string(entry.servfail) +
                          " SERVFAIL, " + std::to_string(entry.refused) + " REFUSED, " + std::to_string(entry.silent) +
                          " unanswered) about " + counted(entry.zones.count(), "zone", "zones");
        finding.threshold = {{"queries", settings_["queries"]},
                             {"zones", settings_["zones"]},
                             {"share", share_of(settings_.count("share"), whole_share)}};
        finding.window_seconds = seconds(window_);
        finding.wireshark_filter = filter_ip("addr", server) + " && dns";
        findings.report(std::move(finding));
    }

    const RuleSettings settings_;
    Duration window_;
    BoundedMap<ServiceAt, Entry, ServiceHash> servers_;
    std::vector<ServiceAt> changed_;
};

}  // namespace

extern constinit const RuleEntry dns_server_failing = entry<DnsServerFailing>(about);

}  // namespace wiresage::rules
