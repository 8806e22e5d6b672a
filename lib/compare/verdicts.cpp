// The pair's rules over what two captures say.

#include "compare/verdicts.hpp"

#include <algorithm>
#include <utility>

namespace wiresage {

Verdicts::Verdicts(std::vector<ConfiguredRule> rules, const Site& site, GateOptions gate, std::size_t most_hosts,
                   std::vector<std::string> points, AlertSink* sink)
    : site_{site},
      knowledge_{site_, most_hosts},
      gate_{std::move(gate), *this},
      rules_{std::move(rules), site_, most_hosts},
      points_{std::move(points)},
      sink_{sink} {}

void Verdicts::see(const std::vector<Fact>& facts) {
    for (auto fact : facts) {
        fact.at.order = ++order_;
        rules_.see(fact, knowledge_, gate_);
    }
}

void Verdicts::tick(EventTime at) {
    Fact fact;
    fact.at.time = fact.at.stamp = at;
    fact.at.order = ++order_;
    fact.what = Tick{};
    rules_.see(fact, knowledge_, gate_);
    gate_.tick(fact.at);
}

void Verdicts::finish(EventTime last) {
    const auto at = std::min(last, latest_event_time - 2 * longest_timeout);
    tick(at);
    tick(at + longest_timeout);
}

void Verdicts::write(const Alert& alert) {
    Alert told = alert;
    told.finding.evidence.set("points", points_, points_.size());
    if (told.state == AlertState::firing) alerts_.push_back(told);
    if (sink_ != nullptr) sink_->write(told);
}

}  // namespace wiresage
