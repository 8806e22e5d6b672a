// An alert: a finding with its rule, its state and its identity.  Made by the gate only.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "alert/finding.hpp"

namespace wiresage {

enum class AlertState : std::uint8_t { firing, update, resolved };

std::string_view name(AlertState state) noexcept;

/// Who owns the socket at the alert's local end, as far as is known; never guessed.
struct ProcessView {
    std::optional<std::int32_t> pid{};
    std::string name{};
    std::optional<std::uint32_t> uid{};
    std::string user{};
    std::string unit{};       ///< systemd's.
    std::string container{};  ///< Its id.
};

/// One document of an alert's life.
struct Alert {
    std::string id;              ///< 16 hex digits: first 8 bytes of SHA-256 over rule, entity and observer name, joined by NUL.
    std::string rule_id;
    std::string rule_name;
    std::string category;        ///< "tcp", "udp", "icmp", "arp", "capture", ...
    AlertState state = AlertState::firing;
    Severity severity = Severity::warning;
    EventTime time;              ///< Event time of this document ...
    EventTime stamp;             ///< ... and what it shows as @timestamp.
    Finding finding;             ///< cause, unknowable and next_steps filled in.
    double dropped_ratio = 0;    ///< Share of packets that the capture lost meanwhile.
    std::string caused_by;       ///< id of the alert that explains this one, else empty.
    ProcessView process;
    std::shared_ptr<const std::deque<std::string>> names;  ///< Of an alert read back: what its evidence's keys lie in.
    bool held_back = false;      ///< Explained, and nothing was sent that would have to be taken back: not for receivers.
};

/// SHA-256 over the three, joined by NUL; first 8 bytes in hex.
std::string alert_id(std::string_view rule, std::string_view entity, std::string_view observer);

/// What the document says about the place that observes.
struct ObserverView {
    std::string name;
    std::string version;
    std::vector<std::pair<std::string, std::string>> labels;
    struct Input {
        std::string file;        ///< Basename; empty when live.
        std::string interface;   ///< Empty where a file names none.
    };
    std::vector<Input> inputs;   ///< By Finding::input.
};

/// The document (contract, "The alert document"), one line without its line feed.  The one place an alert becomes JSON.
/// Always valid UTF-8.  Key order is fixed, so that equal alerts are equal bytes.
std::string alert_json(const Alert& alert, const ObserverView& observer);

/// An alert as an earlier run of the daemon wrote it, so that it can go on firing and resolve; `observer` finds the input
/// by its interface's name.  Nothing where the document is none of ours.
std::optional<Alert> alert_of_json(const std::string& document, const ObserverView& observer);

/// A block for people: what, who, numbers, why, what next.  `colour` for a terminal.
std::string alert_text(const Alert& alert, const ObserverView& observer, bool colour);

}  // namespace wiresage
