// All rules that run, each fact handed to those that read its kind.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <variant>
#include <vector>

#include "detect/gate.hpp"
#include "detect/rule.hpp"

namespace wiresage {

/// One rule as configured.
struct ConfiguredRule {
    const RuleEntry* entry;
    RuleSettings settings;
};

/// Owned by the correlator.  A reload keeps the state of rules whose settings stay the same.
class RuleSet {
public:
    RuleSet(std::vector<ConfiguredRule> rules, const Site& site, std::size_t most_hosts, std::uint64_t secret = 0);

    /// An Outcome `at_once` reaches most rules as what it stands for: the Attempt, then accepted, then completed.
    void see(const Fact& fact, const Knowledge& knowledge, Gate& gate);

    /// Replaces the rules by these; `site` too.  Rules with equal settings under an equal site go on as they are.
    void reconfigure(std::vector<ConfiguredRule> rules, bool site_changed);

private:
    struct Running {
        ConfiguredRule configured;
        std::unique_ptr<Rule> rule;
    };

    std::unique_ptr<Running> start(ConfiguredRule rule) const;
    void index();
    static void hand_to(Running& running, const Fact& fact, const Knowledge& knowledge, Gate& gate);

    const Site* site_;
    std::size_t most_hosts_;
    std::uint64_t secret_;
    std::vector<std::unique_ptr<Running>> running_;
    std::array<std::vector<Running*>, std::variant_size_v<Fact::What>> readers_;
    std::vector<Running*> at_once_;  ///< Those that take such an Outcome whole.
};

}  // namespace wiresage
