// tcp_synack_unanswered: a server answers SYNs, and the clients never finish the handshake.
// Page: tcp_synack_unanswered.md.

#include <algorithm>

#include "detect/attempt_tally.hpp"
#include "detect/bounded_map.hpp"
#include "detect/judge.hpp"
#include "detect/keys.hpp"
#include "detect/rule.hpp"
#include "detect/windows.hpp"

namespace wiresage::rules {

namespace {

constexpr Setting settings[] = {
    {"handshakes", SettingKind::count, 3, 1, 1'000'000, "unfinished handshakes of a service from here on"},
    {"share", SettingKind::share, 200'000, 0, whole_share, "of the service's handshakes meanwhile"},
    {"window", SettingKind::duration, in_seconds(60), in_seconds(1), in_seconds(3600),
     "unfinished handshakes no further apart than this are counted together"},
};

constexpr EvidenceKey evidence[] = {
    {"count", EvidenceType::integer},       {"synack_count", EvidenceType::integer},
    {"handshakes", EvidenceType::integer},  {"unanswered_share", EvidenceType::number},
    {"ended_by", EvidenceType::text, true}, {"peers", EvidenceType::integer},
};

constexpr std::string_view next_steps[] = {
    "Capture at the client as well: does the SYN-ACK arrive there, unaltered, and does the ACK leave?",
    "On the server: `ss -tn state syn-recv` shows who is waited for; `ip route get CLIENT` which way the SYN-ACK goes.",
    "On firewalls between: a device that saw only one direction of the handshake drops the rest as out of state.",
};

constexpr About about{
    .id = "tcp_synack_unanswered",
    .name = "SYN-ACK unanswered",
    .category = "tcp",
    .kind = RuleKind::site,
    .severity = Severity::warning,
    .settings = settings,
    .evidence = evidence,
    .source = "server ip:port",
    .destination = "client ip:port",
    .entity = "service",
    .cause =
        "The SYN-ACK does not reach the client (another way back, a stateful device on it), the client rejects it, or "
        "its "
        "ACK is lost.",
    .unknowable =
        "Whether the client got the SYN-ACK: that takes a capture at the client. A forged source address looks the "
        "same.",
    .next_steps = next_steps,
};

class TcpSynackUnanswered {
public:
    explicit TcpSynackUnanswered(const RuleContext& context)
        : handshakes_{context.settings.count("handshakes")},
          share_{context.settings.count("share")},
          quiet_{std::max(context.settings.resolve_after, context.settings.duration("window"))},
          services_{context.most_hosts} {}

    void on(const Fact& fact, const Outcome& what, Findings& findings) {
        if (what.transport != Transport::tcp) return;
        const ServiceAt key{what.server, fact.vlan};
        if (what.answer == Answer::accepted) {
            if (auto* const entry = services_.find(key)) ++entry->handshakes;
        } else if (what.answer == Answer::completed) {
            if (auto* const entry = services_.find(key)) ++entry->completed;
        } else if (what.answer == Answer::unfinished) {
            unfinished(fact, key, what, findings);
        }
    }

    void on(const Fact& fact, const Tick&, Findings& findings) {
        news_.tell(services_,
                   [&](const ServiceAt& key, const Entry& entry) { report(fact.at.time, key, entry, findings); });
    }

private:
    struct Entry : AttemptTally {
        std::uint64_t handshakes = 0;  ///< Of the episode, as are the rest.
        std::uint64_t completed = 0;
        std::uint64_t synacks = 0;
        Agreed<EndedBy> ended_by;
        bool is_news = false;
        std::uint64_t all() const noexcept { return std::max(handshakes, count()); }
    };

    void unfinished(const Fact& fact, const ServiceAt& key, const Outcome& what, const Findings& findings) {
        // RST after the first SYN-ACK: a health check or a half-open probe, which wanted no more (field-notes.md).
        if (what.ended_by == EndedBy::rst && what.segments <= 1) return;
        auto& entry = services_.at(key);
        // The end of a capture is no outage.
        if (what.unproven && !(entry.lasts(fact.at.time, quiet_) && entry.count() > 0)) return;
        if (entry.add(fact, what, quiet_, findings.site())) {
            // A verdict comes seconds after its handshake.
            const auto before = findings.knowledge().answered(Transport::tcp, key.service, fact.at.time - quiet_);
            entry.handshakes = before.accepted;
            entry.completed = before.completed;
            entry.synacks = 0;
            entry.ended_by = {};
        }
        entry.synacks += what.segments;
        entry.ended_by.see(what.ended_by);
        news_.mark(key, entry.is_news);
    }

    /// Enough of them is a warning.  Fewer are a phone that went away, unless the client is one of ours, was answered
    /// again and again, and nobody else fares better.
    Severity severity_of(const Entry& entry) const {
        const bool many = entry.count() >= handshakes_ && entry.count() * whole_share >= entry.all() * share_;
        if (many) return Severity::warning;
        const bool repeated =
            entry.synacks >= 2 * entry.count() && entry.completed == 0 && entry.count() >= entry.all();
        return repeated && entry.asked_inside() ? Severity::warning : Severity::info;
    }

    void report(EventTime now, const ServiceAt& key, const Entry& entry, Findings& findings) const {
        const auto severity = severity_of(entry);
        // A few of a service that works are an everyday thing, not worth a line.
        if (severity == Severity::info && (entry.count() < handshakes_ || entry.completed > 0)) return;

        Finding finding;
        entry.describe(finding, entry.all());
        if (severity != about.severity) finding.severity = severity;
        const auto peers = entry.peers();
        finding.confidence = limited_by_capture(findings, Place::of(finding, now),
                                                confidence_of({entry.count() < 3, entry.completed == 0, peers == 1}));
        finding.urgency = urgency_of(severity, finding.confidence, {.part = entry.count(), .whole = entry.all()});
        finding.entity = key.service.text();
        finding.source = entry.servers().with_port();
        finding.destination = entry.clients().with_port();
        finding.evidence.set("count", entry.count());
        finding.evidence.set("synack_count", entry.synacks);
        finding.evidence.set("handshakes", entry.all());
        finding.evidence.set("unanswered_share", share_of(entry.count(), entry.all()));
        if (const auto by = entry.ended_by.get())
            finding.evidence.set("ended_by", *by == EndedBy::rst ? "rst" : "timeout");
        finding.evidence.set("peers", peers);
        finding.message = key.service.text() + " sent " + counted(entry.synacks, "SYN-ACK", "SYN-ACKs") + " for " +
                          counted(entry.count(), "handshake", "handshakes") + " that " +
                          (peers == 1 ? "the client" : counted(peers, "client", "clients")) + " never finished, of " +
                          std::to_string(entry.all()) + " in all";
        finding.threshold = {{"handshakes", static_cast<std::int64_t>(handshakes_)},
                             {"share", share_of(share_, whole_share)}};
        finding.window_seconds = seconds(quiet_);
        finding.wireshark_filter = filter_syns(key.service) + " && tcp.flags.ack==1";
        findings.report(std::move(finding));
    }

    std::uint64_t handshakes_;
    std::uint64_t share_;
    Duration quiet_;
    BoundedMap<ServiceAt, Entry, ServiceHash> services_;
    News<ServiceAt> news_;
};

}  // namespace

extern constinit const RuleEntry tcp_synack_unanswered = entry<TcpSynackUnanswered>(about);

}  // namespace wiresage::rules
