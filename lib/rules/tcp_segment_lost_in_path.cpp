// tcp_segment_lost_in_path: bytes that one point sent, again and again, and of which no copy reached the other.
// Page: tcp_segment_lost_in_path.md.

#include <algorithm>

#include "detect/bounded_map.hpp"
#include "detect/judge.hpp"
#include "detect/keys.hpp"
#include "detect/rule.hpp"

namespace wiresage::rules {

namespace {

constexpr Setting settings[] = {
    {"copies", SettingKind::count, 2, 1, 1000,
     "the same bytes sent so often and never seen; once is enough where more was sent after them"},
};

constexpr EvidenceKey evidence[] = {
    {"seq_relative", EvidenceType::integer}, {"segment_len", EvidenceType::integer},
    {"lost_copies", EvidenceType::integer},  {"arrived_smaller", EvidenceType::boolean},
    {"direction", EvidenceType::text},
};

constexpr std::string_view next_steps[] = {
    "Capture at a point between the two: each halving of the path leaves half of the devices.",
    "Where only large segments are lost: `ping -M do -s SIZE` along the path finds the hop with the smaller MTU.",
    "Read drop and error counters of the interfaces between (`ethtool -S`, the switches' and firewalls' own), and the "
    "firewalls' logs for this connection.",
    "On both hosts: counters of the network card and filter drivers; loss below a capture's hook looks the same.",
};

constexpr About about{
    .id = "tcp_segment_lost_in_path",
    .name = "TCP segment lost between two points",
    .category = "tcp",
    .kind = RuleKind::pair,
    .severity = Severity::error,
    .settings = settings,
    .evidence = evidence,
    .source = "sender ip:port",
    .destination = "receiver ip:port",
    .entity = "sender > receiver (near addresses)",
    .cause =
        "Something between the two capture points drops these segments each time: a smaller MTU whose ICMP message "
        "is not heeded, a filter, a faulty device or cable.",
    .unknowable =
        "Which device between the points it is, and whether the sending host's own network card let the "
        "segments out: a capture sees them before that.",
    .next_steps = next_steps,
};

class TcpSegmentLostInPath {
public:
    explicit TcpSegmentLostInPath(const RuleContext& context)
        : copies_{context.settings.count("copies")}, pairs_{context.most_hosts} {}

    void on(const Fact& fact, const PathLoss& what, Findings&) {
        // One copy at the very end of what was sent: the capture, or the session, ended there.  One copy where the
        // receiver's capture loses packets: most likely one more of those.
        if (what.copies < copies_ && (!what.went_on || what.receiver_missed)) return;
        auto& entry = pairs_.at(FromHostToHost{what.sender.ip, what.receiver.ip, fact.vlan});
        entry.sender.see(what.sender, {});
        entry.receiver.see(what.receiver, {});
        ++entry.sessions;
        entry.ranges += what.ranges;
        entry.bytes += what.bytes;
        entry.missed |= what.receiver_missed;
        entry.start = std::min(entry.start, what.first);
        if (entry.sessions == 1 || what.copies > entry.worst.copies) {
            entry.worst = what;
            entry.input = fact.at.input;
        }
        is_news_ = true;
    }

    void on(const Fact&, const Tick&, Findings& findings) {
        if (!is_news_) return;
        is_news_ = false;
        pairs_.for_each([&](const FromHostToHost& key, const Entry& entry) { report(key, entry, findings); });
    }

private:
    struct Entry {
        PathLoss worst;
        AgreedEnd sender;
        AgreedEnd receiver;
        EventTime start = latest_event_time;
        std::uint64_t sessions = 0;
        std::uint64_t ranges = 0;
        std::uint64_t bytes = 0;
        std::uint16_t input = 0;
        bool missed = false;
    };

    static std::string message_of(const Entry& entry) {
        const auto& worst = entry.worst;
        const auto times = worst.copies == 1 ? std::string{"once"} : std::to_string(worst.copies) + " times";
        std::string text = worst.sender.text();
        if (worst.length == 0) {
            text += " sent its SYN to " + worst.receiver.text() + " " + times;
        } else {
            text += " sent bytes " + std::to_string(worst.seq_relative) + " to " +
                    std::to_string(worst.seq_relative + worst.length - 1) + " (" +
                    counted(worst.length, "byte", "bytes") + ") to " + worst.receiver.text() + " " + times;
        }
        text += worst.copies == 1 ? "; it did not arrive at the " : "; no copy arrived at the ";
        text += worst.near_to_far ? "far point" : "near point";
        if (worst.arrived_smaller) text += ", while smaller segments did";
        if (entry.ranges > 1) {
            text += " (the worst of " + std::to_string(entry.ranges) + " ranges in " +
                    counted(entry.sessions, "session", "sessions") + ")";
        }
        return text;
    }

    void report(const FromHostToHost& key, const Entry& entry, Findings& findings) const {
        const auto& worst = entry.worst;
        Finding finding;
        finding.entity = key.from.text() + ">" + key.to.text();
        finding.source = entry.sender.with_port();
        finding.destination = entry.receiver.with_port();
        finding.transport = Transport::tcp;
        finding.start = finding.start_stamp = entry.start;
        finding.input = entry.input;
        finding.vlan = key.vlan;
        finding.confidence = confidence_of({worst.copies < 3 && entry.ranges < 3, worst.receiver_silent});
        if (entry.missed) {
            finding.confidence = Confidence::low;
            finding.unknowable =
                std::string{about.unknowable} +
                " The receiver's capture itself missed bytes that were acknowledged, so these may have "
                "arrived too.";
        }
        if (worst.length == 0) {
            finding.cause =
                "Something between the two capture points drops the connection's first packet: a firewall's "
                "or router's rule for this port, while other traffic of the same hosts passes.";
        }
        finding.urgency = urgency_of(about.severity, finding.confidence, {});
        finding.impact = {static_cast<std::int64_t>(entry.sessions), 1, {}};
        finding.evidence.set("seq_relative", worst.seq_relative);
        finding.evidence.set("segment_len", worst.length);
        finding.evidence.set("lost_copies", worst.copies);
        finding.evidence.set("arrived_smaller", worst.arrived_smaller);
        finding.evidence.set("direction", worst.near_to_far ? "near_to_far" : "far_to_near");
        for (const auto frame : worst.frames) keep_packet(finding.packets, worst.input, frame);
        finding.message = message_of(entry);
        finding.threshold = {{"copies", static_cast<std::int64_t>(copies_)}};
        finding.wireshark_filter = filter_end("src", "tcp", worst.sender) + " && " +
                                   filter_end("dst", "tcp", worst.receiver) +
                                   " && tcp.seq==" + std::to_string(worst.seq_relative);
        findings.report(std::move(finding));
    }

    std::uint64_t copies_;
    BoundedMap<FromHostToHost, Entry, ServiceHash> pairs_;
    bool is_news_ = false;
};

}  // namespace

extern constinit const RuleEntry tcp_segment_lost_in_path = entry<TcpSegmentLostInPath>(about);

}  // namespace wiresage::rules
