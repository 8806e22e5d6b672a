// periodic_connect_unanswered: by the clock, somebody asks for connections that nobody ever answers.
// Page: periodic_connect_unanswered.md.

#include <algorithm>

#include "detect/attempt_tally.hpp"
#include "detect/bounded_map.hpp"
#include "detect/judge.hpp"
#include "detect/keys.hpp"
#include "detect/median.hpp"
#include "detect/recurrence.hpp"
#include "detect/rule.hpp"

namespace wiresage::rules {

namespace {

/// A pattern is over when nothing came for so many halves of its period.
constexpr int over_after_halves = 5;
/// An announcement no longer than this before a burst explains it.
constexpr Duration announced_before = std::chrono::seconds{10};
constexpr std::uint16_t netbios_session = 139, smb = 445;  // RFC 1002, 4.3; [MS-SMB2], 2.1.

constexpr Setting settings[] = {
    {"bursts", SettingKind::count, 5, 3, 64, "bursts of attempts, none answered, from here on"},
    {"spread", SettingKind::share, 50'000, 0, 500'000, "deviation from the median period; four of five must be within"},
    {"burst_gap", SettingKind::duration, in_seconds(30), in_seconds(1), in_seconds(600),
     "attempts no further apart than this are one burst; no shorter period counts"},
};

constexpr EvidenceKey evidence[] = {
    {"attempts", EvidenceType::integer},        {"syns", EvidenceType::integer},
    {"bursts", EvidenceType::integer},          {"period_s", EvidenceType::number},
    {"jitter_s", EvidenceType::number},         {"preceded_by", EvidenceType::text, true},
    {"preceded_s", EvidenceType::number, true}, {"classification", EvidenceType::text, true},
};

constexpr std::string_view next_steps[] = {
    "On the source: `ss -tnp state syn-sent` at the next time, or an eBPF trace of connect, names the process; look "
    "for "
    "a timer, a scheduled task, a monitoring job with this period.",
    "If the target is gone, remove it there; if it should answer, look at the firewall between.",
};

constexpr About about{
    .id = "periodic_connect_unanswered",
    .name = "Connections tried by the clock, never answered",
    .category = "tcp",
    .kind = RuleKind::site,
    .severity = Severity::warning,
    .settings = settings,
    .evidence = evidence,
    .source = "ip",
    .destination = "ip:port",
    .entity = "source ip > destination ip:port",
    .cause = "A program with a timer asks a host that is gone, or that a firewall keeps from answering.",
    .unknowable = "The purpose, as long as nobody answers.",
    .next_steps = next_steps,
};

class PeriodicConnectUnanswered {
public:
    explicit PeriodicConnectUnanswered(const RuleContext& context)
        : bursts_{context.settings.count("bursts")},
          spread_percent_{context.settings["spread"] * 100 / whole_share},
          gap_{context.settings.duration("burst_gap")},
          resolve_after_{context.settings.resolve_after},
          patterns_{context.most_hosts},
          announced_{std::max<std::size_t>(context.most_hosts / 8, 64)} {}

    void on(const Fact& fact, const Outcome& what, Findings& findings) {
        if (what.technique != Technique::syn) return;
        const ClientOfService key{what.client.ip, what.server, fact.vlan};
        if (what.answer == Answer::silent) return silent(fact, key, what, findings);
        if (patterns_.empty()) return;
        if (what.answer == Answer::still_silent) {
            if (auto* const pattern = patterns_.find(key)) ++pattern->syns;
        } else if (what.answer != Answer::unfinished) {
            patterns_.erase(key);
        }
    }

    void on(const Fact& fact, const BrowserWord& what, Findings&) {
        if (what.news != BrowserNews::master_announcement) return;
        announced_.at(ClientOfService{what.to.ip, {what.from.ip, 0}, 0}) = fact.at.time;
    }

    void on(const Fact& fact, const Tick&, Findings& findings) {
        news_.tell(patterns_, [&](const ClientOfService& key, const Pattern& pattern) {
            if (is_pattern(pattern)) report(fact.at.time, key, pattern, findings);
        });
    }

private:
    struct Pattern {
        AttemptTally tally;
        Recurrence recurrence;
        std::uint64_t syns = 0;
        std::vector<Duration> announced;  ///< Before bursts.
        bool is_news = false;
    };

    static Duration over_after(const Recurrence& of) { return of.period() * over_after_halves / 2; }

