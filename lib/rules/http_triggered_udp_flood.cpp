// http_triggered_udp_flood: a web request names an address, and right after it the server floods that address.
// Page: http_triggered_udp_flood.md.

#include <algorithm>
#include <string>

#include "detect/bounded_map.hpp"
#include "detect/flood.hpp"
#include "detect/flood_report.hpp"
#include "detect/judge.hpp"
#include "detect/keys.hpp"
#include "detect/protocols.hpp"
#include "detect/rule.hpp"
#include "fact/texts.hpp"

namespace wiresage::rules {

namespace {

constexpr Setting settings[] = {
    {"datagrams", SettingKind::count, 1000, 1, 1'000'000'000, "fewer than this are never a flood"},
    {"datagrams_per_s", SettingKind::rate, 2000, 1, 1'000'000'000,
     "a flood's peak second holds this many datagrams ..."},
    {"bits_per_s", SettingKind::rate, 10'000'000, 1, 1'000'000'000'000, "... or this many bits on the wire"},
    {"delay", SettingKind::duration, in_seconds(15), in_seconds(1), in_seconds(600),
     "the flood begins within this time of the request"},
};

constexpr EvidenceKey evidence[] = {
    {"datagrams", EvidenceType::integer},
    {"datagram_len", EvidenceType::integer},
    {"bytes", EvidenceType::integer},
    {"fragments", EvidenceType::integer},
    {"datagrams_per_s", EvidenceType::number},
    {"bits_per_s", EvidenceType::number},
    {"replies", EvidenceType::integer},
    {"distinct_sources", EvidenceType::integer},
    {"destination_ports", EvidenceType::integer},
    {"trigger_src", EvidenceType::text},
    {"trigger_uri", EvidenceType::text},
    {"trigger_method", EvidenceType::text},
    {"trigger_host", EvidenceType::text, true},
    {"delay_s", EvidenceType::number},
};

constexpr std::string_view next_steps[] = {
    "Take the server off the network: somebody uses it to attack others, by the page in `trigger_uri` (a web shell).",
    "Keep that file and the web server's log; find how it came there (uploads, WebDAV, a known hole), and what else "
    "did.",
    "`ss -uap` names the process that sends; requests from `trigger_src` are the attacker's, or his last hop's.",
};

constexpr About about{
    .id = "http_triggered_udp_flood",
    .name = "UDP flood begun by a web request",
    .category = "http",
    .kind = RuleKind::site,
    .severity = Severity::critical,
    .settings = settings,
    .evidence = evidence,
    .source = "ip:port",
    .destination = "target ip:port",
    .entity = "source ip > target ip",
    .cause = "A script on the web server floods whatever address a request names: the server is misused for attacks.",
    .unknowable = "Who asks: the request's source may itself be a misused host.",
    .next_steps = next_steps,
};

class HttpTriggeredUdpFlood {
public:
    explicit HttpTriggeredUdpFlood(const RuleContext& context)
        : settings_{context.settings},
          delay_{context.settings.duration("delay")},
          to_{VolumeKind::udp_to, limits(settings_), std::max<std::size_t>(context.most_hosts / 8, 64), context.secret},
          triggers_{4096} {}

    void on(const Fact& fact, const HttpExchange& what, Findings&) {
        if (what.news != HttpNews::names_address) return;
        TextReader texts{fact.texts()};
        Trigger made;
        made.client = what.client.ip;
        made.at = fact.at.time;
        made.stamp = fact.at.stamp;
        made.frame = fact.at.frame;
        made.method = texts.next();
        made.uri = texts.next();
        made.host = texts.next();
        triggers_.at({what.server.ip, what.named, any_vlan}) = std::move(made);
    }
    void on(const Fact& fact, const Volume& what, Findings&) {
        // Only who was named before is watched: floods of others are udp_flood's.
        if (what.kind == VolumeKind::udp_to && !triggers_.empty()) to_.see(fact, what);
    }
    void on(const Fact& fact, const Distinct& what, Findings&) {
        if (what.kind == VolumeKind::udp_to && !triggers_.empty()) to_.see(fact, what);
    }
    void on(const Fact&, const ClockStep&, Findings&) {
        to_.clear();
        triggers_.clear();
    }
    void on(const Fact& fact, const Tick&, Findings& findings) {
        to_.judge(fact, [&](const Address& target, FloodRun& run) { return judge(fact, target, run, findings); });
    }

private:
    /// The sums of a flood carry no VLAN, and the request may have come by another one.
    static constexpr std::uint16_t any_vlan = 0;

    struct Trigger {
        Address client;
        EventTime at;
        EventTime stamp;
        std::uint64_t frame = 0;
        std::string method, uri, host;
    };

    static FloodWatch::Limits limits(const RuleSettings& of) {
        FloodWatch::Limits made{of.count("datagrams_per_s"), of.count("bits_per_s"), of.resolve_after, {}};
        for (const auto& row : one_way_udp()) made.ports.push_back(row.port);
        return made;
    }

    bool judge(const Fact& fact, const Address& target, FloodRun& run, Findings& findings) {
        const auto& totals = run.totals();
        const auto& source = totals.peer_ip.get();
        if (!source) return false;
        const auto* const trigger = triggers_.find({*source, target, any_vlan});
        if (trigger == nullptr || trigger->at > totals.start + std::chrono::seconds{1} ||
            totals.start - trigger->at > delay_)
            return false;
        if (!run.is_told()) {
            if (totals.packets < settings_.count("datagrams")) return false;
            const bool fast = totals.packets_peak.peak() >= settings_.count("datagrams_per_s");
            if (!fast && totals.bits_peak.peak() < settings_.count("bits_per_s")) return false;
        }
        // Media whose address was named answers: reports of RTCP, checks of STUN, the other side's own stream.
        if (totals.replies * 100 > totals.packets) return false;
        if (findings.knowledge().have_met(*source, target, fact.at.time)) return false;
        report(fact, target, *source, *trigger, totals, findings);
        return true;
    }

    void report(const Fact& fact, const Address& target, const Address& source, const Trigger& trigger,
                const FloodTotals& totals, Findings& findings) const {
        Finding finding;
        set_ends(finding, target, totals, false);
        finding.start = std::min(totals.start, trigger.at);
        finding.start_stamp = trigger.at < totals.start ? trigger.stamp : totals.start_stamp;
        finding.transport = Transport::udp;
        keep_packet(finding.packets, totals.input, trigger.frame);
        finding.packets = in_order(std::move(finding.packets));
        finding.entity = source.text() + ">" + target.text();
        set_udp_evidence(finding.evidence, totals, false);
        finding.evidence.set("trigger_src", trigger.client.text());
        finding.evidence.set("trigger_uri", trigger.uri);
        finding.evidence.set("trigger_method", trigger.method);
        if (!trigger.host.empty()) finding.evidence.set("trigger_host", trigger.host);
        finding.evidence.set("delay_s", seconds(std::max(totals.start - trigger.at, Duration{})));
        finding.message = trigger.client.text() + " asked " + source.text() + " for " + trigger.uri + "; " +
                          udp_flood_message(finding, totals, false);
        finding.wireshark_filter = udp_flood_filter(finding);
        finding.window_seconds = seconds(delay_);
        finding.threshold = {{"datagrams", settings_["datagrams"]},
                             {"datagrams_per_s", settings_["datagrams_per_s"]},
                             {"bits_per_s", settings_["bits_per_s"]},
                             {"delay_s", seconds(delay_)}};
        finding.confidence = limited_by_capture(findings, fact, Confidence::high);
        finding.urgency = Urgency::page;
        findings.report(std::move(finding));
    }

    const RuleSettings settings_;
    Duration delay_;
    FloodWatch to_;
    BoundedMap<FromHostToHost, Trigger, ServiceHash> triggers_;
};

}  // namespace

extern constinit const RuleEntry http_triggered_udp_flood = entry<HttpTriggeredUdpFlood>(about);

}  // namespace wiresage::rules
