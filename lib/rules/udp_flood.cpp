// udp_flood: datagrams in masses that nobody asked for and nobody answers.
// Page: udp_flood.md.  Background: RFC 4732, 2.1; RFC 5358 (reflection).

#include "detect/flood.hpp"
#include "detect/flood_report.hpp"
#include "detect/judge.hpp"
#include "detect/protocols.hpp"
#include "detect/rule.hpp"

namespace wiresage::rules {

namespace {

constexpr Setting settings[] = {
    {"datagrams", SettingKind::count, 1000, 1, 1'000'000'000, "fewer than this are never a flood"},
    {"datagrams_per_s", SettingKind::rate, 2000, 1, 1'000'000'000,
     "a flood's peak second holds this many datagrams ..."},
    {"bits_per_s", SettingKind::rate, 10'000'000, 1, 1'000'000'000'000, "... or this many bits on the wire"},
    {"past_times", SettingKind::count, 10, 1, 1000,
     "and this many times what came unanswered in the ten minutes before"},
    {"unanswered", SettingKind::share, 500'000, 0, whole_share,
     "at least this share of the last ten seconds had no answer"},
    {"sources", SettingKind::count, 100, 1, 1'000'000,
     "from this many sources on, one direction alone can show a flood"},
};

constexpr EvidenceKey evidence[] = {
    {"datagrams", EvidenceType::integer},
    {"datagram_len", EvidenceType::integer},
    {"bytes", EvidenceType::integer},
    {"fragments", EvidenceType::integer},
    {"datagrams_per_s", EvidenceType::number},
    {"bits_per_s", EvidenceType::number},
    {"replies", EvidenceType::integer},
    {"distinct_sources", EvidenceType::integer},
    {"destination_ports", EvidenceType::integer},
};

constexpr std::string_view next_steps[] = {
    "If the source is ours: find the process that owns its port (ss -uap) and stop it; look for what started it.",
    "If the sources are many: ask the provider to drop traffic to the target's port, or to blackhole the target.",
    "If they all answer from one service port: it is reflection; the sources are not the attackers.",
};

constexpr About about{.id = "udp_flood",
                      .name = "UDP flood",
                      .category = "udp",
                      .kind = RuleKind::site,
                      .severity = Severity::critical,
                      .settings = settings,
                      .evidence = evidence,
                      .source = "ip:port",
                      .destination = "target ip:port",
                      .entity = "target ip; source ip where no single target is a flood",
                      .cause =
                          "One-way datagrams at a rate that no conversation explains: an attack, a host that is "
                          "misused for one, or a sender that does not notice that nobody listens.",
                      .unknowable = "Whether the source addresses are real, and which process sends.",
                      .next_steps = next_steps};

class UdpFlood {
public:
    explicit UdpFlood(const RuleContext& context)
        : settings_{context.settings},
          to_{VolumeKind::udp_to, limits(settings_), context.most_hosts / 8, context.secret},
          from_{VolumeKind::udp_from, limits(settings_), context.most_hosts / 8, context.secret},
          flooding_{1024} {}

    void on(const Fact& fact, const Volume& what, Findings&) {
        if (what.key.ip.is_multicast() || what.key.ip.is_broadcast()) return;
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
    enum class Look : std::uint8_t { flood, acquainted, one_direction };

    static FloodWatch::Limits limits(const RuleSettings& of) {
        FloodWatch::Limits made{of.count("datagrams_per_s"), of.count("bits_per_s"), of.resolve_after, {}};
        for (const auto& row : one_way_udp()) made.ports.push_back(row.port);
        return made;
    }

    bool is_flood(const Fact& fact, FloodRun& run) const {
        const auto& totals = run.totals();
        if (!totals.other_ports) return false;  // One-way protocols only.
        const auto recent = run.recent(fact.at.time);
        const auto silent = run.recent_unanswered(fact.at.time);
        if (silent * whole_share < recent * settings_.count("unanswered")) return false;
        if (run.is_told()) return true;
        if (totals.packets < settings_.count("datagrams")) return false;
        const auto times = settings_.count("past_times");
        const auto share = [&](std::uint64_t peak) { return recent == 0 ? 0 : peak * silent / recent; };
        const auto packets = share(totals.packets_peak.peak());
        const auto bits = share(totals.bits_peak.peak());
        return (packets >= settings_.count("datagrams_per_s") && packets >= totals.past_per_s * times) ||
               (bits >= settings_.count("bits_per_s") && bits >= totals.past_bits_per_s * times);
    }

    /// Both directions of one of the ends have been seen, or it is our own.
    bool is_proven(const Fact& fact, const FloodTotals& totals, const Address& key, const Findings& findings) const {
        const auto holds = [&](const Address& address) {
            return findings.has_met(address, fact) || findings.site().is_local(address);
        };
        return holds(key) || (totals.peer_ip.get() && holds(*totals.peer_ip.get()));
    }

    /// Whether "nobody answered" is more than a place that shows one direction only (guard G2).
    Look look(const Fact& fact, const Address& target, const FloodTotals& totals, const Findings& findings) const {
        const auto& source = totals.peer_ip.get();
        if (source && findings.knowledge().have_met(*source, target, fact.at.time)) return Look::acquainted;
        if (is_proven(fact, totals, target, findings)) return Look::flood;
        return speaks_for_itself(totals, settings_.count("sources")) ? Look::flood : Look::one_direction;
    }

    bool judge_target(const Fact& fact, const Address& target, FloodRun& run, Findings& findings) {
        if (!is_flood(fact, run) || are_udp_streams(run.totals())) return false;
        const auto& totals = run.totals();
        const auto seen_as = look(fact, target, totals, findings);
        Finding finding;
        set_ends(finding, target, totals, false);
        if (seen_as != Look::flood) finding.severity = Severity::info;
        if (seen_as == Look::acquainted)
            finding.cause = "The two also talk in both directions: media, a test, a copy without acknowledgements.";
        if (seen_as == Look::one_direction) {
            finding.cause = "This place may show one direction of an ordinary exchange only.";
            finding.unknowable = "Whether there are answers: this place has not shown both directions of the target.";
        }
        if (seen_as == Look::flood && totals.peer_ip.get()) flooding_.at(*totals.peer_ip.get()) = fact.at.time;
        finish(fact, run, std::move(finding), false, findings);
        return true;
    }

    /// A source that sprays many targets, none of which is a flood of its own.
    bool judge_source(const Fact& fact, const Address& source, FloodRun& run, Findings& findings) {
        const auto& totals = run.totals();
        if (totals.peer_ip.get() || !is_flood(fact, run)) return false;
        const auto* const flooding = flooding_.find(source);
        if (flooding != nullptr && fact.at.time - *flooding <= settings_.resolve_after) return false;
        // Media servers send many datagrams in each flow; a spray begins one with nearly each.
        if (totals.flows * 2 < totals.packets || !is_proven(fact, totals, source, findings)) return false;
        if (findings.knowledge().has_role(source, Role::resolver)) return false;
        Finding finding;
        set_ends(finding, source, totals, true);
        finish(fact, run, std::move(finding), true, findings);
        return true;
    }

    void finish(const Fact& fact, FloodRun& run, Finding finding, bool outward, Findings& findings) const {
        const auto& totals = run.totals();
        const auto& key = outward ? *finding.source.ip : *finding.destination.ip;
        finding.transport = Transport::udp;
        set_udp_evidence(finding.evidence, totals, outward);
        finding.message = udp_flood_message(finding, totals, outward);
        finding.wireshark_filter = udp_flood_filter(finding);
        finding.window_seconds = 1;
        for (const auto* const name : {"datagrams", "datagrams_per_s", "bits_per_s", "past_times"})
            finding.threshold.emplace_back(name, settings_[name]);
        finding.threshold.emplace_back("unanswered", static_cast<double>(settings_[("unanswered")]) / whole_share);
        const bool unproven = !is_proven(fact, totals, key, findings);
        finding.confidence = confidence_of({totals.peers.count() < 3, !totals.has_past, unproven});
        if (finding.severity) finding.confidence = Confidence::low;
        finding.confidence = limited_by_capture(findings, fact, finding.confidence);
        const auto recent = run.recent(fact.at.time);
        finding.urgency = urgency_of(finding.severity.value_or(about.severity), finding.confidence,
                                     {.part = run.recent_unanswered(fact.at.time), .whole = recent});
        findings.report(std::move(finding));
    }

    const RuleSettings settings_;
    FloodWatch to_;
    FloodWatch from_;
    BoundedMap<Address, EventTime, AddressHash> flooding_;
};

}  // namespace

extern constinit const RuleEntry udp_flood = entry<UdpFlood>(about);

}  // namespace wiresage::rules
