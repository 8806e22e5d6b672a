// tcp_handshake_ack_mismatch: a client ends the handshake with an acknowledgment of bytes that the server never sent.
// Page: tcp_handshake_ack_mismatch.md.

#include <algorithm>

#include "detect/bounded_map.hpp"
#include "detect/connection_tally.hpp"
#include "detect/rule.hpp"

namespace wiresage::rules {

namespace {

constexpr Setting settings[] = {
    {"connections", SettingKind::count, 1, 1, 1'000'000, "connections from here on"},
};

constexpr EvidenceKey evidence[] = {
    {"count", EvidenceType::integer},
    {"expected_ack", EvidenceType::integer},
    {"observed_ack", EvidenceType::integer},
    {"delta", EvidenceType::integer},
};

constexpr std::string_view next_steps[] = {
    "Capture at the client too: does the SYN-ACK that arrives there carry payload, or another sequence number?",
    "Look at devices between that rewrite sequence numbers or lengths: firewalls, NAT, SYN proxies, NIC drivers.",
    "Compare with a client behind another device: who is hit shares one.",
};

constexpr About about{
    .id = "tcp_handshake_ack_mismatch",
    .name = "Handshake acknowledges what was never sent",
    .category = "tcp",
    .kind = RuleKind::flow,
    .severity = Severity::error,
    .settings = settings,
    .evidence = evidence,
    .source = "client ip:port",
    .destination = "server ip:port",
    .entity = "client ip > service",
    .cause =
        "Something between this point and the client altered the SYN-ACK (length or sequence number), or the "
        "client's ACK. The client itself is most likely well.",
    .unknowable =
        "Whether the client or the way is at fault: from here the client looks guilty. A capture at the "
        "client shows the SYN-ACK as it arrives.",
    .next_steps = next_steps,
};

class TcpHandshakeAckMismatch {
public:
    explicit TcpHandshakeAckMismatch(const RuleContext& context)
        : connections_{context.settings.count("connections")},
          quiet_{context.settings.resolve_after},
          entries_{context.most_hosts} {}

    void on(const Fact& fact, const OddHandshake& what, Findings& findings) {
        if (what.kind != OddHandshakeKind::ack_mismatch) return;
        const ClientOfService key{what.client.ip, what.server, fact.vlan};
        auto& entry = entries_.at(key);
        if (entry.add(fact, what.began, what.began_stamp, what.began_frame, what.first, quiet_)) entry.first = what;
        entry.between(what.client, what.client_mac, what.server, what.server_mac);
        if (entry.count() >= connections_) report(fact, key, entry, findings);
    }

private:
    struct Entry : ConnectionTally {
        OddHandshake first;
    };

    void report(const Fact& fact, const ClientOfService& key, const Entry& entry, Findings& findings) const {
        const std::uint32_t expected = entry.first.server_isn + 1;
        const auto delta = static_cast<std::int32_t>(entry.first.observed_ack - expected);
        Finding finding;
        entry.describe(finding);
        finding.entity = key.entity();
        // One step down for fewer than three connections: an unseen byte of the server looks the same.
        finding.confidence = limited_by_capture(findings, fact, confidence_of({entry.count() < 3}));
        finding.urgency = urgency_of(about.severity, finding.confidence, {});
        finding.evidence.set("count", entry.count());
        finding.evidence.set("expected_ack", expected);
        finding.evidence.set("observed_ack", entry.first.observed_ack);
        finding.evidence.set("delta", static_cast<std::int64_t>(delta));
        finding.message = key.client.text() + " ended the handshake with " + key.service.text() + " by acknowledging " +
                          std::to_string(entry.first.observed_ack) + " instead of " + std::to_string(expected) + ", " +
                          counted(static_cast<std::uint64_t>(std::abs(std::int64_t{delta})), "byte", "bytes") +
                          (delta > 0 ? " that the server did not send" : " less than its SYN-ACK") +
                          (entry.count() > 1 ? ", in " + counted(entry.count(), "connection", "connections") : "");
        finding.threshold = {{"connections", static_cast<std::int64_t>(connections_)}};
        finding.wireshark_filter = filter_between(key);
        findings.report(std::move(finding));
    }

    std::uint64_t connections_;
    Duration quiet_;
    BoundedMap<ClientOfService, Entry, ServiceHash> entries_;
};

}  // namespace

extern constinit const RuleEntry tcp_handshake_ack_mismatch = entry<TcpHandshakeAckMismatch>(about);

}  // namespace wiresage::rules
