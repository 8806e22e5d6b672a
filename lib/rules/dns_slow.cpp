// dns_slow: a name server takes long for a good part of what it is asked.
// Page: dns_slow.md.

#include <algorithm>
#include <array>
#include <string>

#include "detect/bounded_map.hpp"
#include "detect/episode.hpp"
#include "detect/judge.hpp"
#include "detect/keys.hpp"
#include "detect/rule.hpp"
#include "detect/windows.hpp"

namespace wiresage::rules {

namespace {

constexpr Setting settings[] = {
    {"queries", SettingKind::count, 20, 1, 1'000'000, "answers of a name server within the window from here on"},
    {"zones", SettingKind::count, 5, 1, 1000, "zones asked for from here on: one lame zone is not the server's fault"},
    {"slow", SettingKind::duration, in_milliseconds(500), in_milliseconds(1), in_seconds(10),
     "an answer is slow beyond this"},
    {"share", SettingKind::share, 200'000, 0, whole_share, "slow ones of all answers"},
    {"past_times", SettingKind::count, 3, 1, 1000, "and this many times the server's own earlier 95th percentile"},
    {"window", SettingKind::duration, in_seconds(60), in_seconds(1), in_seconds(3600),
     "how long answers count together"},
};

constexpr EvidenceKey evidence[] = {
    {"queries", EvidenceType::integer},   {"slow", EvidenceType::integer},
    {"slow_share", EvidenceType::number}, {"response_ms", EvidenceType::number},
    {"p95_ms", EvidenceType::number},     {"baseline_ms", EvidenceType::number, true},
    {"zones", EvidenceType::integer},
};

constexpr std::string_view next_steps[] = {
    "`dig NAME @SERVER` several times: is the second answer fast (a cold cache), or all slow (the server, or the way "
    "to it)?",
    "On the server: load, and whether its forwarders or the way to the Internet are slow (`rndc stats`, "
    "`unbound-control stats`).",
};

constexpr About about{
    .id = "dns_slow",
    .name = "Name server slow",
    .category = "dns",
    .kind = RuleKind::site,
    .severity = Severity::warning,
    .settings = settings,
    .evidence = evidence,
    .source = "name server ip:port",
    .destination = "absent",
    .entity = "name server ip",
    .cause = "The server is overloaded, or waits for forwarders and other servers that are slow or lost.",
    .unknowable = "What the server waited for: that goes out elsewhere.",
    .next_steps = next_steps,
};

/// Times as DnsTally keeps them.
struct Times {
    std::array<std::uint64_t, DnsTally::most_times> counts{};

    /// Upper limit of a bucket; as the parser has it.
    static Duration limit(std::size_t bucket) {
        std::int64_t limit = 250'000;
        for (std::size_t i = 0; i < bucket; ++i) limit = limit * 99 / 70;
        return Duration{limit};
    }
    std::uint64_t total() const {
        std::uint64_t sum = 0;
        for (const auto count : counts) sum += count;
        return sum;
    }
    std::uint64_t beyond(Duration slow) const {
        std::uint64_t sum = 0;
        for (std::size_t i = 1; i < counts.size(); ++i) sum += limit(i - 1) >= slow ? counts[i] : 0;
        return sum;
    }
    Duration percentile(std::uint64_t percent) const {
        const std::uint64_t wanted = (total() * percent + 99) / 100;
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < counts.size(); ++i) {
            sum += counts[i];
            if (sum >= wanted) return limit(i);
        }
        return limit(counts.size() - 1);
    }
    void add(const DnsTally& tally) {
        for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += tally.times[i];
    }
    void add(const Times& other) {
        for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += other.counts[i];
    }
};

class DnsSlow {
public:
    explicit DnsSlow(const RuleContext& context)
        : settings_{context.settings},
          window_{context.settings.duration("window")},
          servers_{std::max<std::size_t>(context.most_hosts / 8, 64)} {}

