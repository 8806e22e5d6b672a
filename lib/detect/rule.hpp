// What a rule is: a declaration, and a class that reads facts and reports findings.
#pragma once

#include <concepts>
#include <memory>
#include <span>
#include <string_view>
#include <variant>

#include "alert/finding.hpp"
#include "detect/knowledge.hpp"
#include "detect/settings.hpp"
#include "fact/fact.hpp"

namespace wiresage {

/// Where a rule can judge: within one flow, over several flows, or with two captures (compare).
/// All run in the correlator: what a flow's shard has to say reaches them as facts.
enum class RuleKind : std::uint8_t { flow, site, pair };

enum class EvidenceType : std::uint8_t { integer, number, text, boolean, texts, integers, integer_or_text };

/// One key of a rule's evidence (evidence.md); a key that is not optional is always there.
struct EvidenceKey {
    std::string_view key;
    EvidenceType type;
    bool optional = false;
};

/// A rule's declaration.  Static data; the page `<id>.md` is compiled in by the registry.
struct About {
    std::string_view id;
    std::string_view name;
    std::string_view category;  ///< "tcp", "udp", "icmp", "arp"
    RuleKind kind;
    Severity severity;
    std::span<const Setting> settings;
    std::span<const EvidenceKey> evidence;
    std::string_view source;  ///< The three columns of evidence.md, word for word.
    std::string_view destination;
    std::string_view entity;
    std::string_view cause;  ///< Texts of the alert where the finding has none of its own.
    std::string_view unknowable;
    std::span<const std::string_view> next_steps;
    bool enabled = true;  ///< Where the configuration does not say.
};

/// What a rule may ask while it reads.
class Findings {
public:
    virtual ~Findings() = default;
    /// The episode's totals up to now.  The gate decides whether that is a document.
    virtual void report(Finding finding) = 0;
    virtual const Knowledge& knowledge() const = 0;
    const Site& site() const { return knowledge().site(); }
    /// Both directions of the address were seen, on whatever interface.
    bool has_met(const Address& address, const Fact& fact) const { return knowledge().has_met(address, fact.at.time); }
};

/// What rules are given when they are made.
struct RuleContext {
    const RuleSettings& settings;
    const Site& site;
    std::size_t most_hosts;    ///< limits.hosts: caps for the rule's tables.
    std::uint64_t secret = 0;  ///< The key of the hashes in Distinct.
};

/// T has something to say about facts of this kind.  `fact` carries the moment and the VLAN.
template <typename T, typename Kind>
concept Reads = requires(T rule, const Fact& fact, const Kind& what, Findings& findings) {
    rule.on(fact, what, findings);
};

/// T takes an Outcome `at_once` as it is; others read the facts that it stands for.
template <typename T>
concept ReadsAtOnce = requires {
    requires T::reads_at_once;
};

/// A running rule.
class Rule {
public:
    virtual ~Rule() = default;
    virtual void see(const Fact& fact, Findings& findings) = 0;
    /// Which kinds of facts it reads: bit n for the n-th of Fact::What.
    virtual std::uint64_t reads() const noexcept = 0;
    virtual bool reads_at_once() const noexcept = 0;
};

template <typename T>
class RunningRule final : public Rule {
public:
    explicit RunningRule(const RuleContext& context) : rule_{context} {}

    void see(const Fact& fact, Findings& findings) override {
        std::visit(
            [&]<typename Kind>(const Kind& what) {
                if constexpr (Reads<T, Kind>) rule_.on(fact, what, findings);
            },
            fact.what);
    }

    std::uint64_t reads() const noexcept override { return mask(static_cast<Fact::What*>(nullptr)); }

    bool reads_at_once() const noexcept override { return ReadsAtOnce<T>; }

private:
    template <typename... Kinds>
    static constexpr std::uint64_t mask(std::variant<Kinds...>*) {
        std::uint64_t bits = 0;
        std::uint64_t bit = 1;
        ((bits |= Reads<T, Kinds> ? bit : 0, bit <<= 1), ...);
        return bits;
    }
    static_assert(mask(static_cast<Fact::What*>(nullptr)) != 0, "a rule reads at least one kind of fact");

    T rule_;
};

/// What the registry holds for each rule.
struct RuleEntry {
    const About* about;
    std::unique_ptr<Rule> (*make)(const RuleContext&);
};

template <typename T>
constexpr RuleEntry entry(const About& about) {
    return RuleEntry{&about, [](const RuleContext& context) -> std::unique_ptr<Rule> {
                         return std::make_unique<RunningRule<T>>(context);
                     }};
}

}  // namespace wiresage
