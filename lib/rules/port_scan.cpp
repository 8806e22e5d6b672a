// port_scan: one host tries many ports of another, and most are not there.
// Page: port_scan.md.

#include <algorithm>

#include "detect/judge.hpp"
#include "detect/keys.hpp"
#include "detect/port_set.hpp"
#include "detect/protocols.hpp"
#include "detect/rule.hpp"
#include "detect/scan_table.hpp"

namespace wiresage::rules {

namespace {

constexpr Setting settings[] = {
    {"ports", SettingKind::count, 20, 2, 65'536, "distinct ports of one host that refused or stayed silent"},
    {"window", SettingKind::duration, in_seconds(60), in_seconds(1), in_seconds(3600), "within this time"},
    {"failed", SettingKind::share, 500'000, 0, whole_share,
     "of the ports tried, at least this share refused or stayed silent"},
};

constexpr EvidenceKey evidence[] = {
    {"ports", EvidenceType::integer},   {"port_list", EvidenceType::integers}, {"attempts", EvidenceType::integer},
    {"refused", EvidenceType::integer}, {"silent", EvidenceType::integer},     {"accepted", EvidenceType::integer},
    {"span_s", EvidenceType::number},   {"technique", EvidenceType::text},
};

constexpr std::string_view next_steps[] = {
    "Ask who runs the source: an inventory or security scan is announced; anything else is a host to look at.",
    "On the source: `ss -tanp` and `ps` while it lasts show the process.",
    "On the target: check what the accepted ports offer, and whether they should be open to the source.",
};

constexpr About about{.id = "port_scan",
                      .name = "Port scan",
                      .category = "tcp",
                      .kind = RuleKind::site,
                      .severity = Severity::warning,
                      .settings = settings,
                      .evidence = evidence,
                      .source = "ip",
                      .destination = "ip",
                      .entity = "source ip > destination ip",
                      .cause = "The source looks for services of the target; a client knows the port it wants.",
                      .unknowable = "Who started it. A silent port may be filtered or, for UDP, open.",
                      .next_steps = next_steps};

constexpr Duration least_wait = std::chrono::milliseconds{100};  // Of silence at a capture's end.
constexpr std::uint16_t first_user_port = 1024;

struct Scan {
    explicit Scan(PortSetBudget* of = nullptr) : budget{of} {}

    PortSetBudget* budget;
    ScanTotals totals;
    PortSet tried;
    PortSet failed;
    PortSet before;           ///< Accepted before anything failed.
    std::uint64_t twice = 0;  ///< Ports in both.
    std::uint64_t low_ports = 0;
    TriedFirst<std::int64_t> list;

    void tries(const Endpoint& server, EventTime began) {
        list.add(server.port, began);
        if (!tried.insert(server.port, *budget)) return;
        low_ports += server.port < first_user_port ? 1 : 0;
        twice += before.contains(server.port) ? 1 : 0;
    }
    bool fails(const Endpoint& server) { return failed.insert(server.port, *budget); }
    void accepted_before(const Endpoint& server) { before.insert(server.port, *budget); }
    std::uint64_t all_ports() const { return tried.size() + before.size() - twice; }
    std::uint64_t failed_count() const { return failed.size(); }
};

class PortScan {
public:
    explicit PortScan(const RuleContext& context)
        : settings_{context.settings},
          budget_{std::max<std::size_t>(context.most_hosts / 16, 16)},
          scans_{{settings_.duration("window"), settings_.resolve_after, least_wait, settings_.count("ports")},
                 context.most_hosts} {}

    void on(const Fact& fact, const CaptureEnd& what, Findings&) { scans_.see(fact, what); }

    void on(const Fact& fact, const Outcome& what, Findings& findings) {
        if (what.transport != Transport::tcp && what.transport != Transport::udp) return;
        if (what.server.ip.is_multicast() || what.server.ip.is_broadcast()) return;
        const ClientOfService key{what.client.ip, {what.server.ip, 0}, fact.vlan};
        scans_.see(
            fact, what, key, findings.knowledge(), [&] { return Scan{&budget_}; },
            [&] { return counts(what, findings.knowledge()); },
            [&](const AnsweredAttempt& earlier) {
                const bool has_ports = earlier.transport == Transport::tcp || earlier.transport == Transport::udp;
                return has_ports && earlier.server.ip == what.server.ip && earlier.vlan == fact.vlan;
            });
    }

    void on(const Fact& fact, const Tick&, Findings& findings) {
        scans_.judge(
            fact, [&](const ClientOfService& key, Scan& scan) { return is_scan(fact, key, scan, findings); },
            [&](const ClientOfService& key, const Scan& scan) { report(fact, key, scan, findings); });
    }

private:
    static bool counts(const Outcome& what, const Knowledge& knowledge) {
        if (ScanJudge::is_reply(what, knowledge) || ScanJudge::is_known(what, knowledge)) return false;
        return what.transport != Transport::udp || !is_traceroute_port(what.server.port);
    }

    static bool is_proven(const Fact& fact, const ClientOfService& key, const Scan& scan, const Findings& findings) {
        return scan.totals.is_proven(findings, key.client, key.vlan, fact.at.time) ||
               scan.totals.is_proven(findings, key.service.ip, key.vlan, fact.at.time);
    }

    bool is_scan(const Fact& fact, const ClientOfService& key, Scan& scan, const Findings& findings) const {
        if (scan.totals.news.total(fact.at.time) < settings_.count("ports")) return false;
        if (scan.failed.size() * whole_share < scan.all_ports() * settings_.count("failed")) return false;
        const auto most = scan.totals.commonest();
        if (most != Technique::udp && most != Technique::ack && most != Technique::fin) return true;
        // Where a place shows one direction, a service's answers to its clients look like this; their ports are high.
        return is_proven(fact, key, scan, findings) || scan.low_ports * 10 >= scan.tried.size();
    }

    void report(const Fact& fact, const ClientOfService& key, const Scan& scan, Findings& findings) const {
        const auto& totals = scan.totals;
        Finding finding;
        const bool proven = is_proven(fact, key, scan, findings);
        totals.describe(finding, fact, key.client, key.service.ip, proven, findings);
        finding.impact.peers = 1;
        finding.entity = with_vlan(key.client.text() + ">" + key.service.ip.text(), key.vlan);
        finding.source = End{key.client, {}, totals.source_mac.get()};
        finding.destination = End{key.service.ip, {}, totals.destination_mac.get()};
        finding.transport = totals.commonest() == Technique::udp ? Transport::udp : Transport::tcp;
        const auto span = seconds(totals.last - totals.start);
        finding.evidence.set("ports", scan.tried.size());
        finding.evidence.set("port_list", scan.list.values(), scan.tried.size());
        finding.evidence.set("attempts", totals.attempts);
        finding.evidence.set("refused", totals.refused);
        finding.evidence.set("silent", totals.silent);
        finding.evidence.set("accepted", totals.accepted);
        finding.evidence.set("span_s", span);
        finding.evidence.set("technique", std::string{totals.technique()});
        finding.message = key.client.text() + " tried " + (scan.tried.is_full() ? "more than " : "") +
                          counted(scan.tried.size(), "port", "ports") + " of " + key.service.ip.text() + " in " +
                          with_tenths(span) + " s (" + std::string{totals.technique()} + " scan): " + totals.verdicts();
        finding.wireshark_filter = filter_ip("src", key.client) + " && " + filter_ip("dst", key.service.ip) +
                                   (finding.transport == Transport::udp ? " && udp" : " && tcp");
        finding.threshold = {{"ports", settings_["ports"]},
                             {"failed", static_cast<double>(settings_["failed"]) / whole_share}};
        finding.window_seconds = seconds(settings_.duration("window"));
        findings.report(std::move(finding));
    }

    const RuleSettings settings_;
    PortSetBudget budget_;                                 ///< Before the scans, which give back to it.
    ScanTable<ClientOfService, Scan, ServiceHash> scans_;  ///< Port 0: of the whole target.
};

}  // namespace

extern constinit const RuleEntry port_scan = entry<PortScan>(about);

}  // namespace wiresage::rules
