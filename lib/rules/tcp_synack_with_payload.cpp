// tcp_synack_with_payload: a SYN-ACK carries bytes that the server's TCP did not send.
// Page: tcp_synack_with_payload.md.

#include <algorithm>

#include "detect/bounded_map.hpp"
#include "detect/connection_tally.hpp"
#include "detect/rule.hpp"

namespace wiresage::rules {

namespace {

constexpr Setting settings[] = {
    {"payload", SettingKind::count, 1, 1, 65535, "bytes of payload in a SYN-ACK from here on"},
};

constexpr EvidenceKey evidence[] = {
    {"count", EvidenceType::integer},
    {"synack_count", EvidenceType::integer},
    {"payload_len", EvidenceType::integer},
    {"seq", EvidenceType::integer},
    {"expected_ack", EvidenceType::integer},
    {"observed_ack", EvidenceType::integer, true},
    {"equals_ethernet_padding", EvidenceType::boolean},
};

constexpr std::string_view next_steps[] = {
    "Capture at the server (or before the next device towards it) too: is the SYN-ACK's IP length the same there?",
    "Look at devices between the two points that rewrite packets: NAT, VPN, firewall, and NIC or teaming drivers.",
    "Compare with a client in another VLAN or behind another device: who is hit shares a device.",
};

constexpr About about{
    .id = "tcp_synack_with_payload",
    .name = "SYN-ACK carrying payload",
    .category = "tcp",
    .kind = RuleKind::flow,
    .severity = Severity::error,
    .settings = settings,
    .evidence = evidence,
    .source = "server ip:port",
    .destination = "client ip:port",
    .entity = "service > client ip",
    .cause =
        "A device or driver on the way has lengthened the SYN-ACK, or the server's TCP is broken. The client "
        "acknowledges bytes that the server never sent, and the handshake fails there.",
    .unknowable =
        "Which device did it: with one capture point it may be the sender, the way, or this host's own "
        "driver. A capture on the other side tells.",
    .next_steps = next_steps,
};

class TcpSynackWithPayload {
public:
    explicit TcpSynackWithPayload(const RuleContext& context)
        : payload_{context.settings.count("payload")},
          quiet_{context.settings.resolve_after},
          entries_{context.most_hosts} {}

    void on(const Fact& fact, const OddHandshake& what, Findings& findings) {
        if (what.kind != OddHandshakeKind::synack_payload || what.payload_bytes < payload_) return;
        const ClientOfService key{what.client.ip, what.server, fact.vlan};
        auto& entry = entries_.at(key);
        if (entry.add(fact, what.began, what.began_stamp, what.began_frame, what.first, quiet_)) {
            entry.first = what;
            entry.synacks = 0;
        }
        entry.between(what.server, what.server_mac, what.client, what.client_mac);
        entry.synacks += what.syn_acks;
        if (what.ack_seen && !entry.first.ack_seen && what.server_isn == entry.first.server_isn) entry.first = what;
        report(fact, key, entry, findings);
    }

private:
    struct Entry : ConnectionTally {
        OddHandshake first;
        std::uint64_t synacks = 0;
    };

    void report(const Fact& fact, const ClientOfService& key, const Entry& entry, Findings& findings) const {
        const OddHandshake& first = entry.first;
        const std::uint32_t expected = first.server_isn + 1;
        Finding finding;
        entry.describe(finding);
        finding.entity = key.service.text() + ">" + key.client.text();
        // What the packet says needs no comparison and no second witness.
        finding.confidence = limited_by_capture(findings, fact, Confidence::high);
        finding.urgency = urgency_of(about.severity, finding.confidence, {});
        finding.evidence.set("count", entry.count());
        finding.evidence.set("synack_count", entry.synacks);
        finding.evidence.set("payload_len", first.payload_bytes);
        finding.evidence.set("seq", first.server_isn);
        finding.evidence.set("expected_ack", expected);
        if (first.ack_seen) finding.evidence.set("observed_ack", first.observed_ack);
        finding.evidence.set("equals_ethernet_padding", first.equals_padding);
        const bool taken = first.ack_seen && first.observed_ack == expected + first.payload_bytes;
        finding.message = key.service.text() + " sent a SYN-ACK carrying " +
                          counted(first.payload_bytes, "byte", "bytes") +
                          (taken ? "; " + key.client.text() + " acknowledged them (expected ack " +
                                       std::to_string(expected) + ", saw " + std::to_string(first.observed_ack) + ")"
                           : first.ack_seen ? "; " + key.client.text() + " did not acknowledge them"
                                            : "") +
                          (first.equals_padding ? "; it is just what pads an Ethernet frame to 60 bytes" : "");
        if (first.equals_padding) {
            finding.cause =
                "A device or driver took the Ethernet padding of the 60-byte frame for IP payload and "
                "rewrote the length. The client acknowledges bytes that the server never sent.";
        }
        finding.threshold = {{"min_payload", static_cast<std::int64_t>(payload_)}};
        finding.wireshark_filter = filter_between(key) + " && tcp.flags.syn==1 && tcp.flags.ack==1 && tcp.len>0";
        findings.report(std::move(finding));
    }

    std::uint64_t payload_;
    Duration quiet_;
    BoundedMap<ClientOfService, Entry, ServiceHash> entries_;
};

}  // namespace

extern constinit const RuleEntry tcp_synack_with_payload = entry<TcpSynackWithPayload>(about);

}  // namespace wiresage::rules
