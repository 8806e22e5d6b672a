// What a rule found: who, to whom, with which evidence.  Values only; the gate makes an alert of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/address.hpp"
#include "base/time.hpp"
#include "fact/fact.hpp"

namespace wiresage {

/// What kind of trouble (contract); ECS event.severity 25, 50, 75, 100.
enum class Severity : std::uint8_t { info, warning, error, critical };
/// How well one capture point supports it (field notes).
enum class Confidence : std::uint8_t { low, medium, high };
/// Who has to move (field notes): a person now, a person tomorrow, nobody.
enum class Urgency : std::uint8_t { note, ticket, page };

std::string_view name(Severity severity) noexcept;
std::string_view name(Confidence confidence) noexcept;
std::string_view name(Urgency urgency) noexcept;
/// Nothing where it is no such name.
std::optional<Severity> parse_severity(std::string_view text) noexcept;
/// One step down, for each reason that field-notes.md names; low stays low.
Confidence lowered(Confidence confidence) noexcept;

/// One side of a finding.  A part that is not known, or that differs among what is counted, is absent.
struct End {
    std::optional<Address> ip;
    std::optional<std::uint16_t> port;
    std::optional<MacAddress> mac;
    std::string domain{};  ///< The name by which the address was asked for; empty: none known.  The gate looks it up.

    static End of(const Address& ip) { return End{ip, {}, {}}; }
    static End of(const Endpoint& end) { return End{end.ip, end.port, {}}; }
};

/// One part of an end that everything counted must agree on: feed all values; it is there while they agree.
template <typename T>
class Agreed {
public:
    void see(const T& value) {
        if (!seen_) value_ = value;
        if (seen_ && value_ && *value_ != value) value_.reset();
        seen_ = true;
    }
    /// One that does not count as a value but breaks agreement.
    void differ() {
        seen_ = true;
        value_.reset();
    }
    const std::optional<T>& get() const noexcept { return value_; }

private:
    bool seen_ = false;
    std::optional<T> value_;
};

/// A fact in the evidence.  Lists hold at most 32 entries; `total` says how many there were.
using EvidenceValue = std::variant<std::int64_t, double, bool, std::string, std::vector<std::int64_t>, std::vector<std::string>>;

struct EvidenceItem {
    std::string_view key;  ///< Declared by the rule (its static table).
    EvidenceValue value;
};

/// In the order of the rule's declaration.  A fact that is not known is absent.
class Evidence {
public:
    static constexpr std::size_t most_listed = 32;

    void set(std::string_view key, std::int64_t value) { items_.push_back({key, value}); }
    void set(std::string_view key, std::uint64_t value) { items_.push_back({key, static_cast<std::int64_t>(value)}); }
    void set(std::string_view key, int value) { items_.push_back({key, static_cast<std::int64_t>(value)}); }
    void set(std::string_view key, std::uint32_t value) { items_.push_back({key, static_cast<std::int64_t>(value)}); }
    void set(std::string_view key, double value) { items_.push_back({key, value}); }
    void set(std::string_view key, bool value) { items_.push_back({key, value}); }
    void set(std::string_view key, std::string value) { items_.push_back({key, std::move(value)}); }
    void set(std::string_view key, const char* value) { items_.push_back({key, std::string{value}}); }
    /// At most 32 entries are kept, in order; `total` becomes `<key>_total` where it is more than what is listed.
    void set(std::string_view key, std::vector<std::int64_t> list, std::uint64_t total);
    void set(std::string_view key, std::vector<std::string> list, std::uint64_t total);

    const EvidenceValue* find(std::string_view key) const noexcept;
    const std::vector<EvidenceItem>& items() const noexcept { return items_; }
    /// `<key>_total` of lists that were cut.
    const std::vector<std::pair<std::string, std::int64_t>>& totals() const noexcept { return totals_; }

private:
    std::vector<EvidenceItem> items_;
    std::vector<std::pair<std::string, std::int64_t>> totals_;
};

/// A decisive packet: its input and its number there.
struct PacketRef {
    std::uint16_t input = 0;
    std::uint64_t frame = 0;
    friend bool operator==(const PacketRef&, const PacketRef&) = default;
};

struct Impact {
    std::int64_t flows = 0;
    std::int64_t peers = 0;
    std::optional<double> share_of_service;
};

/// The totals of one episode, handed over again and again while it lasts: the gate replaces, never adds.
struct Finding {
    /// As evidence.md has it, "192.0.2.1>10.0.0.1:443"; the VLAN is appended by `with_vlan`.  Empty: the interface.
    std::string entity;
    End source;                  ///< Did it.
    End destination;             ///< Suffered it.
    Transport transport = Transport::none;
    Evidence evidence;
    std::optional<Severity> severity;          ///< Only where it differs from the rule's own (or configured) one.
    Confidence confidence = Confidence::high;
    Urgency urgency = Urgency::note;
    Impact impact;
    EventTime start;             ///< First packet of the trouble, event time (the episode's identity in time) ...
    EventTime start_stamp;       ///< ... and its own stamp, which documents show.
    std::uint16_t input = 0;     ///< Where it was seen.
    std::uint16_t vlan = 0;
    std::vector<PacketRef> packets;            ///< Decisive packets, at most 8.
    std::string message;         ///< One sentence with the numbers: what an engineer would say.
    std::string cause;           ///< Why, as far as it can be known; empty: the rule's own text.
    std::string unknowable;      ///< What this point cannot know; empty: the rule's own text.
    std::vector<std::string> next_steps;       ///< Empty: the rule's own.
    std::vector<std::pair<std::string_view, std::variant<std::int64_t, double>>> threshold;  ///< What was exceeded, by name, in the unit of the name.
    double window_seconds = 0;   ///< Over which the threshold is judged.
    std::string wireshark_filter;
    /// How long the trouble must be gone before it is resolved, where that is longer than the rule's own.
    Duration resolve_after{};
};

/// "10.0.0.1:443" or "10.0.0.1:443 vlan 40".
std::string with_vlan(std::string entity, std::uint16_t vlan);

}  // namespace wiresage
