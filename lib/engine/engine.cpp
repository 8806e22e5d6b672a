// The pipeline, wired in one visible order.

#include "engine/engine.hpp"

#include <pthread.h>

#include <algorithm>
#include <mutex>

namespace wiresage {

namespace {

constexpr std::size_t least_ring_bytes = std::size_t{1} << 20;  // A record may take a quarter: jumbo frames and GRO giants fit.
constexpr std::size_t fact_slots = 4096;
constexpr std::size_t record_slots = 1024;

}  // namespace

Engine::Engine(EngineOptions options, AlertSink& alerts, FlowRecordSink* records) {
    const unsigned count = std::clamp(options.workers, 1U, shard_count);
    for (unsigned i = 0; i <= count; ++i) lanes_.push_back(std::make_unique<Lane>(fact_slots, options.write_flow_records ? record_slots : 1));
    options.correlator.secret = options.secret;
    correlator_ = std::make_unique<Correlator>(std::move(options.correlator), lanes_, dispatched_, alerts,
                                               options.write_flow_records ? records : nullptr);
    const auto flows = static_cast<std::uint32_t>(std::max<std::size_t>(options.flows / shard_count, 16));
    for (unsigned i = 0; i < count; ++i) {
        const WorkerOptions worker{.index = i,
                                   .workers = count,
                                   .ring_bytes = std::max(options.ring_bytes / count, least_ring_bytes),
                                   .shard = {.flows = flows,
                                             .secret = options.secret,
                                             .drop_duplicates = options.drop_duplicates},
                                   .app = {.flows = flows, .sessions = std::max(flows / 4, 16U), .keys = options.keys,
                                           .count = options.count_messages},
                                   .read_applications = options.read_applications,
                                   .write_flow_records = options.write_flow_records};
        workers_.push_back(std::make_unique<Worker>(worker, *lanes_[i], correlator_->bell));
    }
    dispatcher_ = std::make_unique<Dispatcher>(workers_, lanes_, correlator_->bell, dispatched_, options.secret, options.live);
}

Engine::~Engine() { finish(); }

void Engine::start() {
    correlator_thread_ = std::thread{[this] { correlator_->run(); }};
    pthread_setname_np(correlator_thread_.native_handle(), "correlator");
    for (auto& worker : workers_) {
        worker_threads_.emplace_back([&worker] { worker->run(); });
        pthread_setname_np(worker_threads_.back().native_handle(), "worker");
    }
}

void Engine::feed(Source& source, const std::atomic<bool>& stop) {
    while (!stop.load(std::memory_order_relaxed)) {
        const auto batch = source.next_batch();
        if (batch.state == Batch::State::end) break;
        dispatcher_->dispatch(batch.packets);
    }
}

void Engine::finish() {
    if (finished_ || !correlator_thread_.joinable()) return;
    finished_ = true;
    dispatcher_->finish();
    for (auto& thread : worker_threads_) thread.join();
    correlator_->end();
    correlator_thread_.join();
}

AppCounts Engine::app_counts() const {
    AppCounts sum;
    for (const auto& worker : workers_) worker->add_to(sum);
    return sum;
}

EngineStats Engine::stats() const {
    EngineStats sum;
    for (const auto& worker : workers_) sum.workers += worker->stats();
    sum.correlator = correlator_->stats();
    for (const auto& lane : lanes_) sum.stalled_seconds += static_cast<double>(lane->stalled_nanoseconds.load(std::memory_order_relaxed)) / 1e9;
    return sum;
}

void Engine::ask_flows(std::size_t most, std::function<void(std::vector<FlowRecord>)> ready) {
    struct Gathered {
        std::mutex mutex;
        std::vector<FlowRecord> flows;
        std::size_t waiting = 0;
        std::function<void(std::vector<FlowRecord>)> ready;
    };
    auto answer = std::make_shared<Gathered>();
    answer->waiting = workers_.size();
    answer->ready = std::move(ready);
    const std::size_t each = most / workers_.size() + 1;
    for (auto& worker : workers_) {
        worker->ask_flows(each, [answer](std::vector<FlowRecord> some) {
            const std::lock_guard lock{answer->mutex};
            answer->flows.insert(answer->flows.end(), some.begin(), some.end());
            if (--answer->waiting == 0) answer->ready(std::move(answer->flows));
        });
    }
}

std::vector<std::uint64_t> Engine::beats() const {
    std::vector<std::uint64_t> beats;
    for (const auto& worker : workers_) beats.push_back(worker->beats());
    beats.push_back(correlator_->beats());
    return beats;
}

}  // namespace wiresage
