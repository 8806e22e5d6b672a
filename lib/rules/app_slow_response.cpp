// app_slow_response: a service takes long to answer, and neither the network nor the clients are why.
// Page: app_slow_response.md.

#include <algorithm>

#include "detect/bounded_map.hpp"
#include "detect/judge.hpp"
#include "detect/keys.hpp"
#include "detect/rule.hpp"
#include "detect/service_waits.hpp"

namespace wiresage::rules {

namespace {

constexpr Setting settings[] = {
    {"response", SettingKind::duration, in_milliseconds(250), in_milliseconds(250), in_seconds(30),
     "answers that take longer are slow"},
    {"round_trips", SettingKind::count, 5, 1, 1000, "handshake round trips that a slow answer is longer than"},
    {"count", SettingKind::count, 5, 1, 1'000'000, "slow answers from here on"},
    {"share", SettingKind::share, 300'000, 0, whole_share, "of the answers must be slow where there is no past"},
    {"baseline", SettingKind::count, 3, 1, 1000, "times its own past that the 95th percentile must be"},
    {"exchanges", SettingKind::count, 20, 1, 1'000'000, "exchanges that make a past, and a present to compare with it"},
};

constexpr EvidenceKey evidence[] = {
    {"count", EvidenceType::integer},
    {"exchanges", EvidenceType::integer},
    {"response_ms", EvidenceType::number},
    {"p95_ms", EvidenceType::number},
    {"baseline_ms", EvidenceType::number, true},
    {"handshake_rtt_ms", EvidenceType::number, true},
    {"server_share", EvidenceType::number},
};

constexpr std::string_view next_steps[] = {
    "On the server: what does the service wait for?  Its own log of slow requests, then `pidstat -udr -p PID 1`, "
    "`iostat "
    "-x 1` and the database behind it.",
    "Are all requests slow or some?  The alert's packets are the first bytes of slow answers; the request stands "
    "before "
    "each.",
    "A long poll or a stream that this rule took for an answer: raise `response`, or suppress the rule for the "
    "service.",
};

constexpr About about{
    .id = "app_slow_response",
    .name = "Application answers slowly",
    .category = "tcp",
    .kind = RuleKind::site,
    .severity = Severity::warning,
    .settings = settings,
    .evidence = evidence,
    .source = "server ip:port",
    .destination = "client ip",
    .entity = "service",
    .cause =
        "The request arrived and was acknowledged, or its answer is far later than a round trip: the time goes into "
        "the "
        "server, or into what the server itself waits for.",
    .unknowable =
        "What the server did meanwhile, and whether the client expected the answer sooner: a long poll looks the same "
        "from outside.",
    .next_steps = next_steps,
};

/// A service as remote clients or as its own host sees it.
struct Key {
    ServiceAt service;
    bool within_host = false;
    friend bool operator==(const Key&, const Key&) = default;
};

struct KeyHash : ServiceHash {
    std::size_t operator()(const Key& of) const noexcept {
        return ServiceHash::operator()(of.service) ^ (of.within_host ? 1U : 0U);
    }
};

bool within_host(const SlowAnswer& what) {
    return what.client.ip == what.server.ip || (what.client.ip.is_loopback() && what.server.ip.is_loopback());
}

class AppSlowResponse {
public:
    explicit AppSlowResponse(const RuleContext& context)
        : response_{static_cast<Microseconds>(context.settings["response"] / 1000)},
          round_trips_{context.settings.count("round_trips")},
          count_{context.settings.count("count")},
          share_{context.settings.count("share")},
          baseline_{context.settings.count("baseline")},
          exchanges_{context.settings.count("exchanges")},
          quiet_{context.settings.resolve_after},
          services_{context.most_hosts} {}

    void on(const Fact& fact, const SlowAnswer& what, Findings&) {
        if (what.waited < response_ || what.waited <= what.handshake_rtt * round_trips_) return;
        services_.at(Key{{what.server, fact.vlan}, within_host(what)}).slow(fact, what);
    }

    void on(const Fact& fact, const ServiceWaits& what, Findings&) {
        const Key key{{what.server, fact.vlan}, what.within_host};
        auto& pace = services_.at(key);
        pace.sum(what);
        news_.mark(key, pace.is_news);
    }

    void on(const Fact& fact, const Tick&, Findings& findings) {
        news_.tell(services_, [&](const Key& key, ServicePace& pace) {
            const auto before = pace.present().slow.count();
            pace.settle(fact.at.time, quiet_);
            if (before > 0 && pace.present().slow.count() > 0 && is_slow(pace)) report(fact, key, pace, findings);
        });
    }

private:
    bool has_past(const ServicePace& pace) const { return pace.past().count() >= exchanges_; }

    bool is_slow(const ServicePace& pace) const {
        if (pace.alerting()) return true;
        const WaitPeriod& now = pace.present();
        if (now.slow.count() < count_ || now.slow.are_round()) return false;
        const auto p95 = now.p95();
        if (p95 < response_) return false;
        if (has_past(pace) && p95 < baseline_ * pace.past().quantile(95)) return false;
        if (has_past(pace) && now.all() >= exchanges_) return true;
        return now.slow.count() * whole_share >= now.all() * share_;
    }

    void report(const Fact& fact, const Key& key, ServicePace& pace, Findings& findings) {
        pace.alert();
        const WaitPeriod& now = pace.present();
        Finding finding;
        pace.describe(finding);
        const auto peers = now.peers.count();
        const bool compared = has_past(pace) && now.all() >= exchanges_;
        Confidence confidence = confidence_of({now.joined > 0, peers < 3 && now.flows.count() < 3});
        if (!compared) confidence = Confidence::low;
        finding.confidence = limited_by_capture(findings, Place::of(finding, fact.at.time), confidence);
        finding.urgency =
            compared ? urgency_of(about.severity, finding.confidence, {.part = now.slow.count(), .whole = now.all()})
                     : Urgency::note;
        finding.entity = key.service.service.text();
        finding.source = End::of(key.service.service);
        finding.destination = now.clients.without_port();
        finding.evidence.set("count", now.slow.count());
        finding.evidence.set("exchanges", now.all());
        const auto response = as_milliseconds(now.slow.median());
        finding.evidence.set("response_ms", response);
        finding.evidence.set("p95_ms", as_milliseconds(now.p95()));
        if (has_past(pace)) finding.evidence.set("baseline_ms", as_milliseconds(pace.past().quantile(95)));
        if (now.round_trips.count() > 0)
            finding.evidence.set("handshake_rtt_ms", as_milliseconds(now.round_trips.median()));
        finding.evidence.set("server_share", share_of(now.server_us, now.all_us()));
        finding.message = finding.entity + " took a median of " + with_tenths(response) + " ms to begin " +
                          counted(now.slow.count(), "answer", "answers") + ", of " + std::to_string(now.all()) +
                          " in all" + round_trip_text(now);
        finding.threshold = {{"response_ms", as_milliseconds(response_)},
                             {"count", static_cast<std::int64_t>(count_)},
                             {"round_trips", static_cast<std::int64_t>(round_trips_)}};
        finding.window_seconds = 60;
        finding.wireshark_filter = filter_end("src", "tcp", key.service.service) + " && tcp.len > 0";
        findings.report(std::move(finding));
    }

    static std::string round_trip_text(const WaitPeriod& now) {
        if (now.round_trips.count() == 0) return {};
        return "; a round trip takes " + with_tenths(as_milliseconds(now.round_trips.median())) + " ms";
    }

    Microseconds response_;
    std::uint64_t round_trips_;
    std::uint64_t count_;
    std::uint64_t share_;
    std::uint64_t baseline_;
    std::uint64_t exchanges_;
    Duration quiet_;
    BoundedMap<Key, ServicePace, KeyHash> services_;
    News<Key> news_;
};

}  // namespace

extern constinit const RuleEntry app_slow_response = entry<AppSlowResponse>(about);

}  // namespace wiresage::rules
