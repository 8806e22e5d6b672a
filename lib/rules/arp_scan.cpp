// arp_scan: one station asks for many addresses of which few exist.
// Page: arp_scan.md.  Background: RFC 826; RFC 4861, 4.3.

#include <algorithm>

#include "detect/bounded_map.hpp"
#include "detect/judge.hpp"
#include "detect/neighbor_sweep.hpp"
#include "detect/rule.hpp"
#include "detect/station.hpp"

namespace wiresage::rules {

namespace {

constexpr Setting settings[] = {
    {"targets", SettingKind::count, 64, 1, 1'000'000, "more distinct addresses than this, or ..."},
    {"sequential_targets", SettingKind::count, 20, 4, 1'000'000, "... at least this many, one after the other"},
    {"window", SettingKind::duration, in_seconds(60), in_seconds(1), in_seconds(3600), "within this time"},
    {"answered", SettingKind::share, 200'000, 0, whole_share, "of which less than this share answered"},
};

constexpr EvidenceKey evidence[] = {
    {"protocol", EvidenceType::text},         {"targets", EvidenceType::integer},
    {"requests", EvidenceType::integer},      {"answered_targets", EvidenceType::integer},
    {"answered_share", EvidenceType::number}, {"sequential", EvidenceType::boolean},
    {"span_s", EvidenceType::number},         {"behind", EvidenceType::text, true},
};

constexpr std::string_view next_steps[] = {
    "Find the station: on the switch, `show mac address-table address MAC` names its port.",
    "If it is a router: look for the scan behind it (`behind`, port_scan, host_sweep) and drop it there.",
    "If it is a host: ask who runs it; an inventory tool is announced, a stranger's tool is not.",
};

constexpr About about{.id = "arp_scan",
                      .name = "ARP scan",
                      .category = "arp",
                      .kind = RuleKind::site,
                      .severity = Severity::warning,
                      .settings = settings,
                      .evidence = evidence,
                      .source = "mac, ip",
                      .destination = "absent",
                      .entity = "source mac",
                      .cause = "The station looks for who is there; a host asks for the few neighbours it talks to.",
                      .unknowable =
                          "Which program: ARP has no process. Replies go to the asker alone and are seen only "
                          "where its port is captured.",
                      .next_steps = next_steps};

constexpr Duration answer_wait = std::chrono::seconds{1};
constexpr Duration remembered = std::chrono::minutes{10};  // As guard G2: replies are shown here.

class ArpScan {
public:
    explicit ArpScan(const RuleContext& context)
        : settings_{context.settings},
          askers_{std::max<std::size_t>(context.most_hosts / 8, 16)},
          wanted_{4096},
          leasers_{1024} {}

    void on(const Fact& fact, const Neighbor& what, Findings&) {
        if (what.announcement || what.probe) return;
        if (what.reply) return answers(fact, what);
        // To one station: a known neighbour is asked whether it is still there (RFC 1122, 2.3.2.1; RFC 4861, 7.3).
        if (!what.frame_target.is_zero() && !what.frame_target.is_group()) return;
        asks(fact, what, {what.frame_source.is_zero() ? what.sender_mac : what.frame_source, fact.vlan, what.nd});
    }

    void on(const Fact& fact, const Attempt& what, Findings&) {
        if (!what.answered_at_once) wanted_.at(what.server.ip) = {what.client.ip, fact.at.time};
        // A DHCP server asks for an address before it gives it away (RFC 2131, 3.1).
        const bool leases = what.transport == Transport::udp && (what.client.port == 67 || what.client.port == 547);
        if (leases) leasers_.at(what.client_mac) = fact.at.time;
    }

    void on(const Fact& fact, const Tick&, Findings& findings) {
        std::erase_if(waiting_, [&](const Station& key) {
            auto* const asker = askers_.find(key);
            if (asker == nullptr) return true;
            if (fact.at.time - asker->last < answer_wait && fact.at.time - asker->waits_since < answer_wait)
                return false;
            asker->waits = false;
            if (is_scan(fact, *asker, is_router(key, *asker, findings))) report(fact, key, *asker, findings);
            return true;
        });
    }

private:
    struct Wish {
        Address client;
        EventTime at;
    };
    void asks(const Fact& fact, const Neighbor& what, const Station& key) {
        auto& asker = askers_.at(key);
        const auto now = fact.at.time;
        const auto quiet = std::max(settings_.duration("window"), asker.told ? settings_.resolve_after : Duration{});
        if (!asker.episode.is_open() || now - asker.last > quiet) asker = NeighborSweep{settings_.duration("window")};
        if (!asker.asks(fact, what, key.mac)) return;
        const auto* const wish = wanted_.find(what.target_ip);
        if (wish != nullptr && now - wish->at <= answer_wait && wish->client != what.sender_ip)
            asker.behind.see(wish->client);
        if (asker.waits) return;
        asker.waits = true;
        asker.waits_since = now;
        waiting_.push_back(key);
    }

    void answers(const Fact& fact, const Neighbor& what) {
        const auto& to = what.nd ? what.frame_target : what.target_mac;
        auto* const asker = askers_.find({to, fact.vlan, what.nd});
        if (asker == nullptr) return;
        asker->answered.add(NeighborSweep::hash(what.sender_ip));
        shown_ = fact.at.time;
    }

    static bool is_router(const Station& key, const NeighborSweep& asker, const Findings& findings) {
        return findings.knowledge().forwards(key.mac) || asker.many_senders;
    }

    bool is_scan(const Fact& fact, NeighborSweep& asker, bool router) const {
        // A router asks for whom packets come, all day long; it is worth a word where one sends them all.
        if (router && !asker.behind.get()) return false;
        const auto asked = asker.asked.count();
        if (asker.answered.count() * whole_share >= asked * settings_.count("answered")) return false;
        if (asker.told) return true;
        const auto news = asker.news.total(fact.at.time);
        const bool in_order = asker.is_sequential() && news >= settings_.count("sequential_targets");
        // Where no reply to anybody was ever seen, "unanswered" says nothing; the order of the addresses still does.
        const bool replies_show = shown_ != EventTime{} && fact.at.time - shown_ <= remembered;
        asker.told = in_order || (replies_show && news > settings_.count("targets"));
        return asker.told;
    }

    void report(const Fact& fact, const Station& key, const NeighborSweep& asker, Findings& findings) const {
        const auto asked = asker.asked.count();
        const auto span = seconds(asker.last - asker.episode.start());
        const auto* const leases = leasers_.find(key.mac);
        const bool router = is_router(key, asker, findings);
        Finding finding;
        asker.episode.describe(finding);
        finding.entity = key.entity();
        finding.source = asker.ends.without_port();
        finding.source.mac = key.mac;
        finding.evidence.set("protocol", key.protocol());
        finding.evidence.set("targets", asked);
        finding.evidence.set("requests", asker.requests);
        finding.evidence.set("answered_targets", asker.answered.count());
        finding.evidence.set("answered_share", share_of(asker.answered.count(), asked));
        finding.evidence.set("sequential", asker.is_sequential());
        finding.evidence.set("span_s", span);
        if (router) finding.evidence.set("behind", asker.behind.get()->text());
        finding.message = key.mac.text() + " " + (finding.source.ip ? "(" + finding.source.ip->text() + ") " : "") +
                          "asked for " + counted(asked, "address", "addresses") + " in " + with_tenths(span) + " s; " +
                          std::to_string(asker.answered.count()) + " answered";
        if (router || leases != nullptr) finding.severity = Severity::info;
        if (router)
            finding.cause = "A router looks for the hosts to which packets come: somebody behind it tries many.";
        if (leases != nullptr) finding.cause = "A DHCP server looks whether addresses are free before it leases them.";
        finding.threshold = {{"targets", settings_["targets"]},
                             {"sequential_targets", settings_["sequential_targets"]},
                             {"answered", static_cast<double>(settings_["answered"]) / whole_share}};
        finding.window_seconds = seconds(settings_.duration("window"));
        finding.wireshark_filter = key.filter();
        finding.packets = asker.packets;
        finding.impact.peers = static_cast<std::int64_t>(asked);
        finding.confidence =
            limited_by_capture(findings, fact, confidence_of({shown_ == EventTime{}, !asker.is_sequential()}));
        finding.urgency = urgency_of(finding.severity.value_or(about.severity), finding.confidence, {});
        findings.report(std::move(finding));
    }

    const RuleSettings settings_;
    BoundedMap<Station, NeighborSweep, StationHash> askers_;
    BoundedMap<Address, Wish, AddressHash> wanted_;  ///< Who asked for an address, lately.
    BoundedMap<MacAddress, EventTime, AddressHash> leasers_;
    std::vector<Station> waiting_;
    EventTime shown_;  ///< Last reply to somebody who had asked.
};

}  // namespace

extern constinit const RuleEntry arp_scan = entry<ArpScan>(about);

}  // namespace wiresage::rules
