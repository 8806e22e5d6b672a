// udp_request_unanswered: datagrams ask a service and nothing comes back.
// Page: udp_request_unanswered.md.

#include <algorithm>

#include "detect/bounded_map.hpp"
#include "detect/judge.hpp"
#include "detect/keys.hpp"
#include "detect/protocols.hpp"
#include "detect/question.hpp"
#include "detect/rule.hpp"

namespace wiresage::rules {

namespace {

/// What was answered while the first verdict of silence was pending is known so much later.
constexpr Duration settle_wait = silence_wait + std::chrono::seconds{1};

constexpr Setting settings[] = {
    {"requests", SettingKind::count, 5, 1, 1'000'000, "requests without any answer from here on"},
    {"share", SettingKind::share, 500'000, 0, whole_share, "unanswered requests of all to the service meanwhile"},
    {"window", SettingKind::duration, in_seconds(60), in_seconds(1), in_seconds(3600),
     "unanswered requests no further apart than this are counted together"},
};

constexpr EvidenceKey evidence[] = {
    {"count", EvidenceType::integer},           {"requests", EvidenceType::integer},
    {"unanswered_share", EvidenceType::number}, {"distinct_source_ports", EvidenceType::integer},
    {"peers", EvidenceType::integer},           {"answered_before", EvidenceType::boolean},
    {"waited_s", EvidenceType::number},
};

constexpr std::string_view next_steps[] = {
    "On the server: `ss -lun` (is the port listened on, and on which address), `nft list ruleset`, and a capture "
    "there: "
    "do the requests arrive, and from which address do answers leave?",
    "Ask by hand from the client, for DNS with `dig @SERVER NAME`, for NTP with `chronyc ntpdata`.",
    "On firewalls between: look for the server's answers in the log of dropped packets.",
};

constexpr About about{
    .id = "udp_request_unanswered",
    .name = "UDP requests stay unanswered",
    .category = "udp",
    .kind = RuleKind::site,
    .severity = Severity::warning,
    .settings = settings,
    .evidence = evidence,
    .source = "asker ip:port",
    .destination = "silent service ip:port",
    .entity = "service",
    .cause =
        "The service is down, or requests or answers are dropped on the way.  A host that is up and has no such "
        "service would mostly say so (ICMP port unreachable).",
    .unknowable =
        "Whether the service is silent or its answers are dropped, come another way, or come from another "
        "address: only a capture at the server tells.",
    .next_steps = next_steps,
};

class UdpRequestUnanswered {
public:
    explicit UdpRequestUnanswered(const RuleContext& context)
        : requests_{context.settings.count("requests")},
          share_{context.settings.count("share")},
          quiet_{std::max(context.settings.resolve_after, context.settings.duration("window"))},
          services_{context.most_hosts},
          replies_{context.most_hosts} {}

    void on(const Fact& fact, const Outcome& what, Findings& findings) {
        if (what.transport != Transport::udp) return;
        if (what.answer == Answer::accepted && what.after_silent) {
            if (auto* const entry = services_.find(ServiceAt{what.server, fact.vlan})) entry->take_back(what);
        }
        if (what.answer != Answer::silent || QuestionJudge::is_stream(what.segments, silence_wait)) return;
        if (!questions_.is_question(what, findings)) return;
        const auto* const known = services_.find(ServiceAt{what.server, fact.vlan});
        if (what.unproven && (known == nullptr || !known->lasts(fact.at.time, quiet_))) return;
        count(fact, what, what.segments, findings);
    }

    void on(const Fact& fact, const Unanswered& what, Findings& findings) {
        if (QuestionJudge::is_stream(what.datagrams, fact.at.time - what.since)) return;
        if (what.was_answered && !asks_with_each_datagram(what.server.port)) return;
        const auto made = as_outcome(what);
        if (questions_.is_question(made, findings)) count(fact, made, what.datagrams, findings);
    }

    /// Answers in long flows, which have no outcome of their own.
    void on(const Fact&, const Volume& what, Findings&) {
        if (what.kind != VolumeKind::udp_to || replies_.empty() || what.replies == 0) return;
        if (auto* const replies = replies_.find(what.key.ip)) *replies += what.replies;
    }

    void on(const Fact& fact, const Tick&, Findings& findings) {
        settling_.swap(due_);
        settling_.clear();
        for (const auto& key : due_) {
            auto* const entry = services_.find(key);
            if (entry == nullptr || !entry->is_news) continue;
            if (fact.at.time < entry->settled) {
                settling_.push_back(key);
                continue;
            }
            entry->is_news = false;
            judge(fact.at.time, key, *entry, findings);
        }
    }

private:
    struct Entry : UnansweredQuestions {
        std::uint64_t accepted_then = 0;  ///< Answers of the service before the silence ...
        std::uint64_t replies_then = 0;   ///< ... and of its address in flows that go on.
        EventTime settled;
        bool is_news = false;
    };

    void count(const Fact& fact, const Outcome& what, std::uint64_t datagrams, Findings& findings) {
        const ServiceAt key{what.server, fact.vlan};
        auto& entry = services_.at(key);
        if (entry.add(fact, what, datagrams, quiet_, findings.site())) {
            const auto& knowledge = findings.knowledge();
            const auto* const past = knowledge.service(Transport::udp, key.service);
            const auto lately = knowledge.answered(Transport::udp, key.service, fact.at.time - settle_wait).accepted;
            entry.accepted_then = past == nullptr ? 0 : past->accepted - std::min(past->accepted, lately);
            entry.replies_then = replies_.at(key.service.ip);
            entry.settled = fact.at.time + settle_wait;
        }
        if (!entry.is_news) settling_.push_back(key);
        entry.is_news = true;
    }

    void judge(EventTime now, const ServiceAt& key, const Entry& entry, Findings& findings) {
        const auto* const past = findings.knowledge().service(Transport::udp, key.service);
        const auto accepted = past == nullptr ? 0 : past->accepted - std::min(past->accepted, entry.accepted_then);
        const auto* const replies = replies_.find(key.service.ip);
        const auto replied = replies == nullptr ? 0 : *replies - std::min(*replies, entry.replies_then);
        const auto all = entry.datagrams() + std::max<std::uint64_t>(accepted, replied);
        if (entry.datagrams() < requests_ || entry.datagrams() * whole_share < all * share_) return;
        Finding finding;
        entry.describe(finding);
        const auto place = Place::of(finding, now);
        const auto proven = entry.proof(findings, place, key.service.ip);
        if (proven == Proof::none) return;
        const bool before = answered_before(findings, Transport::udp, key.service, entry.start());
        auto confidence = confidence_of({!before, entry.peers() < 3});
        if (proven == Proof::by_site) confidence = at_most(confidence, Confidence::medium);
        finding.confidence = limited_by_capture(findings, place, confidence);
        finding.urgency = urgency_of(about.severity, finding.confidence, {.part = entry.datagrams(), .whole = all});
        finding.impact.share_of_service = share_of(entry.datagrams(), all);
        describe(key, entry, all, before, finding);
        findings.report(std::move(finding));
    }

    void describe(const ServiceAt& key, const Entry& entry, std::uint64_t all, bool before, Finding& finding) const {
        finding.entity = key.service.text();
        finding.source = entry.clients().with_port();
        finding.destination = entry.servers().with_port();
        finding.transport = Transport::udp;
        finding.evidence.set("count", entry.datagrams());
        finding.evidence.set("requests", all);
        finding.evidence.set("unanswered_share", share_of(entry.datagrams(), all));
        finding.evidence.set("distinct_source_ports", entry.source_ports());
        finding.evidence.set("peers", entry.peers());
        finding.evidence.set("answered_before", before);
        finding.evidence.set("waited_s", seconds(entry.waited()));
        const auto name = answering_udp_name(key.service.port);
        finding.message = key.service.text() + (name.empty() ? "" : " (" + std::string{name} + ")") +
                          " did not answer " + counted(entry.datagrams(), "request", "requests") + " of " +
                          counted(entry.peers(), "client", "clients") + ", of " + std::to_string(all) +
                          " meanwhile; it " + (before ? "answered before" : "never answered here");
        finding.threshold = {{"requests", static_cast<std::int64_t>(requests_)},
                             {"share", share_of(share_, whole_share)}};
        finding.window_seconds = seconds(quiet_);
        finding.wireshark_filter =
            filter_ip("addr", key.service.ip) + " && udp.port==" + std::to_string(key.service.port);
    }

    std::uint64_t requests_;
    std::uint64_t share_;
    Duration quiet_;
    BoundedMap<ServiceAt, Entry, ServiceHash> services_;
    BoundedMap<Address, std::uint64_t, AddressHash> replies_;  ///< Of addresses with trouble, since it began.
    QuestionJudge questions_;
    std::vector<ServiceAt> settling_;
    std::vector<ServiceAt> due_;
};

}  // namespace

extern constinit const RuleEntry udp_request_unanswered = entry<UdpRequestUnanswered>(about);

}  // namespace wiresage::rules
