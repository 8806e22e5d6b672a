// host_sweep: one host tries the same port, or a ping, on many addresses, and most do not answer.
// Page: host_sweep.md.

#include <algorithm>

#include "detect/asking_sockets.hpp"
#include "detect/judge.hpp"
#include "detect/protocols.hpp"
#include "detect/rule.hpp"
#include "detect/scan_table.hpp"

namespace wiresage::rules {

namespace {

constexpr Setting settings[] = {
    {"addresses", SettingKind::count, 50, 2, 1'000'000, "distinct addresses that refused or stayed silent"},
    {"window", SettingKind::duration, in_seconds(60), in_seconds(1), in_seconds(3600), "within this time"},
    {"failed", SettingKind::share, 500'000, 0, whole_share,
     "of the addresses tried, at least this share refused or stayed silent"},
};

constexpr EvidenceKey evidence[] = {
    {"destination_count", EvidenceType::integer},
    {"destinations", EvidenceType::texts},
    {"protocol", EvidenceType::text},
    {"refused", EvidenceType::integer},
    {"silent", EvidenceType::integer},
    {"accepted", EvidenceType::integer},
    {"span_s", EvidenceType::number},
};

constexpr std::string_view next_steps[] = {
    "Ask who runs the source: an inventory or a security scan is announced; a worm is not.",
    "On the source: `ss -tunp` and `ps` while it lasts show the process.",
    "Look at the addresses that accepted: they are what the source was looking for.",
};

constexpr About about{.id = "host_sweep",
                      .name = "Host sweep",
                      .category = "tcp",
                      .kind = RuleKind::site,
                      .severity = Severity::warning,
                      .settings = settings,
                      .evidence = evidence,
                      .source = "ip",
                      .destination = "port",
                      .entity = "source ip > destination port (icmp: no port)",
                      .cause = "The source looks for hosts or for one service; a client knows the hosts it wants.",
                      .unknowable = "Who started it. Silent addresses may be filtered rather than unused.",
                      .next_steps = next_steps};

struct Sweeper {
    Endpoint from;  ///< Its address, with the port it asks for.
    Transport transport = Transport::none;
    std::uint16_t vlan = 0;
    friend bool operator==(const Sweeper&, const Sweeper&) = default;
};

struct SweeperHash : AddressHash {
    std::size_t operator()(const Sweeper& of) const noexcept {
        return spread(AddressHash::operator()(of.from) +
                      (std::uint64_t{of.vlan} << 8 | static_cast<std::uint64_t>(of.transport)));
    }
};

constexpr Duration least_wait =
    std::chrono::milliseconds{500};  // Of silence at a capture's end: the longest round trips.

std::string_view protocol_of(Transport transport) noexcept {
    return transport == Transport::icmp ? "icmp" : transport == Transport::udp ? "udp" : "tcp";
}

struct Sweep {
    ScanTotals totals;
    DistinctCount tried;
    DistinctCount failed;
    DistinctCount ever;  ///< Tried, or accepted before anything failed.
    TriedFirst<Address> list;

    static std::uint32_t hash(const Address& address) { return static_cast<std::uint32_t>(AddressHash{}(address)); }

    void tries(const Endpoint& server, EventTime began) {
        tried.add(hash(server.ip));
        ever.add(hash(server.ip));
        list.add(server.ip, began);
    }
    bool fails(const Endpoint& server) {
        const auto known = failed.count();
        failed.add(hash(server.ip));
        return failed.count() != known;
    }
    void accepted_before(const Endpoint& server) { ever.add(hash(server.ip)); }
    std::uint64_t failed_count() const { return failed.count(); }
};

class HostSweep {
public:
    explicit HostSweep(const RuleContext& context)
        : settings_{context.settings},
          sweeps_{{settings_.duration("window"), settings_.resolve_after, least_wait, settings_.count("addresses")},
                  std::max<std::size_t>(context.most_hosts / 2, 16)},
          sockets_{settings_.duration("window")} {}

    void on(const Fact& fact, const CaptureEnd& what, Findings&) { sweeps_.see(fact, what); }

    void on(const Fact& fact, const Outcome& what, Findings& findings) {
        if (what.transport != Transport::tcp && what.transport != Transport::udp && what.transport != Transport::icmp)
            return;
        if (what.server.ip.is_multicast() || what.server.ip.is_broadcast()) return;
        if (what.transport == Transport::udp) sockets_.see(what);
        const Sweeper key{{what.client.ip, what.server.port}, what.transport, fact.vlan};
        sweeps_.see(
            fact, what, key, findings.knowledge(), [] { return Sweep{}; },
            [&] { return counts(what, findings.knowledge()); },
            [&](const AnsweredAttempt& earlier) {
                return earlier.transport == what.transport && earlier.server.port == what.server.port &&
                       earlier.vlan == fact.vlan;
            });
    }

