// tcp_hole_never_filled: bytes that a receiver asks for never come past this point.
// Page: tcp_hole_never_filled.md.

#include <algorithm>

#include "detect/bounded_map.hpp"
#include "detect/connection_tally.hpp"
#include "detect/rule.hpp"

namespace wiresage::rules {

namespace {

constexpr Setting settings[] = {
    {"open", SettingKind::duration, in_seconds(3), in_seconds(1), in_seconds(3600),
     "a hole that stays open at least this long counts"},
    {"peers", SettingKind::count, 3, 2, 1000, "external senders with a hole that make it more than info"},
};

constexpr EvidenceKey evidence[] = {
    {"count", EvidenceType::integer},        {"missing_bytes", EvidenceType::integer},
    {"seq_relative", EvidenceType::integer}, {"dup_acks", EvidenceType::integer},
    {"open_s", EvidenceType::number},        {"ended_by", EvidenceType::text},
};

constexpr std::string_view next_steps[] = {
    "Capture at the sender too: does the segment leave there, and how often? `wiresage compare NEAR FAR` says.",
    "Is the missing piece a full-size segment? Then look at MTU, tunnels and filtered ICMP between the two.",
    "Look at this host's own receive path: `ethtool -S IFACE` (drops, CRC errors), filter drivers, XDP programs.",
};

constexpr About about{
    .id = "tcp_hole_never_filled",
    .name = "Missing bytes never arrive",
    .category = "tcp",
    .kind = RuleKind::flow,
    .severity = Severity::error,
    .settings = settings,
    .evidence = evidence,
    .source = "sender ip:port",
    .destination = "receiver ip:port",
    .entity = "sender ip > receiver ip, service port",
    .cause = "The segment is lost before this point, with every copy that the sender made of it; later ones arrive.",
    .unknowable = "Whether the sender sent it at all, and how often: that takes a capture at the sender.",
    .next_steps = next_steps,
};

class TcpHoleNeverFilled {
public:
    explicit TcpHoleNeverFilled(const RuleContext& context)
        : open_{context.settings.duration("open")},
          peers_{context.settings.count("peers")},
          quiet_{context.settings.resolve_after},
          entries_{context.most_hosts},
          senders_{context.most_hosts} {}

    void on(const Fact& fact, const SequenceHole& what, Findings& findings) {
        if (what.open < open_) return;
        const auto key = sender_and_receiver(what.ends, fact.vlan);
        auto& entry = entries_.at(key);
        if (entry.add(fact, what.began, what.began_stamp, what.first_frame, what.ends.first, quiet_))
            entry.worst = what;
        entry.between(what.ends);
        if (what.open > entry.worst.open) entry.worst = what;
        const Site& site = findings.site();
        const bool inside = site.is_internal(what.ends.sender.ip) && site.is_internal(what.ends.receiver.ip);
        const bool shared = !inside && count_sender(fact, what) >= peers_;
        report(fact, key, entry, inside, shared, findings);
    }

private:
    struct Entry : ConnectionTally {
        SequenceHole worst;
    };
    struct Senders {
        Episode episode;
        std::vector<Address> seen;
    };

    /// Of the receiver's service.
    std::uint64_t count_sender(const Fact& fact, const SequenceHole& what) {
        auto& senders = senders_.at({{what.ends.receiver.ip, what.ends.service_port()}, fact.vlan});
        if (senders.episode.touch(fact, quiet_)) senders.seen.clear();
        const Address& sender = what.ends.sender.ip;
        const bool known = std::find(senders.seen.begin(), senders.seen.end(), sender) != senders.seen.end();
        if (!known && senders.seen.size() < peers_) senders.seen.push_back(sender);
        return senders.seen.size();
    }

    void report(const Fact& fact, const ClientOfService& key, const Entry& entry, bool inside, bool shared,
                Findings& findings) const {
        const SequenceHole& worst = entry.worst;
        const auto severity = inside || shared ? about.severity : Severity::info;
        Finding finding;
        entry.describe(finding);
        finding.entity = key.entity();
        if (severity != about.severity) finding.severity = severity;
        finding.confidence = limited_by_capture(
            findings, fact, confidence_of({!worst.ends.handshake_seen, entry.count() < 3 && !shared}));
        finding.urgency = urgency_of(severity, finding.confidence, {});
        finding.evidence.set("count", entry.count());
        finding.evidence.set("missing_bytes", worst.missing_bytes);
        finding.evidence.set("seq_relative", worst.seq_relative);
        finding.evidence.set("dup_acks", worst.dup_acks);
        finding.evidence.set("open_s", seconds(worst.open));
        finding.evidence.set("ended_by", name(worst.end));
        finding.message = counted(worst.missing_bytes, "byte", "bytes") + " from " + worst.ends.sender.text() + " to " +
                          worst.ends.receiver.text() + " never arrived here in " + with_tenths(seconds(worst.open)) +
                          " s, though the receiver asked for them (" +
                          (worst.sacked ? "SACK" : counted(worst.dup_acks, "duplicate ACK", "duplicate ACKs")) +
                          "); then the connection ended by " + name(worst.end);
        finding.threshold = {{"open_s", seconds(open_)}};
        finding.window_seconds = seconds(open_);
        finding.wireshark_filter = filter_between(key);
        findings.report(std::move(finding));
    }

    Duration open_;
    std::uint64_t peers_;
    Duration quiet_;
    BoundedMap<ClientOfService, Entry, ServiceHash> entries_;
    BoundedMap<ServiceAt, Senders, ServiceHash> senders_;
};

}  // namespace

extern constinit const RuleEntry tcp_hole_never_filled = entry<TcpHoleNeverFilled>(about);

}  // namespace wiresage::rules
