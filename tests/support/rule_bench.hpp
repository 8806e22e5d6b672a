// A bench for one rule: feeds it facts as the correlator would, ticks included, and keeps what it reports.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cassert>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "alert/finding.hpp"
#include "detect/knowledge.hpp"
#include "detect/rule.hpp"
#include "fact/fact.hpp"
#include "rules/registry.hpp"

namespace wiresage::testing {

/// Time in a bench begins here; `sees` and `until` count from it.
inline constexpr EventTime bench_begin = event_time(1'700'000'000'000'000'000);

/// A site whose capturing host has these addresses.
inline Site site_of(std::initializer_list<Address> locals) {
    Site site = Site::standard();
    site.local_addresses.emplace(locals);
    return site;
}

/// One rule out of the registry with its knowledge of hosts.  Facts are fed in rising time; between them the bench
/// gives the rule every tick that has passed.
class RuleBench final : public Findings {
public:
    using Chosen = std::vector<std::pair<std::string_view, std::int64_t>>;

    /// Settings in the unit they are kept in (in_seconds() for durations).
    explicit RuleBench(std::string_view id, const Chosen& chosen = {}, const Site& site = Site::standard())
        : entry_{find(id)},
          settings_{entry_.about->settings},
          site_{site},
          knowledge_{std::make_unique<Knowledge>(site_, std::size_t{4096})} {
        for (const auto& [name, value] : chosen) settings_.set(name, value);
        rule_ = entry_.make(RuleContext{settings_, site_, 4096});
    }

    /// A fact of input `input` and VLAN `vlan`, `at` after the bench's begin; `texts` as TextWriter wrote them.
    void sees(Duration at, const Fact::What& what, std::string_view texts = {}) {
        until(at);
        Fact fact;
        fact.at = moment(at);
        fact.at.frame = ++frame_;
        fact.at.input = input;
        fact.vlan = vlan;
        fact.what = what;
        fact.text = texts.data();
        fact.text_bytes = static_cast<std::uint16_t>(texts.size());
        if (auto* const attempt = std::get_if<Attempt>(&fact.what); attempt != nullptr && attempt->began == EventTime{}) {
            attempt->began = attempt->began_stamp = fact.at.time;  // Told at once, where the test does not say.
            attempt->began_frame = static_cast<std::uint32_t>(frame_);
        }
        feed(fact);
    }

    /// The same for what shards tell on a tick (Volume, Distinct, silence): no frame.
    void tells(Duration at, const Fact::What& what) {
        until(at);
        Fact fact;
        fact.at = moment(at);
        fact.at.input = input;
        fact.vlan = vlan;
        fact.what = what;
        feed(fact);
    }

    /// Ticks up to and including `at`.
    void until(Duration at) {
        assert(at >= now_ && "facts come in the order of time");
        for (auto tick = now_ / tick_length + 1; tick * tick_length <= at; ++tick) {
            Fact fact;
            fact.at = moment(tick * tick_length);
            fact.what = Tick{};
            feed(fact);
        }
        now_ = at;
    }

    /// The capture ends at `at`; ticks follow for the longest wait of any rule.
    void ends(Duration at) {
        tells(at, CaptureEnd{});
        until(at + std::chrono::seconds{120});
    }

    /// Everything reported, in order: the same entity again and again with growing totals.
    const std::vector<Finding>& findings() const noexcept { return findings_; }

    /// The last report about the entity (any where empty), or null.
    const Finding* last(std::string_view entity = {}) const noexcept {
        for (auto finding = findings_.rbegin(); finding != findings_.rend(); ++finding) {
            if (entity.empty() || finding->entity == entity) return &*finding;
        }
        return nullptr;
    }

    /// The entities reported, in order of first appearance.
    std::vector<std::string> entities() const {
        std::vector<std::string> seen;
        for (const auto& finding : findings_) {
            if (std::find(seen.begin(), seen.end(), finding.entity) == seen.end()) seen.push_back(finding.entity);
        }
        return seen;
    }

    /// The severity that the alert will have.
    Severity severity(const Finding& finding) const { return finding.severity.value_or(entry_.about->severity); }

    const About& about() const noexcept { return *entry_.about; }

    // Findings.
    void report(Finding finding) override {
        check(finding);
        // As the gate does where nobody knows the interface's name.
        if (finding.entity.empty()) finding.entity = "input " + std::to_string(finding.input + 1);
        findings_.push_back(std::move(finding));
    }
    const Knowledge& knowledge() const override { return *knowledge_; }

    std::uint16_t input = 0;
    std::uint16_t vlan = 0;

private:
    static const RuleEntry& find(std::string_view id) {
        for (const auto* entry : all_rules()) {
            if (entry->about->id == id) return *entry;
        }
        assert(false && "no such rule");
        return *all_rules().front();
    }

