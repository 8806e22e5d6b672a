// Gives each packet its number, its event time and its shard, and copies it into a worker's ring.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "capture/source.hpp"
#include "engine/lane.hpp"
#include "engine/record.hpp"
#include "engine/timeline.hpp"
#include "engine/worker.hpp"
#include "packet/steer.hpp"

namespace wiresage {

struct DispatcherStats {
    std::atomic<std::uint64_t> packets{0};     ///< Taken from the source.
    std::atomic<std::uint64_t> ring_drops{0};  ///< Live: of these, lost because a worker's ring was full ...
    std::array<std::atomic<std::uint64_t>, 64>
        ring_drops_of{};                       ///< ... by input; the last one stands for all beyond it.
    std::atomic<std::uint64_t> ring_waits{0};  ///< Files: times the reader waited for a worker.
    std::atomic<std::uint64_t> clamped_stamps{0};
    std::atomic<std::uint64_t> clock_steps{0};
    std::atomic<std::uint64_t> time_jumps{0};
    std::atomic<std::int64_t> event_time{0};  ///< Nanoseconds since 1970.
};

/// Belongs to the capture thread.  The only copy of a packet's bytes is made here.
class Dispatcher {
public:
    Dispatcher(std::vector<std::unique_ptr<Worker>>& workers, std::vector<std::unique_ptr<Lane>>& lanes,
               Doorbell& correlator, std::atomic<std::uint64_t>& dispatched, std::uint64_t secret, bool live);

    /// Packets, in the order they are given.
    void dispatch(std::span<const PacketView> packets) noexcept;
    /// Silence: event time goes on to `time`, with the ticks that this means.
    void idle_until(EventTime time) noexcept;
    /// A fact of the capture itself, at the present event time.
    void tell(Fact::What what, std::uint16_t input = 0) noexcept;
    /// Files: nothing comes any more; silence counts on for the longest time-out, then the workers finish.
    /// Live: they finish at once.
    void finish() noexcept;

    const Timeline& timeline() const noexcept { return timeline_; }
    const DispatcherStats& stats() const noexcept { return stats_; }

private:
    void packet(const PacketView& view) noexcept;
    void advance(const Timeline::Step& step) noexcept;
    void send_ticks(const TickRun& run) noexcept;
    /// Waits for it: what must not be lost.
    std::uint8_t* room_in(std::size_t worker, std::size_t size) noexcept;
    void send(std::size_t worker, const Record& record) noexcept;
    void write_fact(const Fact& fact) noexcept;
    void publish() noexcept;

    std::vector<std::unique_ptr<Worker>>& workers_;
    std::vector<std::unique_ptr<Lane>>& lanes_;  ///< One per worker, then the dispatcher's own.
    Lane& own_;
    Doorbell& correlator_;
    std::atomic<std::uint64_t>& dispatched_;
    Steering steering_;
    Timeline timeline_;
    std::uint64_t order_ = 0;     ///< Last number given.
    std::uint64_t complete_ = 0;  ///< Last number that all who must know of have been sent.
    std::uint64_t taken_ = 0;
    std::uint64_t published_ = 0;      ///< Of those taken.
    std::array<std::uint8_t, shard_count> worker_of_{};  ///< By shard: divisions are slow.
    std::vector<std::uint64_t> sent_;  ///< Last number given to each worker, not yet published.
    std::size_t most_captured_;  ///< Of a packet: all rings are of one size.
    EventTime capture_end_ = latest_event_time;
    bool live_;
    DispatcherStats stats_;
};

}  // namespace wiresage
