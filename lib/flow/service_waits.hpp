// The exchanges of each service, summed over some seconds.
#pragma once

#include <array>
#include <cstdint>

#include "fact/delay.hpp"
#include "flow/flow.hpp"
#include "flow/lazy_array.hpp"
#include "flow/teller.hpp"

namespace wiresage {

/// One exchange's parts, in microseconds.
struct ExchangeParts {
    Microseconds wait = 0;     ///< For the answer, as seen here.
    Microseconds server = 0;   ///< Of it, what is not the network's.
    Microseconds network = 0;  ///< A round trip; 0: unknown.
};

/// One for each shard.  At most 256 services at a time; exchanges of others are not told (counted by the shard as
/// facts withheld), so that a rule sees no service with half of its exchanges.
class ServiceTally {
public:
    static constexpr std::uint32_t most_services = 256;

    ServiceTally() : sums_{most_services}, places_{place_count} {}

    void answer(const Flow& flow, const ExchangeParts& parts, Teller& teller) noexcept;
    void think(const Flow& flow, Microseconds client, Teller& teller) noexcept;

    /// All sums leave.
    void flush(Teller& teller) noexcept;
    bool has_sums() const noexcept { return used_ > 0; }

private:
    struct Sum {
        ServiceWaits waits;
        std::uint16_t vlan = 0;
        std::uint16_t input = 0;
        bool tunnelled = false;
        std::uint32_t place = 0;
    };
    static constexpr std::uint32_t place_count = 1024;

    Sum* of(const Flow& flow, Teller& teller) noexcept;
    void tell(const Sum& sum, Teller& teller) noexcept;

    std::uint32_t used_ = 0;
    LazyArray<Sum> sums_;
    LazyArray<std::uint16_t> places_;  ///< Open addressing: number of the sum plus one, 0 where none is.
};

/// Both ends are on one host.
inline bool is_within_host(const Flow& flow) noexcept {
    return flow.key.low.ip == flow.key.high.ip || (flow.key.low.ip.is_loopback() && flow.key.high.ip.is_loopback());
}

}  // namespace wiresage
