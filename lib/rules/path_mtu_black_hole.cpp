// path_mtu_black_hole: full-size segments never get through to a net, smaller ones do.
// Page: path_mtu_black_hole.md.

#include <algorithm>

#include "detect/bounded_map.hpp"
#include "detect/connection_tally.hpp"
#include "detect/rule.hpp"
#include "detect/windows.hpp"

namespace wiresage::rules {

namespace {

constexpr Setting settings[] = {
    {"flows", SettingKind::count, 2, 2, 1000, "connections to the net whose full-size segments are lost"},
    {"window", SettingKind::duration, in_seconds(600), in_seconds(10), in_seconds(3600),
     "stalls no further apart than this are counted together"},
};

constexpr EvidenceKey evidence[] = {
    {"flows", EvidenceType::integer},
    {"lost_segments", EvidenceType::integer},
    {"smallest_lost", EvidenceType::integer},
    {"largest_passed", EvidenceType::integer},
    {"mss", EvidenceType::integer},
    {"icmp_seen", EvidenceType::boolean},
    {"icmp_mtu", EvidenceType::integer, true},
    {"peer_net", EvidenceType::text},
};

constexpr std::string_view next_steps[] = {
    "`tracepath PEER` or `ping -M do -s SIZE PEER`: which size still comes through?",
    "Let ICMP \"fragmentation needed\" (type 3 code 4; IPv6 type 2) pass every firewall on the way.",
    "Clamp the MSS at the tunnel's ends (`nft ... tcp option maxseg size set rt mtu`), or set "
    "net.ipv4.tcp_mtu_probing=1 on the sender.",
};

constexpr About about{
    .id = "path_mtu_black_hole",
    .name = "Path MTU black hole",
    .category = "tcp",
    .kind = RuleKind::site,
    .severity = Severity::error,
    .settings = settings,
    .evidence = evidence,
    .source = "sender ip",
    .destination = "peer ip",
    .entity = "peer net",
    .cause =
        "A link on the way takes only smaller packets (a tunnel, PPPoE, VPN), and the ICMP messages that would "
        "tell the sender are dropped or ignored.",
    .unknowable = "Which link it is, and who drops the ICMP messages.",
    .next_steps = next_steps,
};

/// Where no SYN told an MSS: Ethernet's.
constexpr std::uint32_t usual_mss = 1460;
/// Options take up to 40 bytes of a full segment (RFC 9293, 3.1), and some stacks leave room for 20 of IP's.
constexpr std::uint32_t room_for_options = 60;

class PathMtuBlackHole {
public:
    explicit PathMtuBlackHole(const RuleContext& context)
        : flows_{context.settings.count("flows")},
          quiet_{std::max(context.settings.resolve_after, context.settings.duration("window"))},
          nets_{context.most_hosts} {}

    void on(const Fact& fact, const SegmentStall& what, Findings& findings) {
        const std::uint32_t mss = what.mss != 0 ? what.mss : usual_mss;
        const std::uint32_t lost = std::min(what.payload_bytes, mss);
        const bool only_full = lost + room_for_options >= mss && what.largest_passed > 0 && what.largest_passed < lost;
        const bool ignored = what.icmp_seen && lost + 40 > what.icmp_mtu && what.largest_passed < lost;
        if (!only_full && !ignored) return;
        const ServiceAt key{{peer_net(what.ends.receiver.ip), 0}, fact.vlan};
        auto& net = nets_.at(key);
        const bool known = net.is_known(what);
        if (net.add(fact, what.began, what.began_stamp, what.first_frame, !known, quiet_)) net.clear();
        net.see(what, lost);
        net.between(what.ends);
        if (net.count() >= flows_ && net.largest_passed < net.smallest_lost) report(fact, key, net, findings);
    }

private:
    /// One stalled connection and what it has been counted with.
    struct Stalled {
        TroubleEnds ends;
        std::uint32_t seq = 0;
        std::uint32_t copies = 0;
    };
    static constexpr std::size_t most_stalled = 32;