    void on(const Fact& fact, const DnsTally& what, Findings& findings) {
        auto& entry = servers_.at({{what.server.ip, 0}, fact.vlan});
        const EventTime now = fact.at.time;
        if (now - entry.window_began > window_) {
            // What went well is the past that later trouble is measured by.
            if (!is_trouble(entry) && entry.now.total() > 0) entry.past.add(entry.now);
            entry.now = Times{};
            entry.zones.clear();
            entry.window_began = now;
        }
        entry.server.see(what.server.ip);
        entry.port.see(what.server.port);
        entry.now.add(what);
        for (std::size_t i = 0; i < what.zone_count; ++i) entry.zones.add(what.zones[i]);
        if (!is_trouble(entry)) return;
        entry.episode.touch(fact, settings_.resolve_after);
        report(now, what.server.ip, entry, findings);
    }

private:
    struct Entry {
        Episode episode;
        Times now;   ///< Of the present window.
        Times past;  ///< Of earlier windows without trouble.
        DistinctCount zones;
        EventTime window_began;
        Agreed<Address> server;
        Agreed<std::uint16_t> port;
    };

    bool is_trouble(const Entry& entry) const {
        const auto all = entry.now.total();
        if (all < settings_.count("queries") || entry.zones.count() < settings_.count("zones")) return false;
        if (entry.now.beyond(settings_.duration("slow")) * whole_share < all * settings_.count("share")) return false;
        const bool has_past = entry.past.total() >= settings_.count("queries");
        const auto times = static_cast<std::int64_t>(settings_.count("past_times"));
        return !has_past || entry.now.percentile(95) >= times * entry.past.percentile(95);
    }

    void report(EventTime now, const Address& server, const Entry& entry, Findings& findings) const {
        Finding finding;
        entry.episode.describe(finding);
        finding.transport = Transport::udp;
        const auto all = entry.now.total();
        const auto slow = entry.now.beyond(settings_.duration("slow"));
        const bool has_past = entry.past.total() >= settings_.count("queries");
        finding.confidence =
            limited_by_capture(findings, Place::of(finding, now), has_past ? Confidence::high : Confidence::low);
        finding.urgency = urgency_of(Severity::warning, finding.confidence,
                                     {.part = slow, .whole = all, .gateway_or_resolver = true});
        finding.impact = {static_cast<std::int64_t>(slow), 0, share_of(slow, all)};
        finding.entity = server.text();
        finding.source = End{server, entry.port.get(), {}};
        finding.evidence.set("queries", all);
        finding.evidence.set("slow", slow);
        finding.evidence.set("slow_share", share_of(slow, all));
        finding.evidence.set("response_ms", milliseconds(entry.now.percentile(50)));
        finding.evidence.set("p95_ms", milliseconds(entry.now.percentile(95)));
        if (has_past) finding.evidence.set("baseline_ms", milliseconds(entry.past.percentile(95)));
        finding.evidence.set("zones", entry.zones.count());
        finding.message = "Name server " + server.text() + " took longer than " +
                          std::to_string(settings_["slow"] / 1'000'000) + " ms for " + std::to_string(slow) + " of " +
                          counted(all, "answer", "answers") + " about " + counted(entry.zones.count(), "zone", "zones");
        finding.threshold = {{"queries", settings_["queries"]},
                             {"slow_ms", milliseconds(settings_.duration("slow"))},
                             {"share", share_of(settings_.count("share"), whole_share)}};
        finding.window_seconds = seconds(window_);
        finding.wireshark_filter = filter_ip("src", server) + " && dns.time>0.5";
        findings.report(std::move(finding));
    }

    const RuleSettings settings_;
    Duration window_;
    BoundedMap<ServiceAt, Entry, ServiceHash> servers_;
};

}  // namespace

extern constinit const RuleEntry dns_slow = entry<DnsSlow>(about);

}  // namespace wiresage::rules
