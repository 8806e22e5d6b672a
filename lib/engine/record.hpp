// What goes from the dispatcher to a worker: a packet with its bytes, a run of ticks, a notice.
#pragma once

#include <cstdint>
#include <type_traits>

#include "base/byte_ring.hpp"
#include "base/time.hpp"
#include "fact/fact.hpp"
#include "packet/packet_view.hpp"

namespace wiresage {

/// The head of a record in a worker's byte ring; a packet's bytes follow.
struct Record {
    enum class Kind : std::uint8_t { packet, ticks, clock_step, finish };

    std::uint32_t size = 0;      ///< Of the whole record, a multiple of ByteRing::alignment, never 0.
    Kind kind = Kind::packet;
    std::uint8_t shard = 0;
    Direction direction = Direction::unknown;
    bool checksum_not_ready = false;
    EventTime time{};            ///< Of ticks: of the first one.
    EventTime stamp{};
    std::uint64_t order = 0;     ///< Of ticks: of the first one; they follow one another.
    std::uint64_t frame = 0;     ///< Of ticks: how many.
    std::uint32_t wire_bytes = 0;  ///< Of ticks: milliseconds from one to the next.
    std::uint32_t captured_bytes = 0;
    std::uint32_t flow_hash = 0;
    std::uint16_t input = 0;
    LinkType link = LinkType::ethernet;
    EventTime capture_end = latest_event_time;  ///< Of ticks: see Shard::tick.

    Moment moment() const noexcept {
        return Moment{.time = time, .stamp = stamp, .order = order, .frame = frame, .input = input, .step = 0, .shard = shard};
    }
};

static_assert(std::is_trivially_copyable_v<Record>);
static_assert(sizeof(Record) % ByteRing::alignment == 0);

}  // namespace wiresage