    Moment moment(Duration at) {
        Moment made;
        made.time = made.stamp = bench_begin + at;
        made.order = ++order_;
        return made;
    }

    void feed(const Fact& fact) {
        knowledge_->see(fact);
        rule_->see(fact, *this);
    }

    static bool is_of(EvidenceType type, const EvidenceValue& value) {
        switch (type) {
            case EvidenceType::integer:
                return std::holds_alternative<std::int64_t>(value);
            case EvidenceType::number:
                return std::holds_alternative<double>(value);
            case EvidenceType::boolean:
                return std::holds_alternative<bool>(value);
            case EvidenceType::text:
                return std::holds_alternative<std::string>(value);
            case EvidenceType::texts:
                return std::holds_alternative<std::vector<std::string>>(value);
            case EvidenceType::integers:
                return std::holds_alternative<std::vector<std::int64_t>>(value);
            case EvidenceType::integer_or_text:
                return std::holds_alternative<std::int64_t>(value) || std::holds_alternative<std::string>(value);
        }
        return false;
    }

    /// What holds for every finding of every rule.
    void check(const Finding& finding) const {
        const bool of_interface = about().entity.substr(0, 9) == "interface";  // The gate knows its name.
        EXPECT_EQ(finding.entity.empty(), of_interface);
        EXPECT_FALSE(finding.message.empty());
        EXPECT_FALSE(finding.wireshark_filter.empty());
        EXPECT_FALSE(finding.threshold.empty());
        EXPECT_GE(finding.start, bench_begin);
        EXPECT_LE(finding.packets.size(), 8U);
        for (const auto& item : finding.evidence.items()) {
            const auto declared = std::find_if(about().evidence.begin(), about().evidence.end(),
                                               [&](const EvidenceKey& key) { return key.key == item.key; });
            if (declared == about().evidence.end()) {
                ADD_FAILURE() << "not declared: " << item.key;
                continue;
            }
            EXPECT_TRUE(is_of(declared->type, item.value)) << "another type than declared: " << item.key;
        }
        for (const auto& key : about().evidence) {
            EXPECT_TRUE(key.optional || finding.evidence.find(key.key) != nullptr) << "always there: " << key.key;
        }
    }

    const RuleEntry& entry_;
    RuleSettings settings_;
    Site site_;
    std::unique_ptr<Knowledge> knowledge_;
    std::unique_ptr<Rule> rule_;
    std::vector<Finding> findings_;
    Duration now_{};
    std::uint64_t order_ = 0;
    std::uint64_t frame_ = 0;
};

/// A number in the evidence, for comparing; -1 where it is absent or no number.
inline std::int64_t whole(const Finding& finding, std::string_view key) {
    const auto* value = finding.evidence.find(key);
    if (value == nullptr || !std::holds_alternative<std::int64_t>(*value)) return -1;
    return std::get<std::int64_t>(*value);
}

inline double number(const Finding& finding, std::string_view key) {
    const auto* value = finding.evidence.find(key);
    if (value == nullptr || !std::holds_alternative<double>(*value)) return -1;
    return std::get<double>(*value);
}

/// A statement in the evidence; false where it is absent.
inline bool says(const Finding& finding, std::string_view key) {
    const auto* value = finding.evidence.find(key);
    return value != nullptr && std::holds_alternative<bool>(*value) && std::get<bool>(*value);
}

inline std::string text(const Finding& finding, std::string_view key) {
    const auto* value = finding.evidence.find(key);
    return value != nullptr && std::holds_alternative<std::string>(*value) ? std::get<std::string>(*value)
                                                                           : std::string{};
}

/// An attempt to open a connection, as flow/ tells it.
inline Attempt tcp_attempt(const Endpoint& client, const Endpoint& server, std::uint32_t isn = 1) {
    Attempt made;
    made.client = client;
    made.server = server;
    made.isn = isn;
    made.transport = Transport::tcp;
    made.initiator_known = true;
    return made;
}

/// What became of it; `began` after the bench's begin.
inline Outcome tcp_outcome(const Endpoint& client, const Endpoint& server, Answer answer, Duration began,
                           std::uint16_t segments = 1, std::uint32_t isn = 1) {
    Outcome made;
    made.client = client;
    made.server = server;
    made.began = made.began_stamp = bench_begin + began;
    made.isn = isn;
    made.segments = segments;
    made.transport = Transport::tcp;
    made.answer = answer;
    return made;
}

/// Both directions between two addresses were seen.
inline TwoWay two_way(const Address& a, const Address& b) {
    TwoWay made;
    made.a = a;
    made.b = b;
    made.transport = Transport::tcp;
    return made;
}

}  // namespace wiresage::testing
