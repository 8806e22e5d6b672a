// client_slow: a conversation waits for its client, not for the network and not for the server.
// Page: client_slow.md.

#include "detect/split_waits.hpp"
#include "detect/judge.hpp"
#include "detect/rule.hpp"

namespace wiresage::rules {

namespace {

constexpr Setting settings[] = {
    {"think", SettingKind::duration, in_milliseconds(100), in_milliseconds(50), in_seconds(30),
     "median pauses of the client from here on"},
    {"idle", SettingKind::duration, in_seconds(10), in_milliseconds(100), in_seconds(30),
     "median pauses beyond this are a client with nothing to do"},
    {"exchanges", SettingKind::count, 5, 1, 1'000'000, "requests and answers from here on"},
    {"share", SettingKind::share, 500'000, 0, whole_share, "of all waiting must be the client's"},
};

constexpr EvidenceKey evidence[] = {
    {"think_ms", EvidenceType::number},
    {"exchanges", EvidenceType::integer},
    {"client_share", EvidenceType::number},
    {"handshake_rtt_ms", EvidenceType::number, true},
};

constexpr std::string_view next_steps[] = {
    "Is a person at the client?  Then this is how people are, and nothing is slow.",
    "If it is a program: what does it do between an answer and its next request?  A profile of it tells; `strace -r -p "
    "PID -e trace=network` shows the pauses.",
    "Requests that do not depend on each other can be sent together.",
};

constexpr About about{
    .id = "client_slow",
    .name = "Client thinks",
    .category = "tcp",
    .kind = RuleKind::flow,
    .severity = Severity::info,
    .settings = settings,
    .evidence = evidence,
    .source = "client ip:port",
    .destination = "server ip:port",
    .entity = "client ip > service",
    .cause = "The client takes its time between an answer and its next request; server and network are waiting for it.",
    .unknowable = "Why it pauses: a person who reads looks like a program that computes.",
    .next_steps = next_steps,
};

/// Shorter periods are nobody's timer.
constexpr Microseconds least_period = 900'000;

class ClientSlow {
public:
    explicit ClientSlow(const RuleContext& context)
        : think_{static_cast<Microseconds>(context.settings["think"] / 1000)},
          idle_{static_cast<Microseconds>(context.settings["idle"] / 1000)},
          exchanges_{context.settings.count("exchanges")},
          share_{context.settings.count("share")},
          conversations_{context.most_hosts, context.settings.resolve_after} {}

    void on(const Fact& fact, const Exchanges& what, Findings& findings) {
        const SplitWaits& of = conversations_.add(fact, what);
        if (of.exchanges() < exchanges_ || of.thinking().count() + 1 < exchanges_) return;
        const Microseconds think = of.thinking().median();
        if (think < think_ || think > idle_) return;
        if (of.client_us() * whole_share < of.all_us() * share_) return;
        // A client that comes back on the stroke has a timer: it polls, nobody waits for it.
        if (think >= least_period && is_round(think + of.server_waits().median(), true)) return;

        Finding finding;
        of.describe(finding);
        const Microseconds rtt = of.handshake_rtt();
        finding.confidence = limited_by_capture(findings, fact, confidence_of({rtt == 0, of.exchanges() < 20}));
        finding.evidence.set("think_ms", as_milliseconds(think));
        finding.evidence.set("exchanges", of.exchanges());
        finding.evidence.set("client_share", share_of(of.client_us(), of.all_us()));
        if (rtt > 0) finding.evidence.set("handshake_rtt_ms", as_milliseconds(rtt));
        finding.message = of.text() + ": the client pauses for a median of " + with_tenths(as_milliseconds(think)) +
                          " ms between an answer and its next request, in " +
                          counted(of.exchanges(), "exchange", "exchanges");
        finding.threshold = {{"think_ms", static_cast<double>(think_) / 1000},
                             {"exchanges", static_cast<std::int64_t>(exchanges_)},
                             {"share", share_of(share_, whole_share)}};
        findings.report(std::move(finding));
    }

private:
    Microseconds think_;
    Microseconds idle_;
    std::uint64_t exchanges_;
    std::uint64_t share_;
    AllSplitWaits conversations_;
};

}  // namespace

extern constinit const RuleEntry client_slow = entry<ClientSlow>(about);

}  // namespace wiresage::rules
