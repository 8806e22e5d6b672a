// Where findings become alerts: identity, firing, update, resolved.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "alert/alert.hpp"
#include "detect/bounded_map.hpp"
#include "detect/causes.hpp"
#include "detect/rule.hpp"
#include "detect/suppression.hpp"

namespace wiresage {

struct GateOptions {
    std::string observer{};                         ///< sensor.name: part of the identity.
    Duration repeat_every = std::chrono::hours{1};  ///< An alert that goes on firing is told again.
    std::vector<Suppression> suppress{};
    /// What an interface is called in the entity of an alert about itself; without it "input 1", counted from 1.
    std::function<std::string(std::uint16_t input)> input_name{};
    std::size_t most_open = 10'000;  ///< Beyond it the one longest without news is resolved.
};

/// Takes alerts, in order.
class AlertSink {
public:
    virtual ~AlertSink() = default;
    virtual void write(const Alert& alert) = 0;
};

/// What an earlier run left firing, and after how long a quiet time its rule lets it resolve.
struct RestoredAlert {
    Alert alert;
    Duration resolve_after{};
};

struct GateStats {
    std::uint64_t findings = 0;
    std::uint64_t documents = 0;
    std::uint64_t suppressed = 0;
    std::map<std::string, std::uint64_t> suppressed_by{};  ///< By the id of the suppression.
    std::uint64_t evicted = 0;
};

/// Owned by the correlator.  A rule hands over totals; the gate replaces, never adds.
///
/// Root before symptom (causes.hpp): a warning that another alert may explain waits 1.5 s of event time for it; what
/// goes out at once gets its cause in an update.  An explained alert fires, but is held back from receivers, until its
/// cause has been gone for 60 s.  What fires more than three times within an hour is one alert, which stays.
class Gate {
public:
    Gate(GateOptions options, AlertSink& sink)
        : options_{std::move(options)}, sink_{&sink}, open_{options_.most_open + 1}, fired_{options_.most_open + 1} {}

    void report(const About& about, const RuleSettings& settings, Finding finding, const Moment& at,
                const Knowledge& knowledge);

    /// Resolves what has been quiet for long enough.
    void tick(const Moment& at);

    /// What fired when an earlier run ended: it goes on firing under its id, and resolves by event time.
    void restore(std::vector<RestoredAlert> alerts);

    /// New suppressions and times; what is open stays open.
    void configure(GateOptions options);

    std::size_t open() const noexcept { return open_.size(); }
    const GateStats& stats() const noexcept { return stats_; }
    /// Open alerts of each rule, for metrics.
    std::vector<std::pair<std::string, std::uint64_t>> firing() const;

private:
    struct Open {
        Alert alert;        ///< With the latest finding.
        Evidence told;      ///< Evidence of the last document ...
        EventTime told_at;  ///< ... and its time.
        Severity told_severity = Severity::info;
        EventTime reported;    ///< Last report of the rule.
        EventTime last_stamp;  ///< Documents of one alert never go back.
        Duration resolve_after{};
        EventTime episode;           ///< Start of the rule's own episode; later than the alert's after a restart.
        bool restored = false;       ///< Began in an earlier run ...
        bool seen_again = false;     ///< ... and was reported in this one.
        std::string told_cause;
        std::optional<EventTime> fires_at;    ///< Waits for a cause: not told yet.
        std::optional<EventTime> cause_gone;  ///< Its cause was resolved.
        bool is_sent = false;                 ///< Some document was not held back.
        bool is_watched = false;
        bool flaps = false;
    };
    struct IdHash {
        std::size_t operator()(const std::string& id) const noexcept { return std::hash<std::string>{}(id); }
    };

    bool suppressed(const About& about, const Finding& finding, EventTime now);
    Open& begin(const About& about, const std::string& id, const Finding& finding, const Moment& at);
    /// When an alert fired the last times.
    struct Fired {
        std::array<EventTime, 3> at{};  ///< The latest first.
    };

    void explain(Open& open);
    void fire(Open& open, const Moment& at);
    void watch(Open& open);
    void look_again(const Moment& at);
    void resolve(Open& open, const Moment& at);
    bool is_news(const Open& open, EventTime now) const;
    void tell(Open& open, AlertState state, const Moment& at);

    GateOptions options_;
    AlertSink* sink_;
    BoundedMap<std::string, Open, IdHash> open_;
    EventTime next_due_ = latest_event_time;
    bool restored_waits_ = false;    ///< For the first tick of this run.
    Causes causes_;
    BoundedMap<std::string, Fired, IdHash> fired_;
    std::vector<std::string> watched_;  ///< Alerts that wait, may still be explained, or have lost their cause.
    GateStats stats_;
};

}  // namespace wiresage
