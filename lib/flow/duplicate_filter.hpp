// Guard G1: the same packet seen twice is dropped before any tracker.
#pragma once

#include <array>
#include <cstdint>

#include "base/time.hpp"
#include "flow/lazy_array.hpp"
#include "packet/packet.hpp"

namespace wiresage {

/// Remembers the last packets of a shard for some milliseconds.
///
/// Same packet: IP addresses, IP ID, and the transport header with the first payload bytes are equal (the checksum in
/// the header speaks for the rest), within 5 ms; of IPv6 and IPv4 ID 0, where no number tells two datagrams apart,
/// within 1 ms.  TTL, MAC addresses, VLAN and direction may differ: they are the copy's *road*.
///
/// A copy that came by a road which the run has not shown is dropped.  One that came by the very same road is dropped
/// once for each road: a mirror of both directions of a port shows it twice.  One more in the same window means that
/// the sender repeats itself (a flood of equal datagrams, a tool with a fixed IP ID, duplicate acknowledgments): from
/// then on nothing of the run is dropped until it pauses.  So a flood loses one packet, not half of its packets, and a
/// doubled packet is still one.  Pure TCP acknowledgments without an IP ID are never dropped on the same road: two
/// equal ones within 1 ms are what fast retransmission counts, and a doubled one harms no verdict.
class DuplicateFilter {
public:
    explicit DuplicateFilter(std::uint64_t secret, PageArena* arena = nullptr);

    static constexpr std::size_t arena_bytes() noexcept { return bucket_count * ways * sizeof(Seen) + 4096; }

    /// What is compared, as a number; asks the cache for its place.  `flow_hash` stands for the addresses.
    std::uint64_t digest(const Packet& packet, std::uint32_t flow_hash) const noexcept;

    /// Whether this packet is a copy that should be dropped.  `now` never goes back.
    bool is_copy(const Packet& packet, std::uint64_t digest, EventTime now) noexcept;

    /// Of the last copy that was dropped: microseconds after the original, and whether it came by a road that was there.
    std::uint32_t lag_us() const noexcept { return lag_us_; }
    bool same_road() const noexcept { return same_road_; }

private:
    static constexpr std::size_t ways = 4;
    static constexpr std::size_t most_roads = 3;

    /// Small, so that few places are in many caches: a packet a minute old or more is not the same one, whatever wraps.
    struct Seen {
        std::uint32_t tag = 0;                          ///< 0: empty.
        std::uint32_t last = 0;                         ///< Of the original, or of a repeat, in microseconds.
        std::array<std::uint16_t, most_roads> roads{};  ///< Of the original and its copies; 0: none.
        std::uint8_t same_road = 0;                     ///< Copies that came by a road that was there already.
        bool repeats = false;
    };
    static_assert(sizeof(Seen) == 16);

    static constexpr std::size_t bucket_count = 64;  ///< 15,000 packets a second have 75 within 5 ms.

    std::uint64_t secret_;
    std::uint32_t lag_us_ = 0;
    bool same_road_ = false;
    LazyArray<Seen> seen_;
};

}  // namespace wiresage
