// The pipeline: one dispatcher, workers, one correlator, wired together.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "capture/source.hpp"
#include "engine/correlator.hpp"
#include "engine/dispatcher.hpp"
#include "engine/worker.hpp"

namespace wiresage {

struct EngineOptions {
    unsigned workers = 1;                 ///< 1 to 64.
    std::size_t ring_bytes = 64 << 20;    ///< Of all workers' rings together.
    std::size_t flows = 262144;           ///< Most flows, over all shards.
    std::uint64_t secret = 0;             ///< Key of all hashes: random in `run`, fixed in `read`.
    const KeyLog* keys = nullptr;         ///< Secrets of TLS connections; outlives the engine.
    bool live = false;
    bool drop_duplicates = true;          ///< Guard G1.
    bool read_applications = true;        ///< False: to measure what that costs.
    bool count_messages = false;          ///< Only for `read --stats`.
    bool write_flow_records = false;      ///< Only for `read --flows`.
    CorrelatorOptions correlator;
};

/// Everything the pipeline has counted.
struct EngineStats {
    WorkerStats workers;
    CorrelatorStats correlator;
    double stalled_seconds = 0;           ///< Workers waiting for the correlator.
};

/// start(), then the calling thread feeds it, then finish().
class Engine {
public:
    /// `alerts` and `records` are called in the correlator's thread; `records` may be null.
    Engine(EngineOptions options, AlertSink& alerts, FlowRecordSink* records);
    ~Engine();

    void start();

    /// Files: everything from the source, until it ends or `stop` is set.  In the calling thread.
    void feed(Source& source, const std::atomic<bool>& stop);

    /// Live: packets, silence and facts of the capture are given through this by the capture thread.
    Dispatcher& dispatcher() noexcept { return *dispatcher_; }

    /// Nothing comes any more: the workers end, then the correlator; returns when all is judged.
    void finish();

    EngineStats stats() const;
    /// After finish(): what was said, where EngineOptions asked for it.
    AppCounts app_counts() const;
    const DispatcherStats& dispatcher_stats() const noexcept { return dispatcher_->stats(); }
    void reconfigure(CorrelatorOptions options) { correlator_->reconfigure(std::move(options)); }
    /// The open flows, at most `most`; `ready` is called in some thread of the pipeline, once.
    void ask_flows(std::size_t most, std::function<void(std::vector<FlowRecord>)> ready);
    void ask_hosts(std::size_t most, std::function<void(std::vector<HostView>)> ready) { correlator_->ask_hosts(most, std::move(ready)); }
    /// One number a thread that rises while it moves: workers, then the correlator.
    std::vector<std::uint64_t> beats() const;

private:
    std::vector<std::unique_ptr<Lane>> lanes_;
    std::atomic<std::uint64_t> dispatched_{0};
    std::unique_ptr<Correlator> correlator_;
    std::vector<std::unique_ptr<Worker>> workers_;
    std::unique_ptr<Dispatcher> dispatcher_;
    std::vector<std::thread> worker_threads_;
    std::thread correlator_thread_;
    bool finished_ = false;
};

}  // namespace wiresage