    struct Net : ConnectionTally {
        std::vector<Stalled> stalled;
        std::uint64_t lost_segments = 0;
        std::uint32_t smallest_lost = UINT32_MAX;
        std::uint32_t largest_passed = 0;
        std::uint16_t mss = 0;
        std::uint16_t icmp_mtu = 0;
        bool icmp_seen = false;

        void clear() {
            stalled.clear();
            lost_segments = 0;
            smallest_lost = UINT32_MAX;
            largest_passed = 0;
            icmp_seen = false;
        }
        Stalled* of(const SegmentStall& what) {
            const auto found = std::find_if(stalled.begin(), stalled.end(), [&](const Stalled& one) {
                return one.ends.sender == what.ends.sender && one.ends.receiver == what.ends.receiver;
            });
            return found == stalled.end() ? nullptr : &*found;
        }
        bool is_known(const SegmentStall& what) { return of(what) != nullptr; }
        void see(const SegmentStall& what, std::uint32_t lost) {
            Stalled* one = of(what);
            if (one == nullptr && stalled.size() < most_stalled)
                one = &stalled.emplace_back(Stalled{what.ends, what.seq_relative, 0});
            // The original is lost too.
            const std::uint32_t before = one != nullptr && one->seq == what.seq_relative ? one->copies : 0;
            lost_segments += what.copies + 1U - before;
            if (one != nullptr) {
                one->seq = what.seq_relative;
                one->copies = what.copies + 1U;
            }
            smallest_lost = std::min(smallest_lost, lost);
            largest_passed = std::max<std::uint32_t>(largest_passed, what.largest_passed);
            mss = what.mss;
            icmp_seen = icmp_seen || what.icmp_seen;
            if (what.icmp_mtu != 0) icmp_mtu = what.icmp_mtu;
        }
    };

    void report(const Fact& fact, const ServiceAt& key, const Net& net, Findings& findings) const {
        Finding finding;
        net.describe(finding);
        finding.source.port.reset();
        finding.destination.port.reset();
        finding.entity = peer_net_text(key.service.ip);
        finding.confidence = limited_by_capture(findings, fact, confidence_of({net.count() < 3 && !net.icmp_seen}));
        finding.urgency = urgency_of(about.severity, finding.confidence, {});
        finding.evidence.set("flows", net.count());
        finding.evidence.set("lost_segments", net.lost_segments);
        finding.evidence.set("smallest_lost", net.smallest_lost);
        finding.evidence.set("largest_passed", net.largest_passed);
        finding.evidence.set("mss", std::uint32_t{net.mss});
        finding.evidence.set("icmp_seen", net.icmp_seen);
        if (net.icmp_seen && net.icmp_mtu != 0) finding.evidence.set("icmp_mtu", std::uint32_t{net.icmp_mtu});
        finding.evidence.set("peer_net", finding.entity);
        finding.message =
            "Segments of " + std::to_string(net.smallest_lost) + " bytes and more never get through to " +
            finding.entity + " (" + counted(net.count(), "connection", "connections") + "), those of up to " +
            std::to_string(net.largest_passed) + " do; " +
            (net.icmp_seen ? "the ICMP message that says so is ignored" : "no ICMP message tells the sender");
        finding.threshold = {{"flows", static_cast<std::int64_t>(flows_)}};
        finding.window_seconds = seconds(quiet_);
        finding.wireshark_filter = "tcp.analysis.retransmission && tcp.len>" + std::to_string(net.largest_passed);
        findings.report(std::move(finding));
    }

    std::uint64_t flows_;
    Duration quiet_;
    BoundedMap<ServiceAt, Net, ServiceHash> nets_;
};

}  // namespace

extern constinit const RuleEntry path_mtu_black_hole = entry<PathMtuBlackHole>(about);

}  // namespace wiresage::rules
