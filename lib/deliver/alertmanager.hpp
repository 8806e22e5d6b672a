// What an Alertmanager is told: not events, but what is open now, again and again.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "deliver/receiver.hpp"

namespace wiresage {

/// Labels of an alert for Alertmanager: what does not change while it fires, so that it stays one alert there.
/// `entity` replaces the ends where alerts were collapsed.
nlohmann::json alert_labels(const nlohmann::json& document);
/// What was measured, and what to do.
nlohmann::json alert_annotations(const nlohmann::json& document);

/// The alerts that one member of an Alertmanager cluster should hold open.  Beyond `most_of_rule` alerts of one rule
/// the others become one with their number in it.  Not locked.
///
/// An alert there ends by itself at `endsAt`.  While it fires that lies four minutes ahead and is moved on each minute;
/// once resolved it lies at least four minutes behind the last evidence, so that two members that gossip never see it
/// go and come (Prometheus does the same: rules/manager.go, "resendDelay").
class AlertmanagerFeed {
public:
    static constexpr std::int64_t open_seconds = 240;
    static constexpr std::int64_t resend_seconds = 60;
    static constexpr std::size_t most_of_rule = 50;
    static constexpr std::size_t most_open = 10'000;

    /// A document that this receiver takes, or what an earlier run left firing.
    void take(const Delivery& delivery, std::int64_t unix_now);

    /// The body of POST /api/v2/alerts for one document.
    std::string body(const Delivery& delivery, std::int64_t unix_now) const;
    /// ... and for everything that is open; what ended a while ago is forgotten.
    std::string refresh(std::int64_t unix_now);
    bool empty() const noexcept { return open_.empty(); }

private:
    struct Open {
        std::string rule;
        std::string labels;          ///< JSON.
        std::string annotations;     ///< JSON.
        std::string starts;          ///< RFC 3339.
        std::string replaced;        ///< Labels under which it was sent before (its severity changed); empty: none.
        std::int64_t seen_unix = 0;  ///< Last evidence.
        bool resolved = false;
        bool collapsed = false;
    };
    struct Crowd {
        std::size_t alone = 0;
        std::size_t collapsed = 0;  ///< Firing ones.
        std::int64_t seen_unix = 0;
        std::string labels, starts;
    };

    nlohmann::json entry(const Open& open, std::int64_t unix_now) const;
    nlohmann::json entry(const std::string& rule, const Crowd& crowd, std::int64_t unix_now) const;

    std::map<std::string, Open> open_;     ///< By alert id.
    std::map<std::string, Crowd> crowds_;  ///< By rule.
};

}  // namespace wiresage
