// tcp_retransmission_stall: one segment is sent again and again and never acknowledged.
// Page: tcp_retransmission_stall.md.

#include <algorithm>
#include <vector>

#include "detect/bounded_map.hpp"
#include "detect/connection_tally.hpp"
#include "detect/rule.hpp"

namespace wiresage::rules {

namespace {

constexpr Setting settings[] = {
    {"stalled", SettingKind::duration, in_seconds(3), in_seconds(1), in_seconds(3600),
     "a stall that lasts at least this long counts"},
    {"retransmissions", SettingKind::count, 3, 3, 1000, "copies of the segment from here on"},
    {"peers", SettingKind::count, 3, 2, 1000, "stalled external peers of one net that make it more than info"},
};

constexpr EvidenceKey evidence[] = {
    {"count", EvidenceType::integer},       {"retransmissions", EvidenceType::integer},
    {"segment_len", EvidenceType::integer}, {"seq_relative", EvidenceType::integer},
    {"stalled_s", EvidenceType::number},    {"backoff_ratio", EvidenceType::number},
    {"sack", EvidenceType::integers, true}, {"smaller_passed", EvidenceType::boolean},
    {"ended_by", EvidenceType::text, true},
};

constexpr std::string_view next_steps[] = {
    "Capture at the receiver too and compare: `wiresage compare NEAR FAR` says which copies arrived.",
    "Is only a large segment stuck, and smaller ones pass? Try `ping -M do -s 1472 PEER`: look at MTU and tunnels.",
    "Counters on the way: `ethtool -S IFACE`, switch and router ports (errors, discards), duplex, teaming drivers.",
};

constexpr About about{
    .id = "tcp_retransmission_stall",
    .name = "TCP segment resent in vain",
    .category = "tcp",
    .kind = RuleKind::flow,
    .severity = Severity::error,
    .settings = settings,
    .evidence = evidence,
    .source = "sender ip:port",
    .destination = "receiver ip:port",
    .entity = "sender ip > receiver ip, service port",
    .cause = "The segment, or every acknowledgment of it, is lost beyond this point; or the receiver has gone.",
    .unknowable =
        "Where it is lost: with one capture point that may be anywhere between this host's driver and the "
        "receiver's.",
    .next_steps = next_steps,
};

class TcpRetransmissionStall {
public:
    explicit TcpRetransmissionStall(const RuleContext& context)
        : stalled_ms_{static_cast<std::uint64_t>(context.settings.duration("stalled") / std::chrono::milliseconds{1})},
          copies_{context.settings.count("retransmissions")},
          peers_{context.settings.count("peers")},
          quiet_{std::max<Duration>(context.settings.resolve_after, span)},
          entries_{context.most_hosts},
          nets_{context.most_hosts} {}

    void on(const Fact& fact, const SegmentStall& what, Findings& findings) {
        if (what.stalled_ms < stalled_ms_ || what.copies < copies_) return;
        const auto key = sender_and_receiver(what.ends, fact.vlan);
        auto& entry = entries_.at(key);
        // A stall of which nothing was told is over with its ACK: repaired, and no news.
        if (entry.add(fact, what.began, what.began_stamp, what.first_frame, what.ends.first, quiet_)) entry.clear();
        entry.between(what.ends);
        entry.see(what);
        const bool inside =
            findings.site().is_internal(what.ends.sender.ip) && findings.site().is_internal(what.ends.receiver.ip);
        const bool shared = !inside && count_peer(fact, what, findings.site()) >= peers_;
        report(fact, key, entry, inside, shared, findings);
    }

private:
    /// Time-outs grow up to two minutes; an episode lasts from one to the next.
    static constexpr Duration span = std::chrono::seconds{150};

    struct Entry : ConnectionTally {
        SegmentStall worst;
        void clear() { worst = {}; }
        void see(const SegmentStall& what) {
            const bool same = worst.began == what.began && worst.seq_relative == what.seq_relative;
            if (same || what.copies >= worst.copies) worst = what;
        }
    };

