// The state of the daemon as /api/v1/status and the page show it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"

namespace wiresage {

/// Plain values; the daemon fills one for each request.  Times named `unix` are seconds of the wall clock, 0: never.
struct Status {
    struct Interface {
        std::string name;
        std::string state;      ///< "up", "down", "missing", "disappeared", "other link type", ...
        std::string link_type;  ///< "Ethernet", empty where not known.
        std::uint64_t packets = 0;
        std::uint64_t bytes = 0;
        std::uint64_t received = 0;           ///< ps_recv.
        std::uint64_t dropped_kernel = 0;     ///< ps_drop: the kernel's ring was full.
        std::uint64_t dropped_ring = 0;       ///< A worker's ring was full.
        std::uint64_t dropped_interface = 0;  ///< ps_ifdrop.
        std::uint64_t dropped_link = 0;       ///< The link's own counters (rx_dropped, rx_missed_errors).
        std::string error;                    ///< Why it is not up.
    };
    struct Table {
        std::string name;  ///< "flows", "hosts", "alerts", ...
        std::uint64_t entries = 0;
        std::uint64_t limit = 0;
        std::uint64_t evicted = 0;
    };
    struct Receiver {
        std::string name;
        std::string type;
        std::string target;  ///< Scheme and host.
        std::uint64_t queued = 0;
        std::uint64_t delivered = 0;
        std::uint64_t failed = 0;
        std::uint64_t dead_letters = 0;
        std::uint64_t rolled_up = 0;
        std::int64_t failing_since_unix = 0;
        std::int64_t next_try_unix = 0;
        std::int64_t last_delivered_unix = 0;
        std::string last_error;
    };

    struct Journal {
        std::string path;
        bool durable = false;
        std::string problem;
        std::uint64_t entries = 0;
        std::uint64_t used_bytes = 0;
        std::uint64_t size_bytes = 0;
        std::uint64_t commits = 0;
        std::uint64_t unsaved = 0;
        std::uint64_t queued = 0;
    };
    /// Who owns sockets.
    struct Processes {
        bool tracepoints = false;
        std::string problem;  ///< Why there are none, or what of them does not work.
        std::uint64_t sockets = 0;
        std::uint64_t events = 0;
        std::uint64_t lost = 0;
    };
    /// What a receiver was not given and will not be.
    struct DeadLetter {
        std::string receiver;
        std::string alert;
        std::string why;
        std::int64_t at_unix = 0;
    };

    std::string sensor;
    std::string version;
    std::string revision;
    std::int64_t started_unix = 0;
    std::int64_t now_unix = 0;
    std::optional<EventTime> event_time;   ///< Absent before the first packet.
    std::optional<std::string> not_ready;  ///< Why; absent: ready.
    std::vector<std::string> degraded;     ///< What limits the verdicts now, a sentence each; empty: nothing.
    std::uint64_t workers = 0;
    std::uint64_t rules_enabled = 0;
    std::uint64_t alerts_firing = 0;
    std::uint64_t alerts_stored = 0;
    std::uint64_t softnet_dropped = 0;
    std::uint64_t duplicates = 0;
    std::int64_t reloaded_unix = 0;  ///< Last reload that was taken.
    std::string reload_error;        ///< Of the last reload; empty: it was taken.
    std::vector<Interface> interfaces;
    std::vector<Table> tables;
    std::vector<Receiver> receivers;
    Journal journal;
    Processes processes;
    std::vector<DeadLetter> dead_letters;  ///< The newest.
};

/// One JSON object with the names of the struct; times in RFC 3339.
std::string status_json(const Status& status);

}  // namespace wiresage
