// What the journal keeps: documents, how far each receiver has come, what was given up, what is suppressed.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "alert/alert.hpp"

namespace wiresage {

/// One document of an alert's life.
struct JournalEntry {
    std::uint64_t number = 0;     ///< Rises with each document, over restarts too; 0: not given one yet.
    std::int64_t taken_unix = 0;  ///< Seconds of the wall clock: when the daemon took it.
    std::string alert_id;
    std::string webhook_id;  ///< The same over tries and restarts.
    std::string rule;
    Severity severity = Severity::warning;
    Urgency urgency = Urgency::note;
    AlertState state = AlertState::firing;
    std::string source;  ///< Address as text; empty: none.
    EventTime stamp;     ///< @timestamp.
    std::string about_receiver;
    std::string document;  ///< JSON, one line.
    std::string message;   ///< For the log only; not kept.
    std::chrono::steady_clock::time_point appended{};  ///< When the journal was given it; not kept.
};

/// How far one receiver has come.
struct JournalCursor {
    std::string receiver;
    std::uint64_t position = 0;             ///< Everything up to here is settled, but for ...
    std::vector<std::uint64_t> stragglers;  ///< ... these, in rising order.
    friend bool operator==(const JournalCursor&, const JournalCursor&) = default;
};

/// A document that a receiver was not given and will not be.
struct DeadLetter {
    std::uint64_t number = 0;
    std::string receiver;
    std::string alert_id;
    std::string why;  ///< "expired", "queue_full", "removed".
    std::int64_t at_unix = 0;
    friend bool operator==(const DeadLetter&, const DeadLetter&) = default;
};

/// Something small that is kept by name, such as a suppression set through the API.
struct JournalNote {
    std::string kind;
    std::string name;
    std::string text;  ///< JSON.  Empty: forget it.
};

}  // namespace wiresage
