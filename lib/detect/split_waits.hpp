// What a client and a service have waited for, split three ways: network, server, client.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "detect/bounded_map.hpp"
#include "detect/episode.hpp"
#include "detect/judge.hpp"
#include "detect/keys.hpp"
#include "detect/waits.hpp"
#include "fact/fact.hpp"

namespace wiresage {

/// Which end is far from this point.
enum class Far : std::uint8_t { server, client, both };
std::string_view name(Far far) noexcept;

/// Totals of one episode of a client (whatever its ports) with a service.
class SplitWaits {
public:
    void add(const Fact& fact, const Exchanges& what, Duration quiet);

    std::uint64_t exchanges() const noexcept { return exchanges_; }
    Microseconds handshake_rtt() const { return round_trips_.median(); }  ///< 0: no handshake was seen.
    /// As seen here, the network's part in them.
    const Waits& server_waits() const noexcept { return server_waits_; }
    const Waits& client_waits() const noexcept { return client_waits_; }
    /// The client's, the network's part taken out.
    const Waits& thinking() const noexcept { return thinking_; }
    Far far() const;

    std::uint64_t network_us() const noexcept { return network_us_; }
    std::uint64_t server_us() const noexcept { return server_us_; }
    std::uint64_t client_us() const noexcept { return client_us_; }
    std::uint64_t all_us() const noexcept { return network_us_ + server_us_ + client_us_; }

    /// Ends, entity, start, place, packets, impact, filter.
    void describe(Finding& finding) const;
    std::string text() const { return key_.client.text() + " and " + key_.service.text(); }
    void set_key(const ClientOfService& key) { key_ = key; }

private:
    ClientOfService key_;
    Episode episode_;
    Agreed<std::uint16_t> client_port_;
    std::vector<PacketRef> packets_;
    std::uint64_t flows_ = 0;
    std::uint64_t exchanges_ = 0;
    std::uint64_t network_us_ = 0;
    std::uint64_t server_us_ = 0;
    std::uint64_t client_us_ = 0;
    Waits server_waits_;
    Waits client_waits_;
    Waits thinking_;
    Waits round_trips_;
    Waits server_trips_;
};

/// Bounded by limits.hosts.
class AllSplitWaits {
public:
    AllSplitWaits(std::size_t most, Duration quiet) : quiet_{quiet}, all_{most} {}

    SplitWaits& add(const Fact& fact, const Exchanges& what) {
        const ClientOfService key{what.client.ip, what.server, fact.vlan};
        SplitWaits& of = all_.at(key);
        of.set_key(key);
        of.add(fact, what, quiet_);
        return of;
    }

private:
    Duration quiet_;
    BoundedMap<ClientOfService, SplitWaits, ServiceHash> all_;
};

}  // namespace wiresage
