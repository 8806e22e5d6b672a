// Who gets alerts, and what is known about each of them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "alert/alert.hpp"
#include "settings/configuration.hpp"

namespace wiresage {

/// One receiver as configured, with what its secret file holds.
struct ReceiverOptions {
    ReceiverSettings settings;
    std::string secret;    ///< Perhaps whsec_ and base64; empty: unsigned.  Never logged or shown.
    std::string member{};  ///< Of an alertmanager's cluster: its address; empty where there is one only.
};

/// Reads the secret files.  StartupError: one cannot be read or decoded.  An alertmanager with several members becomes
/// one receiver for each of them, so that a dead member delays no other.
std::vector<ReceiverOptions> receivers_of(const std::vector<ReceiverSettings>& settings);

/// In Delivery::about_receiver: an alert that another one explains is shown, and sent to nobody.
inline constexpr std::string_view no_receiver = "*";

/// One document on its way, with what decides who gets it.
struct Delivery {
    std::string alert_id;
    std::string webhook_id;  ///< The same over tries and restarts; made from id, state and event time.
    std::string rule;
    Severity severity = Severity::warning;
    Urgency urgency = Urgency::note;
    std::string about_receiver;   ///< Not sent to the receiver of this name (an alert about itself would never end), or to `no_receiver`: to none.
    std::string document;         ///< JSON.
    std::uint64_t number = 0;     ///< In the journal; 0: not from there.
    std::int64_t taken_unix = 0;  ///< When the daemon took it; 0: now.
    AlertState state = AlertState::firing;
    bool refresh = false;  ///< No document: everything that is open, again (alertmanager).
};

/// How far a receiver has come: everything up to `position` is settled but for the stragglers.
struct ReceiverProgress {
    std::string key;  ///< Of the receiver, or of one member of it.
    std::uint64_t position = 0;
    std::vector<std::uint64_t> stragglers;
    friend bool operator==(const ReceiverProgress&, const ReceiverProgress&) = default;
};

/// The name under which a receiver's progress is kept: its name, and which member it is.
std::string progress_key(const ReceiverOptions& receiver);

/// Whether the receiver keeps what is sent to it as open until told otherwise, and so needs each alert's end.
bool keeps_alerts_open(ReceiverType type) noexcept;

/// From an alert and its document.
Delivery delivery_of(const Alert& alert, std::string document);

/// By the receiver's match; labels are another matter (see DeliverOptions).
bool takes(const ReceiverSettings& receiver, const Delivery& delivery);

/// What is known about one receiver: for /api/v1/status and metrics.
struct ReceiverState {
    std::string name;
    std::string type;
    std::string target;  ///< Scheme and host only: a path may be a secret.
    std::size_t queued = 0;
    std::uint64_t delivered = 0;
    std::uint64_t failed_connect = 0;   ///< Tries: not reached, or the transfer broke ...
    std::uint64_t failed_timeout = 0;   ///< ... took too long ...
    std::uint64_t failed_status = 0;    ///< ... ended with something else than 2xx ...
    std::uint64_t failed_answer = 0;    ///< ... or with more than 64 KiB, or not in HTTP.
    std::uint64_t dead_expired = 0;     ///< Dead letters: after 72 h of tries ...
    std::uint64_t dead_queue_full = 0;  ///< ... the oldest of a full queue ...
    std::uint64_t dead_removed = 0;     ///< ... or of a receiver that a reload took away, or unsent at the end.
    std::uint64_t rolled_up = 0;        ///< Documents that were counted in a roll-up instead of sent one by one.
    std::uint32_t failures_in_a_row = 0;
    std::int64_t failing_since = 0;   ///< Unix seconds; 0: not failing.
    std::int64_t next_try = 0;        ///< Unix seconds; 0: nothing waits.
    std::int64_t last_delivered = 0;  ///< Unix seconds; 0: never.
    std::string last_error;           ///< One line; empty: the last try was fine.
};

}  // namespace wiresage
