// The comparison for people: what the two captures say about the path between them.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "alert/alert.hpp"
#include "compare/comparison.hpp"
#include "compare/summary.hpp"

namespace wiresage {

/// Gathers sessions as they end, and keeps the worst ones only.
class Report {
public:
    struct Facts {
        const ClockModel& clock;
        const CompareStats& stats;
        const std::vector<std::string>& names;  ///< Of the two captures, near first.
        const std::vector<Alert>& alerts;
    };

    void add(const SessionSummary& session);

    /// Captures, clocks, findings, a table of sessions, worst first, and ladders of the decisive packets.
    std::string text(const Facts& facts) const;

private:
    static constexpr std::size_t most_kept = 20;
    static constexpr std::size_t most_drawn = 3;
    static constexpr std::size_t most_well = 8;
    static constexpr std::size_t most_lonely = 1024;
    static constexpr std::size_t most_hosts = 4096;

    struct Lonely {
        Transport transport = Transport::none;
        Endpoint client;
        Endpoint server;
        std::array<std::uint64_t, 2> packets{};
        EventTime at;
        Point point = Point::near;
    };

    std::string captures(const Facts& facts) const;
    std::string clocks(const ClockModel& clock) const;
    std::string counts() const;
    std::string findings(const std::vector<Alert>& alerts) const;
    std::string notes(const CompareStats& stats) const;
    std::string table() const;
    std::string lonely() const;

    std::vector<SessionSummary> worst_;  // The worst first; of equals the earlier one.
    std::vector<Lonely> lonely_;
    std::array<std::set<Address>, 2> passing_;  // Addresses of paired sessions, by point.
    std::array<std::uint64_t, 2> alone_{};
    std::uint64_t paired_ = 0;
    std::uint64_t translated_ = 0;
    std::uint64_t rewritten_ = 0;
    std::uint64_t terminated_ = 0;
    std::uint64_t missed_ = 0;
    std::uint64_t sent_ = 0;
    std::uint64_t lost_ = 0;
    std::uint64_t repaired_ = 0;
};

/// The decisive packets of a session between its two points, each a line.
std::string ladder(const SessionSummary& session);

}  // namespace wiresage