    void on(const Fact& fact, const Tick&, Findings& findings) {
        sweeps_.judge(
            fact, [&](const Sweeper& key, Sweep& sweep) { return is_sweep(fact, key, sweep, findings); },
            [&](const Sweeper& key, const Sweep& sweep) { report(fact, key, sweep, findings); });
    }

private:
    static bool counts(const Outcome& what, const Knowledge& knowledge) {
        if (ScanJudge::is_reply(what, knowledge) || ScanJudge::is_known(what, knowledge)) return false;
        if (what.transport != Transport::udp) return true;
        // Of these one healthy host asks many, and lame servers or a blocked port make them silent; the others never
        // answer.
        return !is_asked_of_many(what.server.port) && one_way_udp_name(what.server.port).empty() &&
               !is_traceroute_port(what.server.port);
    }

    bool is_sweep(const Fact& fact, const Sweeper& key, Sweep& sweep, const Findings& findings) const {
        if (sweep.totals.news.total(fact.at.time) < settings_.count("addresses")) return false;
        if (sweep.failed.count() * whole_share < sweep.ever.count() * settings_.count("failed")) return false;
        if (findings.knowledge().has_role(key.from.ip, Role::resolver) && key.from.port == 53) return false;
        const auto port = sweep.totals.source_port.get();
        const bool udp = port && key.transport == Transport::udp;
        if (udp && sockets_.has_peers(fact, {key.from.ip, *port}, findings.knowledge())) return false;
        const auto most = sweep.totals.commonest();
        return (most != Technique::udp && most != Technique::ack && most != Technique::fin) ||
               sweep.totals.is_proven(findings, key.from.ip, key.vlan, fact.at.time) || key.from.port < 1024;
    }

    void report(const Fact& fact, const Sweeper& key, const Sweep& sweep, Findings& findings) const {
        const auto& totals = sweep.totals;
        Finding finding;
        totals.describe(finding, fact, key.from.ip, sweep.list.values().front(),
                        sweep.totals.is_proven(findings, key.from.ip, key.vlan, fact.at.time), findings);
        // A poller whose list of hosts is out of date (field notes).
        if (findings.knowledge().has_role(key.from.ip, Role::poller)) finding.severity = Severity::info;
        const bool icmp = key.transport == Transport::icmp;
        const auto port = ">" + std::to_string(key.from.port) + (key.transport == Transport::udp ? "/udp" : "");
        finding.entity = with_vlan(key.from.ip.text() + (icmp ? "" : port), key.vlan);
        finding.source = End{key.from.ip, {}, totals.source_mac.get()};
        if (!icmp) finding.destination.port = key.from.port;
        finding.transport = key.transport;
        const auto protocol = std::string{protocol_of(key.transport)};
        const auto count = sweep.tried.count();
        std::vector<std::string> listed;
        for (const auto& address : sweep.list.values()) listed.push_back(address.text());
        const auto span = seconds(totals.last - totals.start);
        finding.evidence.set("destination_count", count);
        finding.evidence.set("destinations", std::move(listed), count);
        finding.evidence.set("protocol", protocol);
        finding.evidence.set("refused", totals.refused);
        finding.evidence.set("silent", totals.silent);
        finding.evidence.set("accepted", totals.accepted);
        finding.evidence.set("span_s", span);
        finding.message = key.from.ip.text() + " tried " +
                          (icmp ? "to ping " : protocol + " port " + std::to_string(key.from.port) + " of ") +
                          counted(count, "address", "addresses") + " in " + with_tenths(span) +
                          " s: " + totals.verdicts();
        finding.wireshark_filter = filter_ip("src", key.from.ip) + " && " +
                                   (icmp ? (key.from.ip.is_v4() ? "icmp.type==8" : "icmpv6.type==128")
                                         : protocol + ".dstport==" + std::to_string(key.from.port));
        finding.threshold = {{"addresses", settings_["addresses"]},
                             {"failed", static_cast<double>(settings_["failed"]) / whole_share}};
        finding.window_seconds = seconds(settings_.duration("window"));
        finding.impact.peers = static_cast<std::int64_t>(count);
        findings.report(std::move(finding));
    }

    const RuleSettings settings_;
    ScanTable<Sweeper, Sweep, SweeperHash> sweeps_;
    AskingSockets sockets_;
};

}  // namespace

extern constinit const RuleEntry host_sweep = entry<HostSweep>(about);

}  // namespace wiresage::rules
