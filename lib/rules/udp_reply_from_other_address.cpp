// udp_reply_from_other_address: the answer comes, but not from the address that was asked.
// Page: udp_reply_from_other_address.md.  Background: RFC 1123, 4.2.3.7 (TFTP); RFC 2181, 4.1 (DNS).

#include <algorithm>

#include "detect/attempt_tally.hpp"
#include "detect/bounded_map.hpp"
#include "detect/judge.hpp"
#include "detect/median.hpp"
#include "detect/rule.hpp"
#include "detect/stray_answers.hpp"

namespace wiresage::rules {

namespace {

constexpr std::size_t most_delays = 64;

constexpr Setting settings[] = {
    {"replies", SettingKind::count, 3, 1, 1'000'000, "answers from another address from here on"},
    {"window", SettingKind::duration, in_seconds(1), in_milliseconds(10), in_seconds(3),
     "an answer comes no later than this after the request"},
};

constexpr EvidenceKey evidence[] = {
    {"requested_ip", EvidenceType::text},       {"count", EvidenceType::integer},
    {"delay_ms", EvidenceType::number},         {"id_matches", EvidenceType::boolean, true},
    {"refused_by_icmp", EvidenceType::boolean}, {"peers", EvidenceType::integer},
};

constexpr std::string_view next_steps[] = {
    "On the server: `ss -lunp` shows whether the service listens on the wildcard address; let it bind the address that "
    "is asked, or answer with the address of the request (IP_PKTINFO).",
    "`ip route get CLIENT from REQUESTED_IP` shows which address and interface an answer takes.",
    "Behind a cluster or load balancer: let answers leave by the virtual address (source NAT on the way back).",
};

constexpr About about{
    .id = "udp_reply_from_other_address",
    .name = "UDP answers come from another address",
    .category = "udp",
    .kind = RuleKind::site,
    .severity = Severity::error,
    .settings = settings,
    .evidence = evidence,
    .source = "replier ip:port",
    .destination = "asker ip",
    .entity = "replier ip:port, requested_ip",
    .cause =
        "A host with several addresses answers from the one its route prefers, not from the one that was asked.  "
        "Clients and stateful firewalls drop such answers, so to the client the service is silent.",
    .unknowable = "Whether the client got the answer and drops it, or a firewall dropped it on the way.",
    .next_steps = next_steps,
};

class UdpReplyFromOtherAddress {
public:
    explicit UdpReplyFromOtherAddress(const RuleContext& context)
        : replies_{context.settings.count("replies")},
          window_{context.settings.duration("window")},
          quiet_{context.settings.resolve_after},
          stray_{context.settings.duration("window")},
          entries_{context.most_hosts},
          flows_{context.most_hosts} {}

    void on(const Fact& fact, const Outcome& what, Findings& findings) {
        if (const auto match = stray_.see(fact, what)) count(fact, *match, findings);
    }

    /// More answers between the same ports.
    void on(const Fact& fact, const Unanswered& what, Findings&) {
        more(fact, {what.client, what.server, fact.vlan}, what.datagrams);
    }
    void on(const Fact& fact, const IcmpError& what, Findings&) {
        if (what.reason == Unreachable::port) more(fact, {what.client, what.server, fact.vlan}, 1);
    }

    void on(const Fact& fact, const Tick&, Findings& findings) {
        stray_.tick(fact.at.time);
        news_.tell(entries_, [&](const TwoEnds& key, const Entry& entry) {
            if (entry.replies >= replies_) report(fact.at.time, key, entry, findings);
        });
    }

private:
    struct Entry {
        AttemptTally tally;  ///< Of the flows of answers; its "clients" are the repliers.
        std::uint64_t replies = 0;
        std::vector<Duration> delays;
        DistinctCount askers;
        std::uint64_t ids_equal = 0;
        std::uint64_t ids_differ = 0;
        bool refused = false;
        bool is_news = false;
    };

