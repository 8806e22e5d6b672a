// network_rtt_dominates: a conversation waits for the network, not for the server and not for the client.
// Page: network_rtt_dominates.md.

#include <algorithm>

#include "detect/split_waits.hpp"
#include "detect/judge.hpp"
#include "detect/rule.hpp"

namespace wiresage::rules {

namespace {

constexpr Setting settings[] = {
    {"rtt", SettingKind::duration, in_milliseconds(40), in_milliseconds(20), in_seconds(10),
     "handshake round trips from here on"},
    {"exchanges", SettingKind::count, 5, 1, 1'000'000, "requests and answers from here on"},
    {"share", SettingKind::share, 500'000, 0, whole_share, "of all waiting must be the network's"},
};

constexpr EvidenceKey evidence[] = {
    {"handshake_rtt_ms", EvidenceType::number},
    {"response_ms", EvidenceType::number},
    {"ratio", EvidenceType::number},
    {"far", EvidenceType::text},
    {"exchanges", EvidenceType::integer},
    {"network_share", EvidenceType::number},
};

constexpr std::string_view next_steps[] = {
    "Count the round trips that one user action takes: each costs the whole round trip.  Fewer, larger requests help; "
    "a "
    "faster server does not.",
    "Compare the round trip with the distance: `mtr -T -P PORT HOST` shows where it grows.",
    "Capture at the other end as well and run `wiresage compare NEAR FAR`: it splits the delay between both ends.",
};

constexpr About about{
    .id = "network_rtt_dominates",
    .name = "Round trips dominate",
    .category = "tcp",
    .kind = RuleKind::flow,
    .severity = Severity::info,
    .settings = settings,
    .evidence = evidence,
    .source = "client ip:port",
    .destination = "server ip:port",
    .entity = "client ip > service",
    .cause =
        "Each answer takes about one round trip of the network: the time goes into the distance and the number of "
        "questions, not into the server.",
    .unknowable = "Which way the delay lies: one point knows only the sum of both.",
    .next_steps = next_steps,
};

// The median wait for the far side is 0.8 to 1.3 round trips (evidence.md).
constexpr std::uint64_t least_permille = 800, most_permille = 1300;

class NetworkRttDominates {
public:
    explicit NetworkRttDominates(const RuleContext& context)
        : rtt_{static_cast<Microseconds>(context.settings["rtt"] / 1000)},
          exchanges_{context.settings.count("exchanges")},
          share_{context.settings.count("share")},
          conversations_{context.most_hosts, context.settings.resolve_after} {}

    void on(const Fact& fact, const Exchanges& what, Findings& findings) {
        if (what.handshake_rtt < rtt_) return;
        const SplitWaits& of = conversations_.add(fact, what);
        if (of.exchanges() < exchanges_) return;
        const Microseconds rtt = of.handshake_rtt();
        const Far far = of.far();
        const Microseconds response = far == Far::server   ? of.server_waits().median()
                                      : far == Far::client ? of.client_waits().median()
                                                           : of.server_waits().median() + of.client_waits().median();
        const std::uint64_t permille = std::uint64_t{response} * 1000 / std::max(rtt, Microseconds{1});
        if (permille < least_permille || permille > most_permille) return;
        if (of.network_us() * whole_share < of.all_us() * share_) return;

        Finding finding;
        of.describe(finding);
        finding.confidence = limited_by_capture(findings, fact, confidence_of({of.exchanges() < 2 * exchanges_}));
        finding.evidence.set("handshake_rtt_ms", as_milliseconds(rtt));
        finding.evidence.set("response_ms", as_milliseconds(response));
        finding.evidence.set("ratio", static_cast<double>(permille) / 1000);
        finding.evidence.set("far", std::string{name(far)});
        finding.evidence.set("exchanges", of.exchanges());
        finding.evidence.set("network_share", share_of(of.network_us(), of.all_us()));
        finding.message = of.text() + ": " + counted(of.exchanges(), "exchange", "exchanges") +
                          " with a median wait of " + with_tenths(as_milliseconds(response)) +
                          " ms, at a round trip of " + with_tenths(as_milliseconds(rtt)) +
                          " ms: the network is what takes the time";
        finding.threshold = {{"rtt_ms", static_cast<double>(rtt_) / 1000},
                             {"exchanges", static_cast<std::int64_t>(exchanges_)},
                             {"share", share_of(share_, whole_share)}};
        findings.report(std::move(finding));
    }

private:
    Microseconds rtt_;
    std::uint64_t exchanges_;
    std::uint64_t share_;
    AllSplitWaits conversations_;
};

}  // namespace

extern constinit const RuleEntry network_rtt_dominates = entry<NetworkRttDominates>(about);

}  // namespace wiresage::rules
