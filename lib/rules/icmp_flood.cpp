// icmp_flood: ICMP messages in masses, unanswered, or far more than any use of ping needs.
// Page: icmp_flood.md.  Background: RFC 4732, 2.1; RFC 4443, 5.2.

#include <algorithm>

#include "detect/flood.hpp"
#include "detect/flood_report.hpp"
#include "detect/judge.hpp"
#include "detect/rule.hpp"

namespace wiresage::rules {

namespace {

constexpr Setting settings[] = {
    {"messages", SettingKind::count, 500, 1, 1'000'000'000, "fewer than this are never a flood"},
    {"per_s", SettingKind::rate, 500, 1, 1'000'000'000, "a flood's peak second holds this many messages"},
    {"answered_per_s", SettingKind::rate, 10'000, 1, 1'000'000'000,
     "the same where most are answered, or are errors, which may be answers themselves"},
    {"past_times", SettingKind::count, 10, 1, 1000,
     "and this many times what came unanswered in the ten minutes before"},
    {"unanswered", SettingKind::share, 500'000, 0, whole_share,
     "at least this share of the last ten seconds had no answer"},
};

constexpr EvidenceKey evidence[] = {
    {"count", EvidenceType::integer}, {"types", EvidenceType::integers},  {"bytes", EvidenceType::integer},
    {"per_s", EvidenceType::number},  {"replies", EvidenceType::integer}, {"distinct_sources", EvidenceType::integer},
};

constexpr std::string_view next_steps[] = {
    "One source inside: find who runs ping or a tool like it there, and stop it.",
    "Many sources with echo replies: somebody pings networks in the target's name; drop echo replies upstream.",
    "Limit ICMP towards the target at the border, but let through what it needs (type 3, ICMPv6 2).",
};

constexpr About about{.id = "icmp_flood",
                      .name = "ICMP flood",
                      .category = "icmp",
                      .kind = RuleKind::site,
                      .severity = Severity::critical,
                      .settings = settings,
                      .evidence = evidence,
                      .source = "ip",
                      .destination = "target ip",
                      .entity = "target ip; source ip where no single target is a flood",
                      .cause = "More ICMP than monitoring or path tests send: an attack, or a tool left running.",
                      .unknowable = "Whether the source addresses are real.",
                      .next_steps = next_steps};

/// ICMP errors: 3, 4, 5, 11, 12 (RFC 792); ICMPv6 below 128 (RFC 4443, 2.1).
bool is_error(std::int64_t type, bool v4) noexcept {
    return v4 ? type == 3 || type == 4 || type == 5 || type == 11 || type == 12 : type < 128;
}

class IcmpFlood {
public:
    explicit IcmpFlood(const RuleContext& context)
        : settings_{context.settings},
          to_{VolumeKind::icmp_to, limits(settings_), context.most_hosts / 8, context.secret},
          from_{VolumeKind::icmp_from, limits(settings_), context.most_hosts / 8, context.secret},
          flooding_{1024} {}

    void on(const Fact& fact, const Volume& what, Findings&) {
        to_.see(fact, what);
        from_.see(fact, what);
    }
    void on(const Fact& fact, const Distinct& what, Findings&) {
        to_.see(fact, what);
        from_.see(fact, what);
    }
    void on(const Fact&, const ClockStep&, Findings&) {
        to_.clear();
        from_.clear();
    }
    void on(const Fact& fact, const Tick&, Findings& findings) {
        to_.judge(fact,
                  [&](const Address& target, FloodRun& run) { return judge_target(fact, target, run, findings); });
        from_.judge(fact,
                    [&](const Address& source, FloodRun& run) { return judge_source(fact, source, run, findings); });
    }

private:
    static FloodWatch::Limits limits(const RuleSettings& of) { return {of.count("per_s"), 0, of.resolve_after, {}}; }

    /// Messages without a reply.  A target that answers only some of one ping's requests leaves the rest unanswered.
    static std::uint64_t silent(const FloodTotals& totals) {
        return totals.packets - std::min(totals.packets, totals.replies);
    }

    /// Echo replies whose requests a place that shows one direction would not show.
    static bool may_be_asked_for(const FloodTotals& totals, const Address& key, const Fact& fact,
                                 const Findings& findings) {
        const auto& types = totals.icmp_types.values();
        return !findings.has_met(key, fact) && std::all_of(types.begin(), types.end(), [](auto type) {
            return type == 0 || type == 129;  // RFC 792; RFC 4443, 4.2.
        });
    }

    bool is_flood(const Fact& fact, const FloodTotals& totals, const FloodRun& run, const Address& key,
                  const Findings& findings) const {
        if (run.is_told()) return true;
        if (totals.packets < settings_.count("messages")) return false;
        const auto peak = totals.packets_peak.peak();
        if (peak >= settings_.count("answered_per_s")) return true;
        const auto& types = totals.icmp_types.values();
        const bool only_errors =
            std::all_of(types.begin(), types.end(), [&](auto type) { return is_error(type, key.is_v4()); });
        if (only_errors || may_be_asked_for(totals, key, fact, findings)) return false;
        if (silent(totals) * whole_share < totals.packets * settings_.count("unanswered")) return false;
        const auto unanswered_peak = peak * silent(totals) / totals.packets;
        return unanswered_peak >= settings_.count("per_s") &&
               unanswered_peak >= totals.past_per_s * settings_.count("past_times");
    }

    bool judge_target(const Fact& fact, const Address& target, FloodRun& run, Findings& findings) {
        const auto& totals = run.totals();
        if (!is_flood(fact, totals, run, target, findings)) return false;
        if (totals.peer_ip.get()) flooding_.at(*totals.peer_ip.get()) = fact.at.time;
        finish(fact, target, totals, false, findings);
        return true;
    }

    /// Few messages to each of many addresses are a sweep or a poll; a source that floods several sends many to each.
    bool judge_source(const Fact& fact, const Address& source, FloodRun& run, Findings& findings) {
        const auto& totals = run.totals();
        if (totals.peer_ip.get() || totals.packets < totals.peers.count() * most_of_a_sweep) return false;
        const auto* const flooding = flooding_.find(source);
        if (flooding != nullptr && fact.at.time - *flooding <= settings_.resolve_after) return false;
        if (!is_flood(fact, totals, run, source, findings)) return false;
        finish(fact, source, totals, true, findings);
        return true;
    }

    void finish(const Fact& fact, const Address& key, const FloodTotals& totals, bool outward,
                Findings& findings) const {
        Finding finding;
        set_ends(finding, key, totals, outward);
        finding.transport = Transport::icmp;
        const auto sources = outward ? std::uint64_t{1} : totals.peers.count();
        finding.evidence.set("count", totals.packets);
        const auto& types = totals.icmp_types.values();
        finding.evidence.set("types", types, types.size());
        finding.evidence.set("bytes", totals.bytes);
        finding.evidence.set("per_s", static_cast<double>(totals.packets_peak.peak()));
        finding.evidence.set("replies", totals.replies);
        finding.evidence.set("distinct_sources", sources);
        const auto from = finding.source.ip ? finding.source.ip->text() : counted(sources, "source", "sources");
        const auto to = finding.destination.ip ? finding.destination.ip->text()
                                               : counted(totals.peers.count(), "address", "addresses");
        finding.message =
            from + " sent " + counted(totals.packets, "ICMP message", "ICMP messages") + " to " + to + ", " +
            std::to_string(totals.packets_peak.peak()) + " of them within a second; " +
            (totals.replies == 0 ? "none was answered" : counted(totals.replies, "was", "were") + " answered");
        finding.wireshark_filter = key.is_v4() ? "icmp" : "icmpv6";
        if (finding.source.ip) finding.wireshark_filter += " && " + filter_ip("src", *finding.source.ip);
        if (finding.destination.ip) finding.wireshark_filter += " && " + filter_ip("dst", *finding.destination.ip);
        finding.window_seconds = 1;
        for (const auto* const name : {"messages", "per_s", "answered_per_s", "past_times"})
            finding.threshold.emplace_back(name, settings_[name]);
        finding.threshold.emplace_back("unanswered", static_cast<double>(settings_["unanswered"]) / whole_share);
        const bool answered = silent(totals) * 2 < totals.packets;
        finding.confidence =
            limited_by_capture(findings, fact, confidence_of({totals.peers.count() < 3, !totals.has_past, answered}));
        finding.urgency =
            urgency_of(about.severity, finding.confidence, {.part = silent(totals), .whole = totals.packets});
        findings.report(std::move(finding));
    }

    static constexpr std::uint64_t most_of_a_sweep = 5;  // ping's default count is 4 or 5.

    const RuleSettings settings_;
    FloodWatch to_;
    FloodWatch from_;
    BoundedMap<Address, EventTime, AddressHash> flooding_;
};

}  // namespace

extern constinit const RuleEntry icmp_flood = entry<IcmpFlood>(about);

}  // namespace wiresage::rules
