// A worker: decodes what its ring holds and keeps the shards it carries.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/byte_ring.hpp"
#include "base/doorbell.hpp"
#include "engine/flow_reading.hpp"
#include "engine/lane.hpp"
#include "engine/record.hpp"
#include "flow/shard.hpp"
#include "packet/packet_counts.hpp"
#include "packet/steer.hpp"

namespace wiresage {

struct WorkerOptions {
    unsigned index = 0;
    unsigned workers = 1;
    std::size_t ring_bytes = 0;
    ShardOptions shard;
    AppOptions app;
    bool read_applications = true;
    bool write_flow_records = false;
};

/// What a worker has counted; a copy is published on ticks.
struct WorkerStats {
    PacketCounts packets;
    ShardStats shards;
    AppStats app;

    WorkerStats& operator+=(const WorkerStats& other) noexcept {
        packets += other.packets;
        shards += other.shards;
        app += other.app;
        return *this;
    }
};

/// Shard s belongs to worker s mod N.  run() is the thread; the dispatcher writes `ring` and rings `bell`.
class Worker {
public:
    Worker(const WorkerOptions& options, Lane& lane, Doorbell& correlator);

    /// Until the record `finish`.
    void run() noexcept;

    ByteRing ring;
    Doorbell bell;

    /// Any thread: the figures as of a tick ago at most (all of them once run() has returned).
    WorkerStats stats() const;
    /// Once run() has returned: adds what was said, where counting was asked for.
    void add_to(AppCounts& sum) const;
    /// Any thread: asks for a copy of up to `most` open flows; `ready` is called in the worker's thread, soon.
    void ask_flows(std::size_t most, std::function<void(std::vector<FlowRecord>)> ready);
    /// Rises whenever the worker goes round its loop: for the watchdog.
    std::uint64_t beats() const noexcept { return beats_.load(std::memory_order_relaxed); }

private:
    static constexpr std::size_t batch = 16;  ///< Packets that are made ready at a time.
    static constexpr std::size_t sums_ahead =
        4;  ///< Packets: what a flow leads to is asked for once the flow has come.

    std::size_t look_ahead(std::uint64_t position, std::uint64_t limit) noexcept;
    void prefetch_sums(const Record& record) const noexcept;
    /// Puts the next records into `ahead_`, the packets among them into `coming_`, and asks the cache for what they and
    /// those of the batch after will need.  `place`: of the packet among those made ready.
    void handle(const Record& record, std::size_t place) noexcept;
    void ticks(const Record& record) noexcept;
    void publish_stats() noexcept;
    void answer_flows() noexcept;

    WorkerOptions options_;
    Lane& lane_;
    Doorbell& correlator_;
    LaneWriter writer_;
    PageArena arena_;                                     ///< Of the shards below.
    std::vector<std::unique_ptr<FlowReading>> readings_;  ///< What the flows of each shard carry.
    std::vector<std::unique_ptr<Shard>> shards_;          ///< By number; null where another worker carries it.
    std::uint64_t busy_ = 0;                              ///< Bit s: shard s may have something to do on a tick.
    std::array<ComingPacket, batch> coming_;
    PacketCounts counts_;
    std::uint64_t finished_ = 0;  ///< Last order finished.
    bool stop_ = false;
    std::array<const std::uint8_t*, batch> ahead_{};
    std::uint64_t prefetched_ = 0;  ///< Position in the ring up to which flows were asked for.

    mutable std::mutex published_mutex_;  // Taken once a tick, and by a scrape.
    WorkerStats published_;
    std::atomic<bool> flows_asked_{false};
    std::mutex asked_mutex_;
    std::vector<std::pair<std::size_t, std::function<void(std::vector<FlowRecord>)>>> asked_;
    std::atomic<std::uint64_t> beats_{0};
};

}  // namespace wiresage
