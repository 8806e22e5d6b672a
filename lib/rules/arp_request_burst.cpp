// arp_request_burst: one station asks for many addresses within milliseconds.
// Page: arp_request_burst.md.  Background: RFC 826; RFC 4861, 4.3; RFC 5227.

#include "detect/bounded_map.hpp"
#include "detect/episode.hpp"
#include "detect/judge.hpp"
#include "detect/request_burst.hpp"
#include "detect/rule.hpp"
#include "detect/station.hpp"

namespace wiresage::rules {

namespace {

constexpr Setting settings[] = {
    {"targets", SettingKind::count, 10, 2, 256, "distinct addresses asked for; switches shut a port at such limits"},
    {"window", SettingKind::duration, in_milliseconds(10), in_milliseconds(1), in_seconds(10), "within this time"},
    {"many", SettingKind::count, 64, 1, 1'000'000,
     "more addresses than this, mostly answered, are somebody's list: info"},
    {"answered", SettingKind::share, 750'000, 0, whole_share, "mostly answered: at least this share"},
};

constexpr EvidenceKey evidence[] = {{"protocol", EvidenceType::text},
                                    {"targets", EvidenceType::integer},
                                    {"requests", EvidenceType::integer},
                                    {"span_ms", EvidenceType::number},
                                    {"answered_targets", EvidenceType::integer},
                                    {"bursts", EvidenceType::integer},
                                    {"followed_by", EvidenceType::text, true},
                                    {"rst_count", EvidenceType::integer, true},
                                    {"rst_port", EvidenceType::integer, true},
                                    {"explanation", EvidenceType::text, true}};

constexpr std::string_view next_steps[] = {
    "Find the station: on the switch, `show mac address-table address MAC` names its port.",
    "On it, look at what runs with many peers on the local network: discovery (WSD, SSDP), monitoring, a scanner.",
    "If the switch shuts the port: raise its ARP rate limit for this port, or spread the connections of the program.",
};

constexpr About about{.id = "arp_request_burst",
                      .name = "Burst of ARP requests",
                      .category = "arp",
                      .kind = RuleKind::site,
                      .severity = Severity::warning,
                      .settings = settings,
                      .evidence = evidence,
                      .source = "mac, ip",
                      .destination = "absent",
                      .entity = "source mac",
                      .cause = "A program on the station turns to many local addresses at once.",
                      .unknowable = "Which program: ARP has no process. What happens inside encrypted sessions.",
                      .next_steps = next_steps};

constexpr Duration answer_wait = std::chrono::seconds{1};    // What follows is known by then.
constexpr Duration failover_span = std::chrono::seconds{5};  // Announcements before the burst.
constexpr std::uint64_t pattern = 3;                         // From so many bursts on it is a habit.

class ArpRequestBurst {
public:
    explicit ArpRequestBurst(const RuleContext& context)
        : settings_{context.settings}, askers_{std::max<std::size_t>(context.most_hosts / 8, 16)} {}

    void on(const Fact& fact, const Neighbor& what, Findings&) {
        const auto mac = what.frame_source.is_zero() ? what.sender_mac : what.frame_source;
        const bool announces = what.announcement || (what.reply && what.target_ip.is_multicast());
        if (announces) askers_.at({mac, fact.vlan, what.nd}).announced = fact.at.time;
        if (announces || what.probe) return;
        if (what.reply) {
            // To the asker: by the message, or (neighbour discovery) by the frame.
            auto* const asked = asked_by(fact, what.nd ? what.frame_target : what.target_mac, what.sender_ip);
            if (asked != nullptr) asked->answered = true;
        } else {
            asks(fact, what, {mac, fact.vlan, what.nd});
        }
    }

    void on(const Fact& fact, const ConnectionEnded& what, Findings&) {
        if (what.by != EndedBy::rst) return;
        // The end that is not the asker's was asked for; which of the two it is, a joined connection does not tell.
        for (const auto& end : {what.server, what.client}) {
            if (auto* const asked = asked_by(fact, what.ender_mac, end.ip)) return asked->reset_at(end.port);
        }
    }

    void on(const Fact& fact, const Attempt& what, Findings&) {
        if (what.transport != Transport::tcp) return;
        auto* const asked = asked_by(fact, what.client_mac, what.server.ip);
        if (asked != nullptr) asked->connected = true;
    }

    void on(const Fact& fact, const Tick&, Findings& findings) {
        std::erase_if(waiting_, [&](const Station& key) {
            auto* const asker = askers_.find(key);
            if (asker == nullptr) return true;
            if (fact.at.time < asker->due) return false;
            report(fact, key, *asker, findings);
            // Once more when nothing can follow any more.
            const auto end = asker->bursts.current().last + RequestBursts::follow_span;
            const bool over = asker->due > end;
            asker->due = fact.at.time < end ? end + tick_length : fact.at.time + answer_wait;
            asker->waits = !over;
            return over;
        });
    }

private:
    struct Asker {
        RequestBursts bursts;
        Episode episode;
        std::uint64_t count = 0;
        AgreedEnd ends;
        std::vector<PacketRef> packets;
        EventTime announced;
        EventTime due;
        bool waits = false;
    };

    AskedAddress* asked_by(const Fact& fact, const MacAddress& mac, const Address& ip) {
        if (mac.is_zero()) return nullptr;
        auto* const asker = askers_.find({mac, fact.vlan, !ip.is_v4()});
        return asker == nullptr ? nullptr : asker->bursts.find(ip, fact.at.time);
    }

    void asks(const Fact& fact, const Neighbor& what, const Station& key) {
        auto& asker = askers_.at(key);
        if (asker.episode.over(fact.at.time, settings_.resolve_after)) {
            const auto announced = asker.announced;
            asker = Asker{};
            asker.announced = announced;
        }
        const auto targets = static_cast<std::size_t>(settings_["targets"]);
        const auto step = asker.bursts.asks(fact, what.target_ip, targets, settings_.duration("window"));
        if (step == RequestBursts::Step::none) return;
        asker.ends.see({what.sender_ip, 0}, key.mac);
        if (step == RequestBursts::Step::goes_on) return;
        const auto& burst = asker.bursts.current();
        asker.episode.touch(fact, burst.first, burst.first_stamp, settings_.resolve_after);
        for (const auto& asked : burst.asked) keep_packet(asker.packets, asked.packet.input, asked.packet.frame);
        ++asker.count;
        if (asker.waits) return;
        asker.waits = true;
        asker.due = fact.at.time + answer_wait;
        waiting_.push_back(key);
    }

    std::string_view explanation(const Station& key, const Asker& asker, const Findings& findings) const {
        const auto& burst = asker.bursts.largest();
        if (burst.is_followed_by_resets()) return "idle_sessions_closed";
        const auto apart = asker.announced - asker.episode.start();
        const bool announced = asker.announced != EventTime{} && apart <= failover_span && apart >= -failover_span;
        if (announced || Knowledge::is_virtual_router(key.mac)) return "failover";
        if (findings.knowledge().forwards(key.mac) && burst.answered() * 2 < burst.asked.size())
            return "router_under_sweep";
        return {};
    }

    bool is_habit(const Asker& asker) const {
        const auto& bursts = asker.bursts;
        const bool answered =
            bursts.answered_in_all() * whole_share >= bursts.asked_in_all() * settings_.count("answered");
        return answered && (asker.count >= pattern || bursts.asked_in_all() > settings_.count("many"));
    }

    void report(const Fact& fact, const Station& key, const Asker& asker, Findings& findings) const {
        const auto& burst = asker.bursts.largest();
        const auto why = explanation(key, asker, findings);
        Finding finding;
        asker.episode.describe(finding);
        finding.entity = key.entity();
        finding.source = asker.ends.without_port();
        finding.source.mac = key.mac;
        finding.evidence.set("protocol", key.protocol());
        burst.tell(finding.evidence, asker.count);
        if (!why.empty()) finding.evidence.set("explanation", std::string{why});
        finding.message =
            key.mac.text() + " " + (finding.source.ip ? "(" + finding.source.ip->text() + ") " : "") + burst.text();
        finding.cause = RequestBurst::cause_of(why);
        if (is_habit(asker) || why == "failover" || findings.knowledge().forwards(key.mac))
            finding.severity = Severity::info;
        finding.threshold = {{"targets", settings_["targets"]}};
        finding.window_seconds = seconds(settings_.duration("window"));
        finding.wireshark_filter = key.filter();
        finding.packets = asker.packets;
        finding.impact.peers = static_cast<std::int64_t>(burst.asked.size());
        finding.confidence = limited_by_capture(findings, fact, Confidence::high);
        finding.urgency = urgency_of(finding.severity.value_or(about.severity), finding.confidence, {});
        findings.report(std::move(finding));
    }

    const RuleSettings settings_;
    BoundedMap<Station, Asker, StationHash> askers_;
    std::vector<Station> waiting_;
};

}  // namespace

extern constinit const RuleEntry arp_request_burst = entry<ArpRequestBurst>(about);

}  // namespace wiresage::rules
