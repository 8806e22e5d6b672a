// tcp_syn_flood: handshakes of a service are left incomplete in masses, or one source leaves them at many services.
// Page: tcp_syn_flood.md.  Background: RFC 4987, 2.

#include <algorithm>

#include "detect/handshake_watch.hpp"
#include "detect/judge.hpp"
#include "detect/rule.hpp"

namespace wiresage::rules {

namespace {

constexpr Setting settings[] = {
    {"incomplete", SettingKind::count, 1000, 10, 100'000'000,
     "handshakes neither finished nor refused within the window"},
    {"growth", SettingKind::count, 3, 0, 1000, "so many times what the service left incomplete in its past"},
    {"window", SettingKind::duration, in_seconds(10), in_seconds(1), in_seconds(600),
     "attempts this close together are judged together"},
    {"services", SettingKind::count, 4096, 1, 1'000'000, "how many busy services, and sources, are watched at once"},
};

constexpr EvidenceKey evidence[] = {
    {"syns", EvidenceType::integer},           {"attempts", EvidenceType::integer},
    {"completed", EvidenceType::integer},      {"refused", EvidenceType::integer},
    {"completed_share", EvidenceType::number}, {"distinct_sources", EvidenceType::integer},
    {"half_open_max", EvidenceType::integer},  {"syn_per_s", EvidenceType::number},
    {"synack_per_s", EvidenceType::number},    {"good_completions_fell", EvidenceType::boolean},
};

constexpr std::string_view next_steps[] = {
    "On the server: `nstat -az TcpExtSyncookiesSent TcpExtTCPReqQFullDoCookies TcpExtTCPReqQFullDrop "
    "TcpExtListenOverflows` tells "
    "whether SYN cookies hold and whether anything is dropped.",
    "`ss -tn state syn-recv | wc -l` tells how many half-open connections it holds; `ss -ltn` how full the accept "
    "queues are.",
    "Many sources: have it filtered upstream (provider, scrubbing), forged addresses cannot be blocked one by one.",
    "One source or MAC: block it at the switch or firewall nearest to it, and find the host behind the MAC.",
};

constexpr About about{
    .id = "tcp_syn_flood",
    .name = "SYN flood",
    .category = "tcp",
    .kind = RuleKind::site,
    .severity = Severity::critical,
    .settings = settings,
    .evidence = evidence,
    .source = "ip where there is one, mac",
    .destination = "server ip:port",
    .entity = "service; source ip where one source hits many targets and no target is a flood",
    .cause =
        "Somebody asks for connections without meaning to use them, so that the service runs out of room for "
        "half-open ones or of processor time (RFC 4987, 2).",
    .unknowable =
        "Who really sends: source addresses are easily forged, the MAC is only the last router's. With SYN "
        "cookies a server may hold out although nothing here shows it.",
    .next_steps = next_steps,
};

class TcpSynFlood {
public:
    static constexpr bool reads_at_once = true;

    explicit TcpSynFlood(const RuleContext& context)
        : limits_{context.settings.count("incomplete"), context.settings.count("growth"),
                  context.settings.duration("window"),
                  std::max(context.settings.resolve_after, context.settings.duration("window"))},
          services_{VolumeKind::syn_to, limits_, context.settings.count("services"), context.secret},
          sources_{VolumeKind::syn_from, limits_, context.settings.count("services"), context.secret} {}

    /// What is told of each attempt, and the sums of the others.
    void on(const Fact& fact, const Attempt& what, Findings&) { see(fact, what); }
    void on(const Fact& fact, const Outcome& what, Findings&) { see(fact, what); }
    void on(const Fact& fact, const Volume& what, Findings&) { see(fact, what); }
    void on(const Fact& fact, const Distinct& what, Findings&) { see(fact, what); }

    void on(const Fact& fact, const Tick&, Findings& findings) {
        services_.judge(fact, [&](const Endpoint& service, WatchedHandshakes& watched) {
            last_target_ = fact.at.time;
            report_target(fact, service, watched, findings);
        });
        sources_.judge(fact, [&](const Endpoint& source, WatchedHandshakes& watched) {
            const bool target_known =
                last_target_ != EventTime{} && fact.at.time - last_target_ <= limits_.resolve_after;
            if (!target_known && hits_many(fact.at.time, source.ip, watched))
                report_source(fact, source.ip, watched, findings);
        });
    }

    void on(const Fact& fact, const CaptureEnd&, Findings&) {
        services_.capture_ended(fact.at.time);
        sources_.capture_ended(fact.at.time);
    }

    void on(const Fact&, const ClockStep&, Findings&) {
        services_.clear();
        sources_.clear();
    }

private:
    template <typename What>
    void see(const Fact& fact, const What& what) {
        services_.see(fact, what);
        sources_.see(fact, what);
    }