    void silent(const Fact& fact, const ClientOfService& key, const Outcome& what, Findings& findings) {
        auto* known = patterns_.use(key);
        if (known == nullptr) {
            if (what.unproven) return;
            known = &patterns_.at(key);
        } else if (known->recurrence.bursts() >= bursts_ &&
                   what.began - known->recurrence.last() > over_after(known->recurrence)) {
            *known = Pattern{};
        }
        auto& pattern = *known;
        pattern.tally.add(fact, what, Duration::max(), findings.site());
        pattern.syns += what.segments;
        if (pattern.recurrence.add(what.began, gap_)) {
            const auto* const at = announced_.find(ClientOfService{what.client.ip, {what.server.ip, 0}, 0});
            if (at != nullptr && what.began >= *at && what.began - *at <= announced_before) {
                if (pattern.announced.size() < 64) pattern.announced.push_back(what.began - *at);
            }
        }
        if (pattern.recurrence.bursts() >= bursts_) news_.mark(key, pattern.is_news);
    }

    bool is_pattern(const Pattern& pattern) const {
        return pattern.recurrence.period() > gap_ && pattern.recurrence.is_regular(spread_percent_);
    }

    void report(EventTime now, const ClientOfService& key, const Pattern& pattern, Findings& findings) const {
        Finding finding;
        pattern.tally.describe(finding);
        const auto place = Place::of(finding, now);
        // Attempts of the whole pattern count, so a proof within its span does too (guard G2).
        const auto span = now - pattern.tally.start() + Knowledge::proof_span;
        const auto proven =
            std::max(proof_of(findings, place, key.client, span), proof_of(findings, place, key.service.ip, span));
        if (proven == Proof::none) return;
        const auto period = pattern.recurrence.period();
        const bool explained = pattern.announced.size() * 5 >= pattern.recurrence.bursts() * 4;
        finding.entity = key.entity();
        finding.source = pattern.tally.clients().without_port();
        finding.destination = pattern.tally.servers().with_port();
        finding.evidence.set("attempts", pattern.tally.count());
        finding.evidence.set("syns", pattern.syns);
        finding.evidence.set("bursts", pattern.recurrence.bursts());
        finding.evidence.set("period_s", seconds(period));
        finding.evidence.set("jitter_s", seconds(pattern.recurrence.jitter()));
        if (explained) {
            finding.evidence.set("preceded_by", "browser_master_announcement");
            finding.evidence.set("preceded_s", seconds(median_of(pattern.announced)));
            const auto port = key.service.port;
            if (port == netbios_session || port == smb) finding.evidence.set("classification", "domain_master_browser");
            finding.cause =
                "The domain master browser collects the list of a master browser that announced itself just before; "
                "a firewall blocks it.";
        }
        // One who polls many that answer, and one that does not, watches a host that is down.
        if (findings.knowledge().has_role(key.client, Role::poller)) finding.severity = Severity::info;
        auto confidence = confidence_of({pattern.recurrence.bursts() < bursts_ + 1});
        if (proven == Proof::by_site) confidence = at_most(confidence, Confidence::medium);
        finding.confidence = limited_by_capture(findings, place, confidence);
        finding.urgency = urgency_of(finding.severity.value_or(about.severity), finding.confidence, {});
        finding.resolve_after = std::max(resolve_after_, over_after(pattern.recurrence));
        finding.message = key.client.text() + " tries " + key.service.text() + " every " +
                          with_tenths(seconds(period)) +
                          " s and is never answered: " + counted(pattern.tally.count(), "attempt", "attempts") +
                          " in " + counted(pattern.recurrence.bursts(), "burst", "bursts") +
                          (explained ? ", each just after that host announced itself as master browser" : "");
        finding.threshold = {{"bursts", static_cast<std::int64_t>(bursts_)}};
        finding.window_seconds = seconds(now - pattern.tally.start());
        finding.wireshark_filter = filter_ip("src", key.client) + " && " + filter_end("dst", "tcp", key.service);
        findings.report(std::move(finding));
    }

    std::uint64_t bursts_;
    std::int64_t spread_percent_;
    Duration gap_;
    Duration resolve_after_;
    BoundedMap<ClientOfService, Pattern, ServiceHash> patterns_;
    BoundedMap<ClientOfService, EventTime, ServiceHash> announced_;  ///< By who was told, and who told.
    News<ClientOfService> news_;
};

}  // namespace

extern constinit const RuleEntry periodic_connect_unanswered = entry<PeriodicConnectUnanswered>(about);

}  // namespace wiresage::rules
