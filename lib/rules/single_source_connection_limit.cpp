// single_source_connection_limit: a source has many connections to a service, and from one moment on its new ones die.
// Page: single_source_connection_limit.md.

#include <algorithm>

#include "detect/bounded_map.hpp"
#include "detect/judge.hpp"
#include "detect/keys.hpp"
#include "detect/open_connections.hpp"
#include "detect/rule.hpp"
#include "detect/silence.hpp"
#include "detect/windows.hpp"

namespace wiresage::rules {

namespace {

constexpr Setting settings[] = {
    {"open_connections", SettingKind::count, 32, 1, 1'000'000,
     "open ones of the source to the service when silence begins"},
    {"unanswered", SettingKind::count, 10, 1, 1'000'000, "new connections of it without any reply from here on"},
    {"share", SettingKind::share, 800'000, 0, whole_share, "unanswered of the source's new connections meanwhile"},
    {"window", SettingKind::duration, in_seconds(60), in_seconds(1), in_seconds(3600),
     "unanswered connections no further apart than this are counted together"},
};

constexpr EvidenceKey evidence[] = {
    {"open_connections", EvidenceType::integer}, {"unanswered_connections", EvidenceType::integer},
    {"unanswered_syns", EvidenceType::integer},  {"other_sources_ok", EvidenceType::boolean, true},
    {"syn_fingerprints", EvidenceType::integer}, {"nat_suspected", EvidenceType::boolean},
};

constexpr std::string_view next_steps[] = {
    "Look for the source's address in the log of the firewall, proxy or load balancer in front: quota, flood "
    "mitigation, rate limit.",
    "On a Linux server: `nft list ruleset` (ct count, limit rate, meter), `iptables-save -c` (connlimit, hashlimit), "
    "and the application's own limit per address.",
    "Where several hosts share the address (NAT, proxy): raise the limit or exempt the address; blocking it blocks all "
    "of them.",
    "`ss -tn state established dst SOURCE | wc -l` on the server tells how many are really open: a client may leak "
    "them.",
};

constexpr About about{
    .id = "single_source_connection_limit",
    .name = "Connection limit of a single source",
    .category = "tcp",
    .kind = RuleKind::site,
    .severity = Severity::warning,
    .settings = settings,
    .evidence = evidence,
    .source = "client ip",
    .destination = "server ip:port",
    .entity = "client ip > service",
    .cause =
        "Something limits how many connections one source address may have: a firewall's flood mitigation or quota, a "
        "connection-count rule of the host, or the application. Behind NAT many users share one address.",
    .unknowable =
        "Whose limit it is and how high: the log of the device that drops tells. That several hosts share the "
        "address is inferred from their SYNs.",
    .next_steps = next_steps,
};

class SingleSourceConnectionLimit {
public:
    explicit SingleSourceConnectionLimit(const RuleContext& context)
        : open_least_{context.settings.count("open_connections")},
          unanswered_{context.settings.count("unanswered")},
          share_{context.settings.count("share")},
          quiet_{std::max(context.settings.resolve_after, context.settings.duration("window"))},
          sources_{std::max<std::size_t>(context.most_hosts / 4, 1)} {}

    void on(const Fact& fact, const Attempt& what, Findings& findings) {
        if (what.transport != Transport::tcp || what.technique != Technique::syn) return;
        auto* const source = sources_.find({what.client.ip, what.server, fact.vlan});
        if (source != nullptr) source->connections.asked(fact.at.time, what, others(*source, what.server, findings));
    }

    void on(const Fact& fact, const Outcome& what, Findings& findings) {
        if (what.transport != Transport::tcp || what.technique != Technique::syn) return;
        const ClientOfService key{what.client.ip, what.server, fact.vlan};
        auto* const source = what.answer == Answer::completed ? opens(key, findings) : sources_.use(key);
        if (source == nullptr) return;
        source->own.count(what.answer);
        if (what.answer == Answer::silent || what.answer == Answer::still_silent) {
            silent(fact, key, *source, what, findings);
        } else if (what.answer == Answer::completed) {
            source->connections.opened(what);
            source->fingerprints.add(what.fingerprint);
        } else if (what.answer == Answer::accepted) {
            if (what.after_silent) source->take_back(what);
            source->accepted_since += what.began >= source->start();
        } else {
            source->connections.settle(what);
        }
    }

    void on(const Fact& fact, const ConnectionEnded& what, Findings&) {
        auto* const source = sources_.find({what.client.ip, what.server, fact.vlan});
        if (source != nullptr && what.was_established) source->connections.ended();
    }

    void on(const Fact& fact, const Tick&, Findings& findings) {
        news_.tell(sources_, [&](const ClientOfService& key, const Source& source) {
            const auto all = source.count() + source.accepted_since;
            if (source.count() < unanswered_ || source.count() * whole_share < all * share_) return;
            report(fact.at.time, key, source, findings);
        });
    }

private:
    static constexpr std::uint64_t some = 4;
    struct Source : SilentAttempts {
        OpenConnections connections;
        AnswerCounts own;
        FirstDistinct<std::uint16_t> fingerprints;
        OpenConnections::Then then;  ///< When silence began.
        std::uint64_t accepted_since = 0;
        bool is_news = false;
    };

    /// With fewer than `some` open a source has no entry.
    Source* opens(const ClientOfService& key, const Findings& findings) {
        const std::uint64_t open = findings.knowledge().open_connections(key.client, key.service.ip);
        auto* const known = sources_.use(key);
        if (known != nullptr || open < std::min(open_least_, some)) return known;
        auto& source = sources_.at(key);
        source.connections.opened_before(open - 1);
        source.own.accepted = open;
        return &source;
    }

    static AnswerCounts others(const Source& source, const Endpoint& service, const Findings& findings) {
        const auto* const all = findings.knowledge().service(Transport::tcp, service);
        return all == nullptr ? AnswerCounts{} : AnswerCounts{all->accepted, all->silent} - source.own;
    }

    void silent(const Fact& fact, const ClientOfService& key, Source& source, const Outcome& what,
                const Findings& findings) {
        const auto then = source.connections.settle(what, others(source, key.service, findings));
        const bool goes_on = source.lasts(fact.at.time, quiet_) && source.count() > 0;
        if (!goes_on && then.open < open_least_) return;
        const auto episode = source.episodes();
        if (!source.add(fact, what, quiet_, findings.site())) return;
        if (source.episodes() != episode) {
            source.then = then;
            source.accepted_since = 0;
        }
        source.fingerprints.add(what.fingerprint);
        news_.mark(key, source.is_news);
    }

    void report(EventTime now, const ClientOfService& key, const Source& source, Findings& findings) const {
        const auto elsewhere = others(source, key.service, findings) - source.then.others;
        // Where others fare no better it is no limit of this source: the service itself is in trouble.
        if (elsewhere.silent > 0 && elsewhere.silent >= elsewhere.accepted) return;
        const bool others_tried = elsewhere.accepted > 0;
        const auto kinds = source.fingerprints.values().size();

        Finding finding;
        source.describe(finding, source.count() + source.accepted_since);
        finding.confidence = limited_by_capture(findings, Place::of(finding, now), confidence_of({!others_tried}));
        finding.urgency = urgency_of(about.severity, finding.confidence, {});
        finding.entity = key.entity();
        finding.source = source.clients().without_port();
        finding.destination = source.servers().with_port();
        finding.evidence.set("open_connections", source.then.open);
        finding.evidence.set("unanswered_connections", source.count());
        finding.evidence.set("unanswered_syns", source.syns());
        if (others_tried) finding.evidence.set("other_sources_ok", true);
        finding.evidence.set("syn_fingerprints", kinds);
        finding.evidence.set("nat_suspected", kinds > 1);
        finding.message =
            key.client.text() + " had " + counted(source.then.open, "connection", "connections") + " to " +
            key.service.text() + " open when its new ones began to stay unanswered: " +
            counted(source.count(), "connection", "connections") + ", " + counted(source.syns(), "SYN", "SYNs") +
            (others_tried ? "; other sources are answered" : "") +
            (kinds > 1 ? "; its SYNs are of " + std::to_string(kinds) + " kinds, so several hosts share the address"
                       : "");
        finding.threshold = {{"open_connections", static_cast<std::int64_t>(open_least_)},
                             {"unanswered", static_cast<std::int64_t>(unanswered_)},
                             {"share", share_of(share_, whole_share)}};
        finding.window_seconds = seconds(quiet_);
        finding.wireshark_filter = filter_ip("addr", key.client) + " && " + filter_syns(key.service);
        findings.report(std::move(finding));
    }

    std::uint64_t open_least_;
    std::uint64_t unanswered_;
    std::uint64_t share_;
    Duration quiet_;
    BoundedMap<ClientOfService, Source, ServiceHash> sources_;
    News<ClientOfService> news_;
};

}  // namespace

extern constinit const RuleEntry single_source_connection_limit = entry<SingleSourceConnectionLimit>(about);

}  // namespace wiresage::rules