    /// Most of what the source leaves incomplete is at two or more services, each of them hit again and again: a scan
    /// asks each service once or twice.
    bool hits_many(EventTime now, const Address& source, WatchedHandshakes& watched) {
        std::uint64_t services = 0;
        std::uint64_t there = 0;
        bool some_target_is_next = false;
        services_.for_each_busy([&](const Endpoint&, WatchedHandshakes& service) {
            const auto incomplete = service.incomplete(now);
            if (service.run().other_ip.get() != source || incomplete * 20 < limits_.incomplete) return;
            ++services;
            there += incomplete;
            const auto lasted =
                std::clamp<Duration>(now - service.run().start, std::chrono::seconds{1}, limits_.window);
            const auto windows = static_cast<std::uint64_t>(limits_.window / lasted);
            some_target_is_next = some_target_is_next || incomplete * windows >= limits_.incomplete;
        });
        return services >= 2 && !some_target_is_next && there * 10 >= watched.incomplete(now) * 8;
    }

    void report_target(const Fact& fact, const Endpoint& service, WatchedHandshakes& watched,
                       Findings& findings) const {
        const auto& run = watched.run();
        auto finding = describe(fact, service.ip, watched, findings);
        finding.entity = service.text();
        finding.source = End{run.other_ip.get(), {}, run.mac.get()};
        finding.destination = End::of(service);
        finding.message = service.text() + numbers(run, " from " + counted(run.distinct(), "address", "addresses"));
        finding.wireshark_filter = filter_end("dst", "tcp", service) + " && tcp.flags.syn==1 && tcp.flags.ack==0";
        finding.evidence = run.evidence(run.distinct());
        findings.report(std::move(finding));
    }

    void report_source(const Fact& fact, const Address& source, WatchedHandshakes& watched, Findings& findings) const {
        const auto& run = watched.run();
        auto finding = describe(fact, source, watched, findings);
        finding.entity = source.text();
        finding.source = End{source, {}, run.mac.get()};
        finding.destination = End{run.other_ip.get(), {}, {}};
        finding.message = counted(run.distinct(), "address", "addresses") + numbers(run, " of " + source.text());
        finding.wireshark_filter = filter_ip("src", source) + " && tcp.flags.syn==1 && tcp.flags.ack==0";
        finding.evidence = run.evidence(1);
        findings.report(std::move(finding));
    }

    Finding describe(const Fact& fact, const Address& address, WatchedHandshakes& watched,
                     const Findings& findings) const {
        const auto& run = watched.run();
        watched.episode.touch(fact, run.start, run.start_stamp, limits_.resolve_after);
        Finding finding;
        watched.episode.describe(finding);
        finding.input = run.input;
        finding.vlan = watched.vlan;
        finding.transport = Transport::tcp;
        finding.packets = in_order(run.packets);
        finding.impact = {static_cast<std::int64_t>(run.sums.attempts), static_cast<std::int64_t>(run.distinct()), {}};
        // Without any answer, here or before, this place may show one direction only.
        const auto place = Place::of(finding, fact.at.time);
        const bool answered = run.sums.synacks > 0 || proof_of(findings, place, address) != Proof::none;
        auto confidence = confidence_of({!watched.has_past(), !answered});
        if (!answered) confidence = Confidence::low;
        finding.confidence = limited_by_capture(findings, place, confidence);
        finding.urgency = urgency_of(about.severity, finding.confidence,
                                     {.part = run.sums.attempts - std::min(run.sums.completed, run.sums.attempts),
                                      .whole = run.sums.attempts,
                                      .completions_fell = run.completions_fell});
        finding.threshold = {{"incomplete", static_cast<std::int64_t>(limits_.incomplete)},
                             {"growth", static_cast<std::int64_t>(limits_.growth)}};
        finding.window_seconds = seconds(limits_.window);
        return finding;
    }

    static std::string numbers(const HandshakeRun& run, const std::string& ends) {
        return " got " + counted(run.sums.syns, "SYN", "SYNs") + ends + ", up to " + std::to_string(run.syns.peak()) +
               " a second; " + std::to_string(run.sums.completed) + " of " +
               counted(run.sums.attempts, "handshake was", "handshakes were") + " finished" +
               (run.completions_fell ? ", and others finish fewer than before" : "");
    }

    HandshakeLimits limits_;
    HandshakeWatch services_;
    HandshakeWatch sources_;
    EventTime last_target_;
};

}  // namespace

extern constinit const RuleEntry tcp_syn_flood = entry<TcpSynFlood>(about);

}  // namespace wiresage::rules
