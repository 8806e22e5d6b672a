// tcp_bad_checksum: segments arrive damaged: the receiver throws them away.
// Page: tcp_bad_checksum.md.

#include <algorithm>

#include "detect/capture_episode.hpp"
#include "detect/rule.hpp"

namespace wiresage::rules {

namespace {

constexpr Setting settings[] = {
    {"count", SettingKind::count, 3, 1, 1'000'000, "damaged segments from here on"},
};

constexpr EvidenceKey evidence[] = {
    {"count", EvidenceType::integer},        {"direction", EvidenceType::text},
    {"acknowledged", EvidenceType::integer}, {"followed_by_retransmission", EvidenceType::boolean},
    {"share", EvidenceType::number},
};

constexpr std::string_view next_steps[] = {
    "`nstat -az TcpInCsumErrors` at the receiver: does its own stack throw them away too?",
    "`ethtool -S DEVICE` on both ends and the counters of the devices between: CRC, alignment and parity errors.",
    "Swap what can be swapped: cable, card, port; switch receive checksum offload off for a test (`ethtool -K DEVICE "
    "rx off`).",
};

constexpr About about{
    .id = "tcp_bad_checksum",
    .name = "Bad TCP checksums received",
    .category = "tcp",
    .kind = RuleKind::site,
    .severity = Severity::warning,
    .settings = settings,
    .evidence = evidence,
    .source = "sender ip:port",
    .destination = "receiver ip",
    .entity = "sender ip > receiver ip",
    .cause =
        "Something on the way damages packets after their frame check was made or before it is checked: memory of a "
        "router or switch, a network card, a driver.",
    .unknowable = "Where on the way: capture nearer to the sender to see whether the segments are whole there.",
    .next_steps = next_steps,
};

class TcpBadChecksum {
public:
    explicit TcpBadChecksum(const RuleContext& context)
        : count_{context.settings.count("count")}, quiet_{context.settings.resolve_after}, pairs_{context.most_hosts} {}

    void on(const Fact& fact, const BadChecksums& what, Findings& findings) {
        const Way way = way_of(what.way, what.sender.ip, what.receiver.ip, findings.site());
        if (way == Way::sent) return;  // The card was to compute it (capture_checksum_offload).
        const FromHostToHost key{what.sender.ip, what.receiver.ip, fact.vlan};
        auto& entry = pairs_.at(key);
        if (entry.at.touch(fact, what.first, what.first_frame, quiet_)) {
            const auto at = entry.at;
            entry = Entry{};
            entry.at = at;
        }
        entry.count += what.count;
        entry.acknowledged += what.acknowledged;
        entry.resent += what.resent;
        entry.of += what.of;
        entry.known_received = entry.known_received && way == Way::received;
        entry.sender.see(what.sender, {});
        ++entry.flows;
        // Acknowledged all the same: it was right on the wire, whoever spoilt it for us.
        if (entry.count < count_ || entry.acknowledged * 2 > entry.count) return;
        // Neither resent nor acknowledged proves something only where the receiver is seen to answer.
        if (entry.resent == 0 && proof_of(findings, Place::of(fact), what.receiver.ip) == Proof::none) return;
        report(fact, key, entry, findings);
    }

private:
    struct Entry {
        CaptureEpisode at;
        std::uint64_t count = 0;
        std::uint64_t acknowledged = 0;
        std::uint64_t resent = 0;
        std::uint64_t of = 0;
        std::uint64_t flows = 0;
        AgreedEnd sender;
        bool known_received = true;
    };

    void report(const Fact& fact, const FromHostToHost& key, const Entry& entry, Findings& findings) const {
        Finding finding;
        entry.at.episode.describe(finding);
        finding.packets = in_order(entry.at.packets);
        finding.transport = Transport::tcp;
        finding.confidence = limited_by_capture(
            findings, fact, confidence_of({!entry.known_received, entry.resent == 0, entry.acknowledged > 0}));
        finding.urgency = urgency_of(about.severity, finding.confidence, {});
        finding.entity = key.from.text() + ">" + key.to.text();
        finding.source = entry.sender.with_port();
        finding.destination = End::of(key.to);
        finding.impact = {static_cast<std::int64_t>(entry.flows), 1, {}};
        finding.evidence.set("count", entry.count);
        finding.evidence.set("direction", "received");
        finding.evidence.set("acknowledged", entry.acknowledged);
        finding.evidence.set("followed_by_retransmission", entry.resent > 0);
        finding.evidence.set("share", share_of(entry.count, entry.of));
        finding.message = counted(entry.count, "segment", "segments") + " of " + key.from.text() + " arrived at " +
                          key.to.text() + " with a wrong TCP checksum, " + std::to_string(entry.resent) +
                          " of them were sent again";
        finding.threshold = {{"count", static_cast<std::int64_t>(count_)}};
        finding.wireshark_filter =
            filter_ip("src", key.from) + " && " + filter_ip("dst", key.to) + " && tcp.checksum.status==0";
        findings.report(std::move(finding));
    }

    std::uint64_t count_;
    Duration quiet_;
    BoundedMap<FromHostToHost, Entry, ServiceHash> pairs_;
};

}  // namespace

extern constinit const RuleEntry tcp_bad_checksum = entry<TcpBadChecksum>(about);

}  // namespace wiresage::rules
