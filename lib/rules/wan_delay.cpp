// wan_delay: two points prove that a session's time goes to the path, neither to the server nor to the client.
// Page: wan_delay.md.

#include <algorithm>

#include "detect/bounded_map.hpp"
#include "detect/judge.hpp"
#include "detect/keys.hpp"
#include "detect/rule.hpp"

namespace wiresage::rules {

namespace {

constexpr Setting settings[] = {
    {"rtt", SettingKind::duration, in_milliseconds(40), in_milliseconds(1), in_seconds(60),
     "median round trip of the path between the points from here on"},
    {"exchanges", SettingKind::count, 5, 1, 1'000'000, "answers seen at both points from here on"},
    {"think_share", SettingKind::share, 250'000, 0, whole_share,
     "of the round trip: the server's and the client's median think time at most"},
};

constexpr EvidenceKey evidence[] = {
    {"near_source", EvidenceType::text},
    {"near_destination", EvidenceType::text},
    {"far_source", EvidenceType::text},
    {"far_destination", EvidenceType::text},
    {"nat", EvidenceType::boolean},
    {"rtt_ms", EvidenceType::number},
    {"server_think_ms", EvidenceType::number},
    {"client_think_ms", EvidenceType::number},
    {"exchanges", EvidenceType::integer},
    {"clock_offset_s", EvidenceType::number},
    {"clock_uncertainty_s", EvidenceType::number},
};

constexpr std::string_view next_steps[] = {
    "Fewer round trips help, faster hosts do not: batch requests, open fewer connections, move the application nearer "
    "to "
    "its data.",
    "Compare the round trip with the distance (light in fibre: about 1 ms for 100 km there and back): what is beyond "
    "it "
    "is queues or detours; measure each leg with `mtr`.",
    "Watch whether it changes over the day: constant is distance or a tunnel, variable is load.",
};

constexpr About about{
    .id = "wan_delay",
    .name = "Time goes to the path",
    .category = "tcp",
    .kind = RuleKind::pair,
    .severity = Severity::warning,
    .settings = settings,
    .evidence = evidence,
    .source = "client ip:port (near)",
    .destination = "server ip:port (near)",
    .entity = "near_source ip > near_destination",
    .cause =
        "Each exchange waits for one round trip of the path between the two capture points. At the client's point "
        "the server looks slow, at the server's point the client does; both are quick.",
    .unknowable =
        "How the delay divides between the two directions: that needs clocks that agree better than the round "
        "trip.",
    .next_steps = next_steps,
};

class WanDelay {
public:
    explicit WanDelay(const RuleContext& context)
        : least_rtt_us_{static_cast<std::uint64_t>(context.settings["rtt"] / 1000)},
          exchanges_{context.settings.count("exchanges")},
          think_share_{context.settings.count("think_share")},
          pairs_{context.most_hosts} {}

    void on(const Fact& fact, const PathDelay& what, Findings&) {
        const auto most_think = std::uint64_t{what.rtt_us} * think_share_ / whole_share;
        if (what.exchanges < exchanges_ || what.rtt_us < least_rtt_us_) return;
        if (what.server_us > most_think || what.client_us > most_think) return;
        if (what.path_share < whole_share / 2) return;  // A few slow answers outweigh many quick ones.
        auto& entry = pairs_.at(ClientOfService{what.near_client.ip, what.near_server, fact.vlan});
        entry.client.see(what.near_client, {});
        entry.server.see(what.near_server, {});
        ++entry.sessions;
        entry.exchanges += what.exchanges;
        entry.start = std::min(entry.start, what.first);
        if (entry.sessions == 1 || what.exchanges > entry.longest.exchanges) {
            entry.longest = what;
            entry.input = fact.at.input;
        }
        is_news_ = true;
    }

    void on(const Fact&, const Tick&, Findings& findings) {
        if (!is_news_) return;
        is_news_ = false;
        pairs_.for_each([&](const ClientOfService& key, const Entry& entry) { report(key, entry, findings); });
    }

private:
    struct Entry {
        PathDelay longest;  ///< Of its sessions the one with the most exchanges.
        AgreedEnd client;
        AgreedEnd server;
        EventTime start = latest_event_time;
        std::uint64_t sessions = 0;
        std::uint64_t exchanges = 0;
        std::uint16_t input = 0;
    };

    static std::string in_ms(std::uint32_t us) { return with_tenths(us / 1000.0) + " ms"; }

    void report(const ClientOfService& key, const Entry& entry, Findings& findings) const {
        const auto& what = entry.longest;
        Finding finding;
        finding.entity = key.entity();
        finding.source = entry.client.with_port();
        finding.destination = entry.server.with_port();
        finding.transport = Transport::tcp;
        finding.start = finding.start_stamp = entry.start;
        finding.input = entry.input;
        finding.vlan = key.vlan;
        finding.urgency = urgency_of(about.severity, finding.confidence, {});
        finding.impact = {static_cast<std::int64_t>(entry.sessions), 1, {}};
        auto& facts = finding.evidence;
        facts.set("near_source", what.near_client.text());
        facts.set("near_destination", what.near_server.text());
        facts.set("far_source", what.far_client.text());
        facts.set("far_destination", what.far_server.text());
        facts.set("nat", what.near_client != what.far_client || what.near_server != what.far_server);
        facts.set("rtt_ms", what.rtt_us / 1000.0);
        facts.set("server_think_ms", what.server_us / 1000.0);
        facts.set("client_think_ms", what.client_us / 1000.0);
        facts.set("exchanges", entry.exchanges);
        facts.set("clock_offset_s", seconds(Duration{what.clock_offset_ns}));
        facts.set("clock_uncertainty_s", seconds(Duration{what.clock_uncertainty_ns}));
        keep_packet(finding.packets, entry.input, what.frame);
        finding.message = what.near_client.text() + " waits " + in_ms(what.rtt_us) + " of path for each answer of " +
                          what.near_server.text() + "; the server answers within " + in_ms(what.server_us) +
                          ", the client asks again within " + in_ms(what.client_us) + " (" +
                          counted(entry.exchanges, "exchange", "exchanges") + ")";
        finding.threshold = {{"rtt", static_cast<double>(least_rtt_us_) / 1e6},
                             {"exchanges", static_cast<std::int64_t>(exchanges_)},
                             {"think_share", share_of(think_share_, whole_share)}};
        finding.wireshark_filter = filter_between(key);
        findings.report(std::move(finding));
    }

    std::uint64_t least_rtt_us_;
    std::uint64_t exchanges_;
    std::uint64_t think_share_;
    BoundedMap<ClientOfService, Entry, ServiceHash> pairs_;
    bool is_news_ = false;
};

}  // namespace

extern constinit const RuleEntry wan_delay = entry<WanDelay>(about);

}  // namespace wiresage::rules
