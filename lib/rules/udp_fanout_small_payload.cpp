// udp_fanout_small_payload: one host sends the same few bytes to many at once, each from a port of its own.
// Page: udp_fanout_small_payload.md.

#include <algorithm>

#include "detect/bounded_map.hpp"
#include "detect/fanout.hpp"
#include "detect/judge.hpp"
#include "detect/rule.hpp"

namespace wiresage::rules {

namespace {

/// Until then answers are waited for.
constexpr Duration answer_wait = silence_wait;
/// Of the new-mail notification that mail servers sent to their clients by UDP; to ports of the clients' choice.
constexpr std::uint16_t notification_bytes = 8;

constexpr Setting settings[] = {
    {"destinations", SettingKind::count, 10, 2, 100'000, "different addresses within one window"},
    {"payload", SettingKind::count, 32, 1, 512, "bytes of payload, the same in each datagram, at most"},
    {"window", SettingKind::duration, in_seconds(1), in_milliseconds(10), in_seconds(60), "length of a round"},
};

constexpr EvidenceKey evidence[] = {
    {"payload_len", EvidenceType::integer},
    {"destination_count", EvidenceType::integer},
    {"destinations", EvidenceType::texts},
    {"datagrams", EvidenceType::integer},
    {"rounds", EvidenceType::integer},
    {"destination_ports", EvidenceType::integer},
    {"source_ports_rising", EvidenceType::boolean},
    {"replies", EvidenceType::integer},
    {"classification", EvidenceType::text, true},
};

constexpr std::string_view next_steps[] = {
    "On the host: `ss -ulnp` and `bpftrace -e 'tracepoint:syscalls:sys_enter_sendto { @[comm] = count(); }'` name the "
    "process that sends.",
    "A mail server's new-mail notification: expected; clients behind firewalls poll instead.",
};

constexpr About about{
    .id = "udp_fanout_small_payload",
    .name = "Small datagrams to many hosts",
    .category = "udp",
    .kind = RuleKind::site,
    .severity = Severity::info,
    .settings = settings,
    .evidence = evidence,
    .source = "ip",
    .destination = "absent",
    .entity = "source ip",
    .cause =
        "A server notifies its clients, each at the port it registered.  Neither a scan (the ports have no "
        "pattern) nor a flood (a datagram or two for each).",
    .unknowable = "What the datagrams are for: only the process that sends them tells.",
    .next_steps = next_steps,
};

class UdpFanoutSmallPayload {
public:
    explicit UdpFanoutSmallPayload(const RuleContext& context)
        : destinations_{context.settings.count("destinations")},
          payload_{context.settings.count("payload")},
          window_{context.settings.duration("window")},
          quiet_{context.settings.resolve_after},
          senders_{std::max<std::size_t>(context.most_hosts / 8, 64)},
          told_{1024} {}

    void on(const Fact& fact, const Attempt& what, Findings&) {
        if (what.technique != Technique::udp || what.payload_bytes == 0 || what.payload_bytes > payload_) return;
        if (what.server.ip.is_multicast() || what.server.ip.is_broadcast() || what.server_mac.is_group()) return;
        const FanoutSender key{what.client.ip, what.payload_bytes, fact.vlan};
        auto& sender = senders_.at(key);
        if (!sender.see(fact, what, window_, destinations_, quiet_)) return;
        told_.at(key.ip) = key;
        due_.emplace_back(fact.at.time + answer_wait, key);
    }

    void on(const Fact&, const Outcome& what, Findings&) {
        if (what.technique != Technique::udp || what.answer != Answer::accepted || told_.empty()) return;
        const auto* const key = told_.find(what.client.ip);
        if (auto* const sender = key == nullptr ? nullptr : senders_.find(*key)) sender->answered();
    }

    void on(const Fact& fact, const Tick&, Findings& findings) {
        while (!due_.empty() && fact.at.time >= due_.front().first) {
            const auto key = due_.front().second;
            due_.erase(due_.begin());
            auto* const sender = senders_.find(key);
            if (sender == nullptr || !sender->episode().is_open()) continue;
            sender->settle();
            report(fact.at.time, key, *sender, findings);
        }
    }

private:
    void report(EventTime now, const FanoutSender& key, const Fanout& sender, Findings& findings) const {
        if (sender.replies() * 10 > sender.datagrams()) return;
        Finding finding;
        sender.episode().describe(finding);
        finding.entity = key.ip.text();
        finding.source = End{key.ip, {}, sender.mac()};
        finding.transport = Transport::udp;
        const auto count = sender.destinations();
        std::vector<std::string> listed;
        for (const auto& address : sender.listed()) listed.push_back(address.text());
        const bool rising = sender.source_ports_rise();
        finding.evidence.set("payload_len", std::int64_t{key.payload_bytes});
        finding.evidence.set("destination_count", count);
        finding.evidence.set("destinations", std::move(listed), count);
        finding.evidence.set("datagrams", sender.datagrams());
        finding.evidence.set("rounds", sender.rounds());
        finding.evidence.set("destination_ports", sender.ports());
        finding.evidence.set("source_ports_rising", rising);
        finding.evidence.set("replies", sender.replies());
        if (key.payload_bytes == notification_bytes && rising && sender.only_user_ports()) {
            finding.evidence.set("classification", "mail_notification_suspected");
        }
        const auto place = Place::of(finding, now);
        const auto proven = proof_of(findings, place, key.ip);
        finding.confidence = limited_by_capture(findings, place, confidence_of({true, proven == Proof::none}));
        finding.packets = sender.packets();
        finding.impact = {static_cast<std::int64_t>(sender.datagrams()), static_cast<std::int64_t>(count), {}};
        finding.message = key.ip.text() + " sent " + counted(sender.datagrams(), "datagram", "datagrams") + " of " +
                          counted(key.payload_bytes, "byte", "bytes") + " to " + std::to_string(count) + " hosts in " +
                          counted(sender.rounds(), "round", "rounds") + "; " +
                          counted(sender.replies(), "answer", "answers") + " came";
        finding.threshold = {{"destinations", static_cast<std::int64_t>(destinations_)},
                             {"payload", static_cast<std::int64_t>(payload_)}};
        finding.window_seconds = seconds(window_);
        finding.wireshark_filter =
            filter_ip("src", key.ip) + " && udp.length==" + std::to_string(key.payload_bytes + 8);
        findings.report(std::move(finding));
    }

    std::uint64_t destinations_;
    std::uint64_t payload_;
    Duration window_;
    Duration quiet_;
    BoundedMap<FanoutSender, Fanout, FanoutSenderHash> senders_;
    BoundedMap<Address, FanoutSender, AddressHash> told_;
    std::vector<std::pair<EventTime, FanoutSender>> due_;
};

}  // namespace

extern constinit const RuleEntry udp_fanout_small_payload = entry<UdpFanoutSmallPayload>(about);

}  // namespace wiresage::rules
