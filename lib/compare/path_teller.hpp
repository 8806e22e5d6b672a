// Makes facts of finished sessions, for the rules that judge a pair of captures.
#pragma once

#include <cstdint>
#include <vector>

#include "compare/clock_match.hpp"
#include "compare/summary.hpp"
#include "detect/bounded_map.hpp"
#include "fact/fact.hpp"

namespace wiresage {

/// Tells losses, changes and delays.  A connection whose SYNs one point saw and the other never did is told at the end,
/// where other sessions prove that the traffic of its two hosts passes both points.
class PathTeller {
public:
    PathTeller(const ClockModel& clock, std::array<Coverage, 2> coverage, std::size_t most_hosts);

    /// Adds what there is to tell of the session to `facts`.
    void see(const SessionSummary& session, std::vector<Fact>& facts);
    /// The connections that never arrived.
    void finish(std::vector<Fact>& facts);

    /// Connections seen at one point only although their hosts' traffic passes both.  After finish().
    std::uint64_t never_arrived() const noexcept { return never_arrived_; }

private:
    static constexpr std::size_t most_lonely = 4096;
    struct Hosts {
        Address client;
        Address server;
        friend bool operator==(const Hosts&, const Hosts&) = default;
    };
    struct HostsHash {
        std::size_t operator()(const Hosts& hosts) const noexcept {
            const AddressHash hash;
            return spread(spread(hash(hosts.client)) + hash(hosts.server));
        }
    };
    struct Lonely {
        PathLoss loss;
        std::uint16_t vlan = 0;
        Point point = Point::near;
    };

    void tell_losses(const SessionSummary& session, std::vector<Fact>& facts);
    void tell_changes(const SessionSummary& session, std::vector<Fact>& facts) const;
    void tell_delay(const SessionSummary& session, std::vector<Fact>& facts) const;
    void remember_lonely(const SessionSummary& session);
    Fact fact_of(const SessionSummary& session, const Sighting& seen, const Fact::What& what) const;

    ClockModel clock_;
    std::array<Coverage, 2> coverage_;
    std::array<BoundedMap<Hosts, bool, HostsHash>, 2>
        passing_;  // By point: whose sessions were seen at both; any direction.
    std::array<BoundedMap<Endpoint, bool, AddressHash>, 2> elsewhere_;  // Services that answered sessions of one point.
    std::vector<Lonely> lonely_;
    std::uint64_t never_arrived_ = 0;
};

}  // namespace wiresage