    struct Net {
        Episode episode;
        std::vector<Address> peers;
    };

    /// The receiver's or sender's net: whichever is outside.
    std::uint64_t count_peer(const Fact& fact, const SegmentStall& what, const Site& site) {
        const Address& peer = site.is_internal(what.ends.receiver.ip) ? what.ends.sender.ip : what.ends.receiver.ip;
        auto& net = nets_.at({{peer_net(peer), 0}, fact.vlan});
        if (net.episode.touch(fact, quiet_)) net.peers.clear();
        if (std::find(net.peers.begin(), net.peers.end(), peer) == net.peers.end() && net.peers.size() < peers_)
            net.peers.push_back(peer);
        return net.peers.size();
    }

    void report(const Fact& fact, const ClientOfService& key, const Entry& entry, bool inside, bool shared,
                Findings& findings) const {
        const SegmentStall& worst = entry.worst;
        const auto severity = inside || shared ? about.severity : Severity::info;
        const bool smaller = worst.largest_passed > 0 && worst.largest_passed < worst.payload_bytes;
        Finding finding;
        entry.describe(finding);
        finding.entity = key.entity();
        if (severity != about.severity) finding.severity = severity;
        finding.confidence = limited_by_capture(
            findings, fact,
            confidence_of({!worst.ends.handshake_seen, entry.count() < 3 && !shared, worst.end == TroubleEnd::ack}));
        finding.urgency = urgency_of(severity, finding.confidence, {});
        finding.evidence.set("count", entry.count());
        finding.evidence.set("retransmissions", std::uint32_t{worst.copies});
        finding.evidence.set("segment_len", worst.payload_bytes);
        finding.evidence.set("seq_relative", worst.seq_relative);
        const double stalled = static_cast<double>(worst.stalled_ms) / 1000;
        finding.evidence.set("stalled_s", stalled);
        finding.evidence.set("backoff_ratio", static_cast<double>(worst.backoff_ratio) / 1000);
        if (worst.sack_count > 0) {
            std::vector<std::int64_t> edges(worst.sack.begin(), worst.sack.begin() + worst.sack_count);
            finding.evidence.set("sack", std::move(edges), worst.sack_count);
        }
        finding.evidence.set("smaller_passed", smaller);
        if (worst.end != TroubleEnd::open) finding.evidence.set("ended_by", name(worst.end));
        finding.message =
            worst.ends.sender.text() + " sent the same " + counted(worst.payload_bytes, "byte", "bytes") + " " +
            std::to_string(worst.copies + 1) + " times to " + worst.ends.receiver.text() + " within " +
            with_tenths(stalled) + " s" +
            (worst.end == TroubleEnd::ack ? " before they were acknowledged" : " without an acknowledgment") +
            (worst.sack_count > 0 ? "; the receiver has what came after them (SACK)" : "") +
            (smaller ? "; only smaller segments come through" : "");
        if (smaller) {
            finding.cause =
                "Segments of this size do not come through while smaller ones do: an MTU smaller than "
                "the ends believe, or a fault that depends on size or content.";
        }
        finding.threshold = {{"stalled_s", static_cast<double>(stalled_ms_) / 1000},
                             {"retransmissions", static_cast<std::int64_t>(copies_)}};
        finding.window_seconds = stalled;
        finding.wireshark_filter = filter_between(key) + " && tcp.analysis.retransmission";
        findings.report(std::move(finding));
    }

    std::uint64_t stalled_ms_;
    std::uint64_t copies_;
    std::uint64_t peers_;
    Duration quiet_;
    BoundedMap<ClientOfService, Entry, ServiceHash> entries_;
    BoundedMap<ServiceAt, Net, ServiceHash> nets_;
};

}  // namespace

extern constinit const RuleEntry tcp_retransmission_stall = entry<TcpRetransmissionStall>(about);

}  // namespace wiresage::rules
