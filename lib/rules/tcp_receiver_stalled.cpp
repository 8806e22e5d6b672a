// tcp_receiver_stalled: a receiver takes no more data, and the sender waits for it.
// Page: tcp_receiver_stalled.md.

#include <algorithm>

#include "detect/bounded_map.hpp"
#include "detect/connection_tally.hpp"
#include "detect/rule.hpp"

namespace wiresage::rules {

namespace {

constexpr Setting settings[] = {
    {"stalled", SettingKind::duration, in_seconds(2), in_milliseconds(100), in_seconds(3600),
     "closed windows that add up to this long count"},
};

constexpr EvidenceKey evidence[] = {
    {"count", EvidenceType::integer},    {"zero_windows", EvidenceType::integer}, {"stalled_s", EvidenceType::number},
    {"longest_s", EvidenceType::number}, {"probes", EvidenceType::integer},
};

constexpr std::string_view next_steps[] = {
    "On the receiver: `ss -tnpm` shows a full Recv-Q and whose socket it is.",
    "Find out what that process waits for (disk, lock, database, CPU): `top -H -p PID`, `strace -p PID`.",
    "Is it slow only with much data? Then look at its receive buffer and at what it does per message.",
};

constexpr About about{
    .id = "tcp_receiver_stalled",
    .name = "TCP receiver takes no data",
    .category = "tcp",
    .kind = RuleKind::flow,
    .severity = Severity::warning,
    .settings = settings,
    .evidence = evidence,
    .source = "receiver ip:port",
    .destination = "sender ip:port",
    .entity = "receiver ip > sender ip, service port",
    .cause =
        "The application on the receiver does not read what its host has received: it is busy, blocked or "
        "suspended. The network is well.",
    .unknowable = "What the application waits for.",
    .next_steps = next_steps,
};

class TcpReceiverStalled {
public:
    explicit TcpReceiverStalled(const RuleContext& context)
        : stalled_{context.settings.duration("stalled")},
          quiet_{context.settings.resolve_after},
          entries_{context.most_hosts} {}

    void on(const Fact& fact, const WindowStall& what, Findings& findings) {
        const ClientOfService key{what.ends.receiver.ip, {what.ends.sender.ip, what.ends.service_port()}, fact.vlan};
        auto& entry = entries_.at(key);
        const bool begins = entry.add(fact, what.began, what.began_stamp, what.first_frame, what.ends.first, quiet_);
        if (begins) entry.clear();
        entry.between(what.ends.receiver, what.ends.receiver_mac, what.ends.sender, what.ends.sender_mac);
        entry.stalled += what.stalled;
        entry.longest = std::max(entry.longest, what.longest);
        entry.zero_windows += what.episodes;
        entry.probes += what.probes;
        entry.handshake_seen = entry.handshake_seen || what.ends.handshake_seen;
        if (entry.stalled >= stalled_) report(fact, key, entry, findings);
    }

private:
    struct Entry : ConnectionTally {
        Duration stalled{};
        Duration longest{};
        std::uint64_t zero_windows = 0;
        std::uint64_t probes = 0;
        bool handshake_seen = false;
        void clear() {
            stalled = longest = {};
            zero_windows = probes = 0;
            handshake_seen = false;
        }
    };

    void report(const Fact& fact, const ClientOfService& key, const Entry& entry, Findings& findings) const {
        // A stranger's paused player is nobody's trouble here.
        const auto severity = findings.site().is_internal(key.client) ? about.severity : Severity::info;
        Finding finding;
        entry.describe(finding);
        finding.entity = key.entity();
        if (severity != about.severity) finding.severity = severity;
        // The receiver says so itself; that the sender has more is proven by its probes.
        finding.confidence =
            limited_by_capture(findings, fact, confidence_of({!entry.handshake_seen, entry.probes == 0}));
        finding.urgency = urgency_of(severity, finding.confidence, {});
        finding.evidence.set("count", entry.count());
        finding.evidence.set("zero_windows", std::max<std::uint64_t>(entry.zero_windows, 1));
        finding.evidence.set("stalled_s", seconds(entry.stalled));
        finding.evidence.set("longest_s", seconds(entry.longest));
        finding.evidence.set("probes", entry.probes);
        finding.message = key.client.text() + " closed its receive window to " + key.service.ip.text() + " (port " +
                          std::to_string(key.service.port) + ") for " + with_tenths(seconds(entry.stalled)) +
                          " s in all, " + with_tenths(seconds(entry.longest)) + " s at the longest, while the sender " +
                          (entry.probes > 0 ? "probed " + counted(entry.probes, "time", "times") : "had more to send");
        finding.threshold = {{"stalled_s", seconds(stalled_)}};
        finding.window_seconds = seconds(quiet_);
        finding.wireshark_filter = filter_between(key) + " && tcp.analysis.zero_window";
        findings.report(std::move(finding));
    }

    Duration stalled_;
    Duration quiet_;
    BoundedMap<ClientOfService, Entry, ServiceHash> entries_;
};

}  // namespace

extern constinit const RuleEntry tcp_receiver_stalled = entry<TcpReceiverStalled>(about);

}  // namespace wiresage::rules
