// All rules that run.

#include "detect/rule_set.hpp"

namespace wiresage {

namespace {

/// What a rule talks to while it reads one fact.
class Reporter final : public Findings {
public:
    Reporter(const About& about, const RuleSettings& settings, const Moment& at, const Knowledge& knowledge, Gate& gate)
        : about_{about}, settings_{settings}, at_{at}, knowledge_{knowledge}, gate_{gate} {}

    void report(Finding finding) override { gate_.report(about_, settings_, std::move(finding), at_, knowledge_); }
    const Knowledge& knowledge() const override { return knowledge_; }

private:
    const About& about_;
    const RuleSettings& settings_;
    const Moment& at_;
    const Knowledge& knowledge_;
    Gate& gate_;
};

}  // namespace

RuleSet::RuleSet(std::vector<ConfiguredRule> rules, const Site& site, std::size_t most_hosts, std::uint64_t secret)
    : site_{&site}, most_hosts_{most_hosts}, secret_{secret} {
    for (auto& rule : rules) {
        if (rule.settings.enabled) running_.push_back(start(std::move(rule)));
    }
    index();
}

std::unique_ptr<RuleSet::Running> RuleSet::start(ConfiguredRule rule) const {
    auto made = std::make_unique<Running>(Running{std::move(rule), nullptr});
    made->rule = made->configured.entry->make(RuleContext{made->configured.settings, *site_, most_hosts_, secret_});
    return made;
}

void RuleSet::index() {
    for (auto& list : readers_) list.clear();
    at_once_.clear();
    for (auto& running : running_) {
        const auto kinds = running->rule->reads();
        for (std::size_t kind = 0; kind < readers_.size(); ++kind) {
            if ((kinds >> kind & 1U) != 0) readers_[kind].push_back(running.get());
        }
        if (running->rule->reads_at_once()) at_once_.push_back(running.get());
    }
}

void RuleSet::see(const Fact& fact, const Knowledge& knowledge, Gate& gate) {
    const auto* const outcome = std::get_if<Outcome>(&fact.what);
    if (outcome == nullptr || !outcome->at_once) {
        for (auto* const running : readers_[fact.what.index()]) hand_to(*running, fact, knowledge, gate);
        return;
    }
    for (auto* const running : at_once_) hand_to(*running, fact, knowledge, gate);
    const auto hand_out = [&](const Fact& part) {
        for (auto* const running : readers_[part.what.index()]) {
            if (!running->rule->reads_at_once()) hand_to(*running, part, knowledge, gate);
        }
    };
    const Outcome whole = *outcome;
    Fact part = fact;
    part.what = attempt_of(whole);
    hand_out(part);
    auto& told = part.what.emplace<Outcome>(whole);
    told.at_once = false;
    if (whole.answer == Answer::completed) {
        told.answer = Answer::accepted;
        hand_out(part);
        told.answer = Answer::completed;
    }
    hand_out(part);
}

void RuleSet::hand_to(Running& running, const Fact& fact, const Knowledge& knowledge, Gate& gate) {
    Reporter reporter{*running.configured.entry->about, running.configured.settings, fact.at, knowledge, gate};
    running.rule->see(fact, reporter);
}

void RuleSet::reconfigure(std::vector<ConfiguredRule> rules, bool site_changed) {
    std::vector<std::unique_ptr<Running>> next;
    for (auto& rule : rules) {
        if (!rule.settings.enabled) continue;
        std::unique_ptr<Running> kept;
        for (auto& old : running_) {
            if (!site_changed && old && old->configured.entry == rule.entry &&
                old->configured.settings == rule.settings)
                kept = std::move(old);
        }
        next.push_back(kept ? std::move(kept) : start(std::move(rule)));
    }
    running_ = std::move(next);
    index();
}

}  // namespace wiresage
