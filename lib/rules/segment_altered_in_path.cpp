// segment_altered_in_path: the same segment says other things at two points, beyond what address translation changes.
// Page: segment_altered_in_path.md.

#include <algorithm>
#include <cstdio>

#include "detect/bounded_map.hpp"
#include "detect/judge.hpp"
#include "detect/keys.hpp"
#include "detect/rule.hpp"

namespace wiresage::rules {

namespace {

constexpr Setting settings[] = {
    {"segments", SettingKind::count, 1, 1, 1'000'000, "altered segments of a service and client from here on"},
};

constexpr EvidenceKey evidence[] = {
    {"field", EvidenceType::text},           {"seq", EvidenceType::integer},
    {"sent", EvidenceType::integer_or_text}, {"received", EvidenceType::integer_or_text},
    {"count", EvidenceType::integer},
};

constexpr std::string_view next_steps[] = {
    "List what stands between the two points (firewalls, load balancers, WAN optimisers, virtual switches) and capture "
    "before and behind each.",
    "On the hosts: drivers and offload settings of the network cards (`ethtool -k`), filter drivers, security agents.",
    "Switch off inspection or normalisation for this connection on the devices between, one at a time.",
};

constexpr About about{
    .id = "segment_altered_in_path",
    .name = "TCP segment altered between two points",
    .category = "tcp",
    .kind = RuleKind::pair,
    .severity = Severity::error,
    .settings = settings,
    .evidence = evidence,
    .source = "sender ip:port",
    .destination = "receiver ip:port",
    .entity = "service > client ip, field",
    .cause = "A device or driver between the two capture points rewrites the segment.",
    .unknowable = "Which device between the points it is; and whether it is a driver of one of the capturing hosts.",
    .next_steps = next_steps,
};

/// Translators rewrite the addresses that these protocols carry as text (RFC 2663, 2.9): FTP, SIP.
bool carries_addresses(const PathChange& change) noexcept {
    return change.translated && (change.server.port == 21 || change.server.port == 5060);
}

/// What a healthy network does is a note: a lower MSS in front of a tunnel, an option that a firewall does not know.
Severity severity_of(const PathChange& change) noexcept {
    switch (change.field) {
        case PathField::option_mss:
            return change.received != 0 && change.received <= change.sent ? Severity::info : Severity::warning;
        case PathField::option_fast_open:
        case PathField::option_other:
            return Severity::info;
        case PathField::option_sack_permitted:
        case PathField::option_timestamps:
            return Severity::warning;
        case PathField::payload:
        case PathField::payload_len:
            return carries_addresses(change) ? Severity::info : Severity::error;
        case PathField::option_window_scale:
        case PathField::flags:
            break;
    }
    return Severity::error;
}

struct Key {
    Endpoint service;
    Address client;
    PathField field = PathField::payload_len;
    std::uint16_t vlan = 0;
    friend bool operator==(const Key&, const Key&) = default;
};

struct KeyHash {
    std::size_t operator()(const Key& key) const noexcept {
        const AddressHash hash;
        return spread(spread(hash(key.service)) + hash(key.client) + key.vlan +
                      (static_cast<std::size_t>(key.field) << 32));
    }
};

class SegmentAlteredInPath {
public:
    explicit SegmentAlteredInPath(const RuleContext& context)
        : segments_{context.settings.count("segments")}, changes_{context.most_hosts} {}

    void on(const Fact& fact, const PathChange& what, Findings&) {
        auto& entry = changes_.at(Key{what.server, what.client.ip, what.field, fact.vlan});
        entry.sender.see(what.by_client ? what.client : what.server, {});
        entry.receiver.see(what.by_client ? what.server : what.client, {});
        ++entry.sessions;
        entry.count += what.count;
        entry.severity = std::max(entry.severity, severity_of(what));
        if (entry.sessions == 1 || what.first < entry.first.first) entry.first = what;
        is_news_ = true;
    }

    void on(const Fact&, const Tick&, Findings& findings) {
        if (!is_news_) return;
        is_news_ = false;
        changes_.for_each([&](const Key& key, const Entry& entry) {
            if (entry.count >= segments_) report(key, entry, findings);
        });
    }

private:
    struct Entry {
        PathChange first;
        AgreedEnd sender;
        AgreedEnd receiver;
        Severity severity = Severity::info;
        std::uint64_t sessions = 0;
        std::uint64_t count = 0;
    };

    /// Numbers as they are; a digest of bytes as text.
    static void set_value(Evidence& evidence_of, const char* key, PathField field, std::int64_t value) {
        if (field != PathField::payload) {
            evidence_of.set(key, value);
            return;
        }
        char text[32];
        std::snprintf(text, sizeof text, "digest %08llx", static_cast<unsigned long long>(value));
        evidence_of.set(key, text);
    }

    static std::string message_of(const Entry& entry) {
        const auto& first = entry.first;
        const auto& sender = first.by_client ? first.client : first.server;
        const auto& receiver = first.by_client ? first.server : first.client;
        std::string text = sender.text() + " sent a segment to " + receiver.text() + " with ";
        if (first.field == PathField::payload) {
            text += "a payload that arrived with the same length and other bytes";
        } else {
            text += std::string{name(first.field)} + " " + std::to_string(first.sent) + " that arrived with " +
                    std::to_string(first.received);
        }
        if (first.equals_padding) text += ", exactly what pads the frame to Ethernet's least size";
        if (entry.count > 1) text += " (" + counted(entry.count, "segment", "segments") + ")";
        return text;
    }

    void report(const Key& key, const Entry& entry, Findings& findings) const {
        const auto& first = entry.first;
        Finding finding;
        finding.entity = key.service.text() + ">" + key.client.text() + ", " + std::string{name(key.field)};
        finding.source = entry.sender.with_port();
        finding.destination = entry.receiver.with_port();
        finding.transport = Transport::tcp;
        finding.start = finding.start_stamp = first.first;
        finding.input = first.sent_input;
        finding.vlan = key.vlan;
        if (entry.severity != about.severity) finding.severity = entry.severity;
        finding.urgency = urgency_of(entry.severity, finding.confidence, {});
        finding.impact = {static_cast<std::int64_t>(entry.sessions), 1, {}};
        finding.evidence.set("field", std::string{name(key.field)});
        finding.evidence.set("seq", first.seq);
        set_value(finding.evidence, "sent", key.field, first.sent);
        set_value(finding.evidence, "received", key.field, first.received);
        finding.evidence.set("count", entry.count);
        if (first.equals_padding) {
            finding.cause =
                "Something between the two points took the length of the padded Ethernet frame for that of "
                "the packet and turned padding into payload: a driver, a virtual switch or a filter.";
        }
        keep_packet(finding.packets, first.sent_input, first.sent_frame);
        keep_packet(finding.packets, first.received_input, first.received_frame);
        finding.message = message_of(entry);
        finding.threshold = {{"segments", static_cast<std::int64_t>(segments_)}};
        finding.wireshark_filter = filter_ip("addr", key.service.ip) + " && " + filter_ip("addr", key.client) +
                                   " && tcp.port==" + std::to_string(key.service.port) +
                                   " && tcp.seq_raw==" + std::to_string(first.seq);
        findings.report(std::move(finding));
    }

    std::uint64_t segments_;
    BoundedMap<Key, Entry, KeyHash> changes_;
    bool is_news_ = false;
};

}  // namespace

extern constinit const RuleEntry segment_altered_in_path = entry<SegmentAlteredInPath>(about);

}  // namespace wiresage::rules