    void count(const Fact& fact, const StrayAnswers::Match& match, Findings& findings) {
        const auto& answer = match.answer;
        const TwoEnds key{answer.client, {match.asked.server.ip, 0}, fact.vlan};
        const auto* const known = entries_.find(key);
        if (match.asked.unproven && (known == nullptr || !known->tally.lasts(fact.at.time, quiet_))) return;
        auto& entry = entries_.at(key);
        if (entry.tally.add(fact, answer, quiet_, findings.site())) {
            auto tally = entry.tally;
            const bool marked = entry.is_news;
            entry = Entry{};
            entry.tally = std::move(tally);
            entry.is_news = marked;
        }
        entry.replies += answer.segments;
        if (entry.delays.size() < most_delays) entry.delays.push_back(match.delay);
        entry.askers.add(static_cast<std::uint32_t>(AddressHash{}(match.asked.client.ip)));
        entry.ids_equal += match.ids_equal;
        entry.ids_differ += match.ids_known && !match.ids_equal;
        entry.refused = entry.refused || answer.answer == Answer::refused_by_icmp;
        flows_.at({answer.client, answer.server, fact.vlan}) = key;
        news_.mark(key, entry.is_news);
    }

    void more(const Fact& fact, const TwoEnds& flow, std::uint64_t replies) {
        if (flows_.empty()) return;
        const auto* const key = flows_.find(flow);
        auto* const entry = key == nullptr ? nullptr : entries_.find(*key);
        if (entry == nullptr || !entry->tally.lasts(fact.at.time, quiet_)) return;
        entry->replies += replies;
        entry->tally.touch(fact, quiet_);
        news_.mark(*key, entry->is_news);
    }

    void report(EventTime now, const TwoEnds& key, const Entry& entry, Findings& findings) const {
        Finding finding;
        entry.tally.describe(finding);
        finding.transport = Transport::udp;
        finding.entity = key.first.text() + ", " + key.second.ip.text();
        finding.source = entry.tally.clients().with_port();
        finding.destination = entry.tally.servers().without_port();
        finding.evidence.set("requested_ip", key.second.ip.text());
        finding.evidence.set("count", entry.replies);
        finding.evidence.set("delay_ms", milliseconds(median_of(entry.delays)));
        if (entry.ids_equal + entry.ids_differ > 0) finding.evidence.set("id_matches", entry.ids_differ == 0);
        finding.evidence.set("refused_by_icmp", entry.refused);
        finding.evidence.set("peers", entry.askers.count());
        const bool surely = entry.ids_equal > 0 && entry.ids_differ == 0;
        const auto place = Place::of(finding, now);
        finding.confidence = limited_by_capture(findings, place, confidence_of({!surely, entry.ids_differ > 0}));
        finding.urgency =
            urgency_of(about.severity, finding.confidence, {.part = entry.replies, .whole = entry.replies});
        finding.impact.peers = static_cast<std::int64_t>(entry.askers.count());
        finding.message = key.first.text() + " answered " + counted(entry.replies, "request", "requests") +
                          " that went to " + key.second.ip.text() + ", which itself stayed silent" +
                          (entry.refused ? "; the asker's host refused the answers" : "");
        finding.threshold = {{"replies", static_cast<std::int64_t>(replies_)}};
        finding.window_seconds = seconds(window_);
        const auto port = std::to_string(key.first.port);
        finding.wireshark_filter = "udp.port==" + port + " && (" + filter_ip("addr", key.first.ip) + " || " +
                                   filter_ip("addr", key.second.ip) + ")";
        findings.report(std::move(finding));
    }

    std::uint64_t replies_;
    Duration window_;
    Duration quiet_;
    StrayAnswers stray_;
    BoundedMap<TwoEnds, Entry, TwoEndsHash> entries_;  ///< By replier and address asked.
    BoundedMap<TwoEnds, TwoEnds, TwoEndsHash> flows_;  ///< Of a flow of answers: its entry.
    News<TwoEnds> news_;
};

}  // namespace

extern constinit const RuleEntry udp_reply_from_other_address = entry<UdpReplyFromOtherAddress>(about);

}  // namespace wiresage::rules
