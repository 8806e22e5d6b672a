// icmp_unreachable_burst: a host or router says again and again that something cannot be delivered.
// Page: icmp_unreachable_burst.md.  Background: RFC 792; RFC 1812, 5.2.7.1; RFC 4443, 3.

#include <algorithm>
#include <array>

#include "detect/attempt_tally.hpp"
#include "detect/bounded_map.hpp"
#include "detect/judge.hpp"
#include "detect/keys.hpp"
#include "detect/protocols.hpp"
#include "detect/rule.hpp"

namespace wiresage::rules {

namespace {

constexpr std::uint8_t icmp = 1, udp = 17, icmpv6 = 58;  // IANA, protocol numbers.
/// So many ports of one host asked by one are a scan, which port_scan tells of.
constexpr std::size_t scanned_ports = 8;
/// Fewer flows than this, all of them answered before, are an application that was closed.
constexpr std::uint64_t few_flows = 3;
constexpr Setting settings[] = {
    {"errors", SettingKind::count, 10, 1, 1'000'000, "ICMP errors within the window from here on"},
    {"share", SettingKind::share, 300'000, 0, whole_share,
     "flows with an error of all flows to the destination meanwhile"},
    {"window", SettingKind::duration, in_seconds(10), in_seconds(1), in_seconds(600), "see `errors`"},
};

constexpr EvidenceKey evidence[] = {
    {"count", EvidenceType::integer},           {"code", EvidenceType::text},
    {"quoted_destination", EvidenceType::text}, {"quoted_port", EvidenceType::integer, true},
    {"quoted_protocol", EvidenceType::text},    {"share", EvidenceType::number},
};

constexpr std::string_view next_steps[] = {
    "port: on the destination `ss -lun` or `ss -ltn`: nothing listens there; start the service, or stop asking.",
    "host, net: on the reporting router `ip route get DESTINATION` and `ip neigh`: no route, or nobody answers ARP.",
    "admin: a firewall at the reporter rejects it; look for the rule.",
    "frag_needed, hop_limit: the sender ignores the path's MTU, or packets go in circles: `tracepath DESTINATION`.",
};

constexpr About about{
    .id = "icmp_unreachable_burst",
    .name = "Burst of ICMP errors",
    .category = "icmp",
    .kind = RuleKind::site,
    .severity = Severity::warning,
    .settings = settings,
    .evidence = evidence,
    .source = "reporter ip",
    .destination = "asker ip",
    .entity = "reporter ip, quoted destination ip",
    .cause = "The reporter cannot deliver what the asker sends, and says why.",
    .unknowable = "Whether the error is true: some firewalls send it in another's name.",
    .next_steps = next_steps,
};

constexpr std::array<const char*, 6> code_names{"port", "host", "net", "admin", "frag_needed", "hop_limit"};
constexpr std::pair<std::uint8_t, const char*> protocol_names[] = {
    {icmp, "icmp"}, {6, "tcp"}, {udp, "udp"}, {icmpv6, "ipv6-icmp"}, {132, "sctp"}};

std::string protocol_name(std::uint8_t protocol) {
    for (const auto& [number, name] : protocol_names) {
        if (number == protocol) return name;
    }
    return std::to_string(protocol);
}

class IcmpUnreachableBurst {
public:
    explicit IcmpUnreachableBurst(const RuleContext& context)
        : errors_{context.settings.count("errors")},
          share_{context.settings.count("share")},
          window_{context.settings.duration("window")},
          quiet_{std::max(context.settings.resolve_after, window_)},
          entries_{context.most_hosts},
          served_{context.most_hosts},
          hops_{1024} {}

    void on(const Fact& fact, const IcmpError& what, Findings& findings) {
        if (is_path_test(what)) return;
        const ClientOfService key{what.reporter, {what.server.ip, 0}, fact.vlan};
        auto& entry = entries_.at(key);
        if (entry.recent.total(fact.at.time) == 0 && !entry.tally.lasts(fact.at.time, quiet_)) {
            entry = Entry{};
            entry.recent = RateWindow{window_};
            entry.served_then = served_.at(what.server.ip);
        }
        entry.recent.add(fact.at.time);
        Outcome made;  // As if it were an attempt of its own.
        made.client = what.client;
        made.client_mac = what.asker_mac;
        made.server = {what.reporter, 0};
        made.server_mac = what.reporter_mac;
        made.began = fact.at.time;
        made.began_stamp = fact.at.stamp;
        made.began_frame = static_cast<std::uint32_t>(fact.at.frame);
        entry.tally.add(fact, made, quiet_, findings.site());
        entry.flows.add(static_cast<std::uint32_t>(AddressHash{}(what.client)));
        entry.ports.add(what.server.port);
        entry.port.see(what.server.port);
        entry.protocol.see(what.protocol);
        ++entry.reasons[static_cast<std::size_t>(what.reason)];
        entry.unanswered += !what.was_answered;
        entry.enough = entry.enough || entry.recent.total(fact.at.time) >= errors_;
        if (entry.enough) news_.mark(key, entry.is_news);
    }

