// tcp_syn_received_no_reply: SYNs reach the capturing host and nothing goes back.
// Page: tcp_syn_received_no_reply.md.

#include <algorithm>

#include "detect/bounded_map.hpp"
#include "detect/judge.hpp"
#include "detect/keys.hpp"
#include "detect/rule.hpp"
#include "detect/silence.hpp"

namespace wiresage::rules {

namespace {

constexpr Setting settings[] = {
    {"connections", SettingKind::count, 3, 1, 1'000'000, "connections (not SYNs) without any reply from here on"},
    {"window", SettingKind::duration, in_seconds(60), in_seconds(1), in_seconds(3600),
     "silent connections no further apart than this are counted together"},
};

constexpr EvidenceKey evidence[] = {
    {"connections", EvidenceType::integer},
    {"syns", EvidenceType::integer},
    {"other_ports_answer", EvidenceType::boolean},
    {"answered_before", EvidenceType::boolean},
};

constexpr std::string_view next_steps[] = {
    "On the server: `ss -ltn` shows whether the port is listened on, and on which address.",
    "`nft list ruleset` (or `iptables-save -c`) shows rules that drop it; their counters tell which one.",
    "`nstat -az TcpExtListenOverflows TcpExtListenDrops` tells a full accept queue: then the application accepts too "
    "slowly.",
    "`nstat -az TcpExtIPReversePathFilter` and `ip route get CLIENT` tell a packet that came in by the wrong "
    "interface.",
};

constexpr About about{
    .id = "tcp_syn_received_no_reply",
    .name = "SYN received, no reply",
    .category = "tcp",
    .kind = RuleKind::site,
    .severity = Severity::warning,
    .settings = settings,
    .evidence = evidence,
    .source = "client ip:port",
    .destination = "local server ip:port",
    .entity = "client ip > service",
    .cause =
        "The capture takes a packet before the host's own filters and sockets see it. A closed port would have "
        "answered "
        "with RST, so a filter drops the SYN or its answer, or the listen queue is full.",
    .unknowable =
        "That the SYN was captured does not show that the TCP stack received it. A reply that leaves by an interface "
        "not captured here, or that a filter drops on its way out, is not seen either.",
    .next_steps = next_steps,
};

class TcpSynReceivedNoReply {
public:
    explicit TcpSynReceivedNoReply(const RuleContext& context)
        : connections_{context.settings.count("connections")},
          quiet_{std::max(context.settings.resolve_after, context.settings.duration("window"))},
          silent_{context.most_hosts} {}

    void on(const Fact& fact, const Outcome& what, Findings& findings) {
        if (what.transport != Transport::tcp || what.technique != Technique::syn) return;
        if (!findings.site().is_local(what.server.ip)) return;
        const auto key = key_of(fact, what, findings);
        if (what.answer == Answer::silent || what.answer == Answer::still_silent) {
            auto& entry = silent_.at(key);
            if (entry.add(fact, what, quiet_, findings.site())) news_.mark(key, entry.is_news);
        } else if (what.after_silent) {
            if (auto* const entry = silent_.find(key)) entry->take_back(what);
        }
    }

    void on(const Fact& fact, const Tick&, Findings& findings) {
        news_.tell(silent_, [&](const ClientOfService& key, const Entry& entry) {
            if (entry.count() >= connections_) report(fact.at.time, key, entry, findings);
        });
    }

private:
    struct Entry : SilentAttempts {
        bool is_news = false;
    };

    /// Strangers who try a port that never answered are rolled up: every public host drops such SYNs all day.
    static ClientOfService key_of(const Fact& fact, const Outcome& what, const Findings& findings) {
        const bool stranger = !findings.site().is_internal(what.client.ip) &&
                              !answered_before(findings, Transport::tcp, what.server, what.began);
        return {stranger ? Address{} : what.client.ip, what.server, fact.vlan};
    }

    /// Internal clients, and ports that worked and now answer nobody, are trouble; a stranger turned away is not.
    static Severity severity_of(const ClientOfService& key, const Entry& attempts, bool before,
                                const Findings& findings) {
        if (key.client.is_unspecified()) return Severity::info;
        if (findings.site().is_internal(key.client)) return Severity::warning;
        const auto* const past = findings.knowledge().service(Transport::tcp, key.service);
        const bool still_answers = past != nullptr && past->last_accepted >= attempts.start();
        return before && !still_answers ? Severity::warning : Severity::info;
    }

    void report(EventTime now, const ClientOfService& key, const Entry& attempts, Findings& findings) const {
        const auto& knowledge = findings.knowledge();
        const bool strangers = key.client.is_unspecified();
        const bool before = answered_before(findings, Transport::tcp, key.service, attempts.start());
        const bool others = knowledge.other_port_answers(Transport::tcp, key.service);

        Finding finding;
        finding.entity = strangers ? "outside>" + key.service.text() : key.entity();
        finding.source = attempts.clients().with_port();
        finding.destination = attempts.servers().with_port();
        finding.evidence.set("connections", attempts.count());
        finding.evidence.set("syns", attempts.syns());
        finding.evidence.set("other_ports_answer", others);
        finding.evidence.set("answered_before", before);
        finding.severity = severity_of(key, attempts, before, findings);
        if (finding.severity == about.severity) finding.severity.reset();
        attempts.describe(finding);
        judge(now, key, before, findings, finding);
        finding.message =
            (strangers ? counted(attempts.peers(), "outside address", "outside addresses") : key.client.text()) +
            " asked " + key.service.text() + " for " + counted(attempts.count(), "connection", "connections") +
            " with " + counted(attempts.syns(), "SYN", "SYNs") + " that reached this host; nothing was sent back" +
            (others ? ", although other ports of the host answer" : "") +
            (before ? ", and this port answered before" : "");
        finding.threshold = {{"connections", static_cast<std::int64_t>(connections_)}};
        finding.window_seconds = seconds(quiet_);
        finding.wireshark_filter = (strangers ? "" : filter_ip("addr", key.client) + " && ") + filter_syns(key.service);
        findings.report(std::move(finding));
    }

    static void judge(EventTime now, const ClientOfService& key, bool before, const Findings& findings,
                      Finding& finding) {
        const auto place = Place::of(finding, now);
        auto confidence = confidence_of({!before, key.client.is_unspecified()});
        // The host's own capture shows both directions by construction, but not what leaves elsewhere.
        if (proof_of(findings, place, key.service.ip) != Proof::seen)
            confidence = at_most(confidence, Confidence::medium);
        finding.confidence = limited_by_capture(findings, place, confidence);
        const bool is_internal = !key.client.is_unspecified() && findings.site().is_internal(key.client);
        finding.urgency = urgency_of(finding.severity.value_or(about.severity), finding.confidence,
                                     {.internal_peers = is_internal ? 1U : 0U});
    }

    std::uint64_t connections_;
    Duration quiet_;
    BoundedMap<ClientOfService, Entry, ServiceHash> silent_;
    News<ClientOfService> news_;
};

}  // namespace

extern constinit const RuleEntry tcp_syn_received_no_reply = entry<TcpSynReceivedNoReply>(about);

}  // namespace wiresage::rules
