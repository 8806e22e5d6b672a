// The exchanges of each service, summed over some seconds.
#include "flow/service_waits.hpp"

#include <algorithm>

namespace wiresage {

ServiceTally::Sum* ServiceTally::of(const Flow& flow, Teller& teller) noexcept {
    const Endpoint& server = flow.server();
    const bool within = is_within_host(flow);
    const std::uint64_t hash = AddressHash{}(server) + flow.vlan + (within ? 1U : 0U);
    for (auto place = static_cast<std::uint32_t>(hash) & (place_count - 1);; place = (place + 1) & (place_count - 1)) {
        if (places_[place] != 0) {
            Sum& sum = sums_[places_[place] - 1U];
            if (sum.waits.server == server && sum.waits.within_host == within && sum.vlan == flow.vlan) return &sum;
            continue;
        }
        if (used_ == most_services) {
            teller.withhold();
            return nullptr;
        }
        Sum& sum = sums_[used_++];
        sum = Sum{};
        sum.waits.server = server;
        sum.waits.within_host = within;
        sum.vlan = flow.vlan;
        sum.input = flow.input;
        sum.tunnelled = flow.tunnel != Tunnel::none;
        sum.place = place;
        places_[place] = static_cast<std::uint16_t>(used_);
        return &sum;
    }
}

void ServiceTally::answer(const Flow& flow, const ExchangeParts& parts, Teller& teller) noexcept {
    Sum* const sum = of(flow, teller);
    if (sum == nullptr) return;
    ServiceWaits& waits = sum->waits;
    std::uint16_t& bucket = waits.answers[wait_bucket(parts.wait)];
    if (bucket == UINT16_MAX) {
        // Seldom: a service with more than ten thousand exchanges a second in one shard is told ahead of time.
        tell(*sum, teller);
        const Endpoint server = waits.server;
        const bool within = waits.within_host;
        waits = ServiceWaits{};
        waits.server = server;
        waits.within_host = within;
    }
    ++bucket;
    ++waits.exchanges;
    waits.server_us += parts.server;
    waits.network_us += parts.network;
}

void ServiceTally::think(const Flow& flow, Microseconds client, Teller& teller) noexcept {
    Sum* const sum = of(flow, teller);
    if (sum != nullptr) sum->waits.client_us += client;
}

void ServiceTally::tell(const Sum& sum, Teller& teller) noexcept {
    if (sum.waits.exchanges > 0) teller.tell_of(sum.waits, sum.input, sum.vlan, sum.tunnelled);
}

void ServiceTally::flush(Teller& teller) noexcept {
    for (std::uint32_t i = 0; i < used_; ++i) {
        tell(sums_[i], teller);
        places_[sums_[i].place] = 0;
    }
    used_ = 0;
}

}  // namespace wiresage
