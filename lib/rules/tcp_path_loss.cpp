// tcp_path_loss: the way to or from a net loses far more segments than the site's other ways.
// Page: tcp_path_loss.md.

#include <algorithm>

#include "detect/connection_tally.hpp"
#include "detect/path_ways.hpp"
#include "detect/rule.hpp"

namespace wiresage::rules {

namespace {

constexpr Setting settings[] = {
    {"segments", SettingKind::count, 200, 20, 1'000'000'000, "segments to or from the net, from here on"},
    {"lost", SettingKind::count, 20, 2, 1'000'000'000, "of them lost, from here on"},
    {"share", SettingKind::share, 20'000, 100, whole_share, "lost of all"},
    {"times", SettingKind::count, 3, 1, 1000, "times the median share of the site's other nets"},
    {"flows", SettingKind::count, 3, 1, 1000, "connections with loss"},
    {"window", SettingKind::duration, in_seconds(300), in_seconds(10), in_seconds(3600), "counted together"},
};

constexpr EvidenceKey evidence[] = {
    {"segments", EvidenceType::integer},  {"retransmitted", EvidenceType::integer},
    {"loss_share", EvidenceType::number}, {"site_share", EvidenceType::number},
    {"flows", EvidenceType::integer},     {"peers", EvidenceType::integer},
    {"peer_net", EvidenceType::text},     {"direction", EvidenceType::text},
    {"where", EvidenceType::text, true},  {"spurious", EvidenceType::integer},
};

constexpr std::string_view next_steps[] = {
    "`mtr -T -P PORT PEER` from this side, and one from the peer's: at which hop does the loss begin and stay?",
    "Compare with `wiresage compare` of captures at both ends to see the direction and each segment's fate.",
    "Look at queues and errors of the links towards the net (policers and shapers drop at a constant rate).",
};

constexpr About about{
    .id = "tcp_path_loss",
    .name = "Path loses TCP segments",
    .category = "tcp",
    .kind = RuleKind::site,
    .severity = Severity::warning,
    .settings = settings,
    .evidence = evidence,
    .source = "sender ip",
    .destination = "peer ip",
    .entity = "peer net, direction",
    .cause = "A congested or faulty link, a policer, or radio on the way.",
    .unknowable = "Which hop loses the segments; a policer and a bad link look alike from here.",
    .next_steps = next_steps,
};

class TcpPathLoss {
public:
    explicit TcpPathLoss(const RuleContext& context)
        : segments_{context.settings.count("segments")},
          lost_{context.settings.count("lost")},
          share_{context.settings.count("share")},
          times_{context.settings.count("times")},
          flows_{context.settings.count("flows")},
          window_{context.settings.duration("window")},
          quiet_{std::max(context.settings.resolve_after, window_)},
          ways_{context.most_hosts, window_} {}

    void on(const Fact& fact, const LossTally& what, Findings& findings) {
        const Site& site = findings.site();
        const bool server_far =
            site.is_local(what.client.ip) ||
            (!site.is_local(what.server.ip) && site.is_internal(what.client.ip) && !site.is_internal(what.server.ip));
        const Endpoint& peer = server_far ? what.server : what.client;
        const Endpoint& own = server_far ? what.client : what.server;
        see(fact, what, {own, peer, peer, true}, server_far ? what.by_client : what.by_server, findings);
        see(fact, what, {peer, own, peer, false}, server_far ? what.by_server : what.by_client, findings);
    }

private:
    struct Road {
        const Endpoint& sender;
        const Endpoint& receiver;
        const Endpoint& peer;
        bool to_peer;
    };

    void see(const Fact& fact, const LossTally& what, const Road& road, const LossTally::Side& side,
             Findings& findings) {
        const ServiceAt key{{peer_net(road.peer.ip), static_cast<std::uint16_t>(road.to_peer ? 1 : 2)}, fact.vlan};
        PathWay& way = ways_.of(key);
        if (!way.add(fact, what, side, quiet_)) return;
        way.between(road.sender, road.receiver, road.peer);
        judge(fact, key, way, findings);
    }

    void judge(const Fact& fact, const ServiceAt& key, PathWay& way, Findings& findings) {
        const std::uint64_t lost = way.before + way.after;
        if (way.segments.total(fact.at.time) < segments_ || lost < lost_ || way.flows.count() < flows_) return;
        if (lost * whole_share < way.sent * share_) return;
        const auto [median, others] = ways_.median_of_others(fact.at.time, key, segments_);
        const std::uint64_t share = std::min(lost, way.sent) * whole_share / std::max<std::uint64_t>(way.sent, 1);
        if (share < times_ * median) return;
        report(fact, key, way, median, others, findings);
    }

    void report(const Fact& fact, const ServiceAt& key, const PathWay& way, std::uint64_t median, std::size_t others,
                Findings& findings) const {
        const std::uint64_t lost = way.before + way.after;
        const bool to_peer = key.service.port == 1;
        Finding finding;
        way.episode.describe(finding);
        finding.transport = Transport::tcp;
        const std::string net = peer_net_text(key.service.ip);
        finding.entity = net + ">" + (to_peer ? "to_peer" : "from_peer");
        finding.source = way.sources.without_port();
        finding.destination = way.destinations.without_port();
        finding.packets = in_order(way.packets);
        finding.impact = {
            static_cast<std::int64_t>(way.flows.count()), static_cast<std::int64_t>(way.peers.count()), {}};
        finding.confidence = limited_by_capture(findings, fact, confidence_of({others < 3, way.peers.count() < 3}));
        finding.urgency = urgency_of(about.severity, finding.confidence, {});
        finding.evidence.set("segments", way.sent);
        finding.evidence.set("retransmitted", lost);
        finding.evidence.set("loss_share", share_of(lost, way.sent));
        finding.evidence.set("site_share", share_of(median, whole_share));
        finding.evidence.set("flows", way.flows.count());
        finding.evidence.set("peers", way.peers.count());
        finding.evidence.set("peer_net", net);
        finding.evidence.set("direction", to_peer ? "to_peer" : "from_peer");
        // Nine of ten of one kind: the rest is reordering and chance.
        const char* const where = way.before * 10 >= lost * 9  ? "before_us"
                                  : way.after * 10 >= lost * 9 ? "after_us"
                                                               : nullptr;
        if (where != nullptr) finding.evidence.set("where", where);
        finding.evidence.set("spurious", way.spurious);
        finding.message = with_tenths(share_of(lost, way.sent) * 100) + " % of the segments " +
                          (to_peer ? "to " : "from ") + net + " were lost (" + std::to_string(lost) + " of " +
                          std::to_string(way.sent) + ", in " + counted(way.flows.count(), "connection", "connections") +
                          "), " + with_tenths(share_of(median, whole_share) * 100) + " % elsewhere" +
                          (where == nullptr          ? ""
                           : way.before >= way.after ? "; they are lost before this point"
                                                     : "; they are lost beyond this point");
        finding.threshold = {{"segments", static_cast<std::int64_t>(segments_)},
                             {"lost", static_cast<std::int64_t>(lost_)},
                             {"share", share_of(share_, whole_share)},
                             {"flows", static_cast<std::int64_t>(flows_)}};
        finding.window_seconds = seconds(window_);
        finding.wireshark_filter = "tcp.analysis.retransmission";
        findings.report(std::move(finding));
    }

    std::uint64_t segments_, lost_, share_, times_, flows_;
    Duration window_;
    Duration quiet_;
    PathWays ways_;
};

}  // namespace

extern constinit const RuleEntry tcp_path_loss = entry<TcpPathLoss>(about);

}  // namespace wiresage::rules
