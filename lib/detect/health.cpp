// How the network does as a whole.

#include "detect/health.hpp"

#include <variant>

namespace wiresage {

namespace {

void add(NetworkHealth::Segments& to, const LossTally::Side& side) noexcept {
    to.sent += side.segments;
    to.sent_again += side.lost_after + side.lost_before + side.spurious;
}

}  // namespace

void NetworkHealth::see(const Fact& fact) noexcept {
    if (const auto* const tally = std::get_if<LossTally>(&fact.what)) {
        add(by_client, tally->by_client);
        add(by_server, tally->by_server);
        return;
    }
    const auto* const waits = std::get_if<ServiceWaits>(&fact.what);
    if (waits == nullptr) return;
    for (std::size_t bucket = 0; bucket < wait_buckets; ++bucket) {
        const std::uint64_t count = waits->answers[bucket];
        answers.counts[bucket / 2] += count;
        answers.sum_us += count * middle_of_bucket(bucket);
    }
    if (waits->exchanges == 0 || waits->network_us == 0) return;
    const auto mean = static_cast<Microseconds>(waits->network_us / waits->exchanges);
    round_trips.counts[wait_bucket(mean) / 2] += waits->exchanges;
    round_trips.sum_us += waits->network_us;
}

double NetworkHealth::upper_seconds(std::size_t octave) noexcept {
    return static_cast<double>(std::uint64_t{256} << octave) / 1e6;
}

}  // namespace wiresage
