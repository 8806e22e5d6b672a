// The pair's rules over what two captures say: facts in, alerts out.
#pragma once

#include <vector>

#include "detect/gate.hpp"
#include "detect/knowledge.hpp"
#include "detect/rule_set.hpp"
#include "detect/site.hpp"
#include "fact/fact.hpp"

namespace wiresage {

/// Keeps the alerts in their last state before they are resolved, for the report, and passes every document on with the
/// names of the two captures (`points`).
class Verdicts final : public AlertSink {
public:
    /// `sink` may be null: then alerts are kept only.
    Verdicts(std::vector<ConfiguredRule> rules, const Site& site, GateOptions gate, std::size_t most_hosts,
             std::vector<std::string> points, AlertSink* sink);

    void see(const std::vector<Fact>& facts);
    /// All is told: the rules judge, and the alerts are resolved.  `last`: end of the captures, near clock.
    void finish(EventTime last);

    /// As they fired, in that order.
    const std::vector<Alert>& alerts() const noexcept { return alerts_; }

    void write(const Alert& alert) override;

private:
    void tick(EventTime at);

    Site site_;
    Knowledge knowledge_;
    Gate gate_;
    RuleSet rules_;
    std::vector<std::string> points_;
    AlertSink* sink_;
    std::vector<Alert> alerts_;
    std::uint64_t order_ = 0;
};

}  // namespace wiresage
