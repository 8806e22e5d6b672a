// loopback_response_slow: a service keeps its own host waiting while it serves others at once.
// Page: loopback_response_slow.md.

#include <algorithm>

#include "detect/bounded_map.hpp"
#include "detect/judge.hpp"
#include "detect/keys.hpp"
#include "detect/rule.hpp"
#include "detect/service_waits.hpp"

namespace wiresage::rules {

namespace {

constexpr Setting settings[] = {
    {"response", SettingKind::duration, in_milliseconds(500), in_milliseconds(250), in_seconds(30),
     "answers over loopback that take longer are slow"},
    {"count", SettingKind::count, 3, 1, 1'000'000, "slow answers from here on"},
    {"baseline", SettingKind::count, 10, 2, 10'000, "times the median of the others that a slow answer takes"},
};

constexpr EvidenceKey evidence[] = {
    {"slow_responses", EvidenceType::integer},
    {"max_response_s", EvidenceType::number},
    {"response_s", EvidenceType::number},
    {"baseline_s", EvidenceType::number},
    {"remote_response_s", EvidenceType::number, true},
    {"interface_index", EvidenceType::integer, true},
    {"cpu_pressure_share", EvidenceType::number, true},
};

constexpr std::string_view next_steps[] = {
    "The cause needs a diagnosis of the host: `cat /proc/pressure/cpu`, `cat /proc/net/softnet_stat`, `vmstat 1` while "
    "it "
    "lasts.",
    "`ss -tnoi 'sport = :PORT'` on the host: a full receive queue is the program's, an empty one is the system's.",
    "Filter drivers and local firewalls sit on loopback too: `nft list ruleset`, security agents.",
};

constexpr About about{
    .id = "loopback_response_slow",
    .name = "Slow on loopback only",
    .category = "tcp",
    .kind = RuleKind::site,
    .severity = Severity::warning,
    .settings = settings,
    .evidence = evidence,
    .source = "asker ip",
    .destination = "service ip:port",
    .entity = "service on loopback",
    .cause =
        "The service itself is quick; what is slow is the way within the host: scheduling, a driver or filter on "
        "loopback, or CPU pressure.",
    .unknowable = "Which part of the host: the cause needs host diagnosis, it is not on any wire.",
    .next_steps = next_steps,
};

class LoopbackResponseSlow {
public:
    explicit LoopbackResponseSlow(const RuleContext& context)
        : response_{static_cast<Microseconds>(context.settings["response"] / 1000)},
          count_{context.settings.count("count")},
          baseline_{context.settings.count("baseline")},
          quiet_{context.settings.resolve_after},
          services_{context.most_hosts},
          remote_{context.most_hosts} {}

    void on(const Fact& fact, const SlowAnswer& what, Findings&) {
        const bool within =
            what.client.ip == what.server.ip || (what.client.ip.is_loopback() && what.server.ip.is_loopback());
        if (what.waited < response_) return;
        if (!within) return remote_.at(ServiceAt{what.server, fact.vlan}).slow.add(fact.at.time);
        auto& entry = services_.at(ServiceAt{what.server, fact.vlan});
        entry.pace.slow(fact, what);
        entry.asker = what.client.ip;
        entry.interface_index.see(what.interface_index);
    }

    void on(const Fact& fact, const ServiceWaits& what, Findings&) {
        const ServiceAt key{what.server, fact.vlan};
        if (!what.within_host) {
            auto& remote = remote_.at(key);
            remote.all.add(what.answers);
            remote.all.fade(1000);
            return;
        }
        auto& entry = services_.at(key);
        entry.pace.sum(what);
        entry.all.add(what.answers);
        entry.all.fade(10'000);
        news_.mark(key, entry.is_news);
    }

    void on(const Fact& fact, const Tick&, Findings& findings) {
        news_.tell(services_, [&](const ServiceAt& key, Entry& entry) {
            entry.pace.settle(fact.at.time, quiet_);
            if (is_slow(key, entry, fact.at.time)) report(fact, key, entry, findings);
        });
    }

private:
    struct Entry {
        ServicePace pace;
        WaitHistogram all;  ///< The past and the present.
        Address asker;
        Agreed<std::uint32_t> interface_index;
        bool is_news = false;
    };

    struct Remote {
        WaitHistogram all;
        RateWindow slow{std::chrono::minutes{1}};
    };

    Microseconds baseline_of(const Entry& entry) const { return entry.all.quantile_below(50, response_); }

    bool is_slow(const ServiceAt& key, const Entry& entry, EventTime now) {
        const Waits& slow = entry.pace.present().slow;
        if (slow.count() < count_) return false;
        if (entry.pace.alerting()) return true;
        // Without others there is nothing to compare with; a wait for news ends on the stroke.
        if (entry.all.count_below(response_) < count_ || slow.are_round()) return false;
        const Microseconds usual = baseline_of(entry);
        if (slow.median() < baseline_ * usual) return false;
        // Slow for everybody is the service's own trouble (app_slow_response).
        auto* const remote = remote_.find(key);
        if (remote == nullptr || remote->all.count() == 0) return true;
        return remote->slow.total(now) * 2 < slow.count() && remote->all.quantile(50) * 4 < slow.median();
    }

    void report(const Fact& fact, const ServiceAt& key, Entry& entry, Findings& findings) {
        entry.pace.alert();
        const Waits& slow = entry.pace.present().slow;
        Finding finding;
        entry.pace.describe(finding);
        const auto* const remote = remote_.find(key);
        const bool compared = remote != nullptr && remote->all.count() > 0;
        finding.confidence = limited_by_capture(findings, Place::of(finding, fact.at.time),
                                                confidence_of({!compared, slow.count() < 2 * count_}));
        finding.urgency = urgency_of(about.severity, finding.confidence, {});
        finding.entity = key.service.text();
        finding.source = End::of(entry.asker);
        finding.destination = End::of(key.service);
        const auto usual = as_seconds(baseline_of(entry));
        finding.evidence.set("slow_responses", slow.count());
        finding.evidence.set("max_response_s", as_seconds(slow.longest()));
        finding.evidence.set("response_s", as_seconds(slow.median()));
        finding.evidence.set("baseline_s", usual);
        if (compared) finding.evidence.set("remote_response_s", as_seconds(remote->all.quantile(50)));
        if (entry.interface_index.get().value_or(0) != 0)
            finding.evidence.set("interface_index", *entry.interface_index.get());
        finding.message = key.service.text() + " took up to " + with_tenths(as_seconds(slow.longest())) + " s for " +
                          counted(slow.count(), "answer", "answers") + " to its own host, else " +
                          with_tenths(usual * 1000) + " ms" +
                          (compared ? "; remote clients are served at once" : "; no remote client was seen");
        finding.threshold = {{"response_s", as_seconds(response_)},
                             {"count", static_cast<std::int64_t>(count_)},
                             {"baseline", static_cast<std::int64_t>(baseline_)}};
        finding.window_seconds = 60;
        finding.wireshark_filter = filter_service(key.service) + " && tcp.len > 0";
        findings.report(std::move(finding));
    }

    Microseconds response_;
    std::uint64_t count_;
    std::uint64_t baseline_;
    Duration quiet_;
    BoundedMap<ServiceAt, Entry, ServiceHash> services_;
    BoundedMap<ServiceAt, Remote, ServiceHash> remote_;
    News<ServiceAt> news_;
};

}  // namespace

extern constinit const RuleEntry loopback_response_slow = entry<LoopbackResponseSlow>(about);

}  // namespace wiresage::rules