    void on(const Fact&, const Outcome& what, Findings&) {
        if (what.answer != Answer::accepted || served_.empty()) return;
        if (auto* const served = served_.find(what.server.ip)) ++*served;
    }

    void on(const Fact& fact, const Tick&, Findings& findings) {
        news_.tell(entries_,
                   [&](const ClientOfService& key, const Entry& entry) { judge(fact.at.time, key, entry, findings); });
    }

private:
    struct Entry {
        AttemptTally tally;  ///< Its "clients" are the askers, its "server" the reporter.
        RateWindow recent{std::chrono::seconds{10}};
        DistinctCount flows;
        FirstDistinct<std::uint16_t, scanned_ports> ports;
        Agreed<std::uint16_t> port;
        Agreed<std::uint8_t> protocol;
        std::array<std::uint64_t, code_names.size()> reasons{};
        std::uint64_t unanswered = 0;  ///< Errors of flows that never had an answer.
        std::uint64_t served_then = 0;
        bool enough = false;
        bool is_news = false;
    };

    /// traceroute wants these errors: from hop after hop, or at ports of its own.
    bool is_path_test(const IcmpError& what) {
        if (what.protocol == udp && is_traceroute_port(what.server.port)) return true;
        if (what.reason != Unreachable::hop_limit) return false;
        if (what.protocol == icmp || what.protocol == icmpv6) return true;
        auto& reporters = hops_.at(what.server.ip);
        reporters.add(what.reporter);
        return reporters.values().size() > 1;
    }

    void judge(EventTime now, const ClientOfService& key, const Entry& entry, Findings& findings) const {
        const auto flows = entry.flows.count();
        const auto* const served = served_.find(key.service.ip);
        const auto all = flows + (served == nullptr ? 0 : *served - std::min(*served, entry.served_then));
        if (flows * whole_share < all * share_) return;
        if (entry.ports.values().size() >= scanned_ports && entry.tally.peers() == 1) return;
        const bool looping = entry.reasons.back() * 2 > entry.tally.count();  // One flow: a peer opens its NAT so.
        if ((entry.unanswered == 0 || looping) && flows < few_flows) return;
        Finding finding;
        entry.tally.describe(finding);
        const auto commonest = std::max_element(entry.reasons.begin(), entry.reasons.end()) - entry.reasons.begin();
        const auto* const code = code_names[static_cast<std::size_t>(commonest)];
        const auto protocol = entry.protocol.get() ? protocol_name(*entry.protocol.get()) : "several protocols";
        const bool has_port = entry.port.get() && *entry.port.get() != 0;
        const auto target = has_port ? Endpoint{key.service.ip, *entry.port.get()}.text() : key.service.ip.text();
        finding.entity = key.client.text() + ", " + key.service.ip.text();
        finding.source = entry.tally.servers().without_port();
        finding.destination = entry.tally.clients().without_port();
        finding.transport = Transport::icmp;
        finding.evidence.set("count", entry.tally.count());
        finding.evidence.set("code", code);
        finding.evidence.set("quoted_destination", key.service.ip.text());
        if (has_port) finding.evidence.set("quoted_port", std::int64_t{*entry.port.get()});
        finding.evidence.set("quoted_protocol", protocol);
        finding.evidence.set("share", share_of(flows, all));
        if (!entry.tally.asked_inside() && !entry.tally.asked_here()) finding.severity = Severity::info;  // Strangers.
        const auto place = Place::of(finding, now);
        finding.confidence = limited_by_capture(findings, place, confidence_of({flows < few_flows}));
        finding.urgency =
            urgency_of(finding.severity.value_or(about.severity), finding.confidence, {.part = flows, .whole = all});
        finding.impact = {static_cast<std::int64_t>(flows), static_cast<std::int64_t>(entry.tally.peers()),
                          share_of(flows, all)};
        finding.message = key.client.text() + " sent " + counted(entry.tally.count(), "ICMP error", "ICMP errors") +
                          " (" + code + ") about " + protocol + " to " + target + " of " +
                          counted(entry.tally.peers(), "host", "hosts");
        finding.threshold = {{"errors", static_cast<std::int64_t>(errors_)}, {"share", share_of(share_, whole_share)}};
        finding.window_seconds = seconds(window_);
        finding.wireshark_filter = filter_ip("src", key.client) + (key.client.is_v4() ? " && icmp" : " && icmpv6");
        findings.report(std::move(finding));
    }

    std::uint64_t errors_;
    std::uint64_t share_;
    Duration window_;
    Duration quiet_;
    BoundedMap<ClientOfService, Entry, ServiceHash> entries_;  ///< By reporter and quoted destination.
    BoundedMap<Address, std::uint64_t, AddressHash> served_;   ///< Flows accepted by quoted destinations.
    BoundedMap<Address, FirstDistinct<Address, 2>, AddressHash> hops_;
    News<ClientOfService> news_;
};

}  // namespace

extern constinit const RuleEntry icmp_unreachable_burst = entry<IcmpUnreachableBurst>(about);

}  // namespace wiresage::rules
