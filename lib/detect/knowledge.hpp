// What has been learnt of hosts and services: the memory that guards and rules share.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/time.hpp"
#include "detect/recent_answers.hpp"
#include "detect/site.hpp"
#include "fact/fact.hpp"

namespace wiresage {

/// A host's learnt role, shown in /api/v1/hosts so that one can see why something stayed silent.
enum class Role : std::uint8_t { resolver, poller, forwards, load_balancer, virtual_router };

std::string_view name(Role role) noexcept;

/// Answered and failed attempts of one service, for onset (guard G10).
struct ServicePast {
    std::uint64_t accepted = 0;
    std::uint64_t refused = 0;
    std::uint64_t silent = 0;
    EventTime first_accepted;
    EventTime last_accepted;
    RecentAnswers::Number last_answer = RecentAnswers::none;
};

struct HostView {
    Address address;
    std::optional<MacAddress> mac;
    EventTime last_seen;
    std::vector<Role> roles;
    std::uint64_t attempts = 0;  ///< As a client.
    std::uint64_t answered = 0;
    std::uint64_t targets = 0;  ///< Distinct services asked (estimate beyond 64).
};

class DnsMemory;

/// Bounded (limits.hosts); owned by the correlator, fed with every fact before the rules see it.
class Knowledge {
public:
    Knowledge(const Site& site, std::size_t most_hosts);
    ~Knowledge();

    void see(const Fact& fact);

    /// G2: this place (interface and VLAN) showed both directions of the address within `span` before `now`.
    static constexpr Duration proof_span = std::chrono::minutes{10};
    bool two_way(std::uint16_t input, std::uint16_t vlan, const Address& address, EventTime now,
                 Duration span = proof_span) const;
    /// The same of any place: the sums of ticks name neither interface nor VLAN.
    bool has_met(const Address& address, EventTime now) const;
    /// The two were seen to answer each other within `proof_span`, at any place.
    bool have_met(const Address& a, const Address& b, EventTime now) const;

    /// The service accepted somebody at least once.
    const ServicePast* service(Transport transport, const Endpoint& service) const;
    /// Some other port of this address accepted somebody.
    bool other_port_answers(Transport transport, const Endpoint& service) const;

    /// The MAC sends for several addresses that are not its own: a router, a NAT gateway, a hypervisor.
    bool forwards(const MacAddress& mac) const;
    /// VRRP, HSRP, GLBP, CARP and kin: a MAC out of a virtual router's range.
    static bool is_virtual_router(const MacAddress& mac) noexcept;

    bool has_role(const Address& address, Role role) const;

    /// Accepted attempts of the client since `since`, the latest first (see RecentAnswers for its bounds).
    std::vector<const AnsweredAttempt*> answered(const Address& client, EventTime since) const;
    /// How many attempts the service accepted since `since`.
    AnsweredCounts answered(Transport transport, const Endpoint& service, EventTime since) const;
    /// Connections that the two have open with each other, begun and not ended since they were first seen.
    std::uint32_t open_connections(const Address& a, const Address& b) const;

    /// Which names addresses were asked for by (dns_memory.hpp).
    const DnsMemory& names() const noexcept;

    /// Share of packets lost by the capture in the last minute, in millionths, and whether any was in `span`.
    std::int64_t capture_loss_share() const noexcept;
    /// More than one in a thousand packets of the input came twice within the last 10 s.
    bool doubled(std::uint16_t input) const;

    /// Most connections of the input that told it within the last 10 min show one direction only, ten at least.
    bool one_sided(std::uint16_t input) const;
    /// Within the last minute ten times something was acknowledged on the input that was never seen there.
    bool gapped(std::uint16_t input) const;

    std::vector<HostView> hosts(std::size_t most) const;
    std::uint64_t evicted() const noexcept;
    const Site& site() const noexcept;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace wiresage
