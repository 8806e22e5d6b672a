// A worker: batches with prefetch, one packet after the other, ticks for the shards that need them.

#include "engine/worker.hpp"

#include <sched.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>
#include <utility>

namespace wiresage {

namespace {

const Record& head_of(const std::uint8_t* at) noexcept {
    return *std::launder(static_cast<const Record*>(static_cast<const void*>(at)));
}

/// The packet of a record, whose bytes follow it.
PacketView view_of(const Record& record) noexcept {
    const auto* const bytes = static_cast<const std::uint8_t*>(static_cast<const void*>(&record)) + sizeof(Record);
    return {.stamp = record.stamp,
            .frame = record.frame,
            .wire_bytes = record.wire_bytes,
            .input = record.input,
            .link = record.link,
            .direction = record.direction,
            .checksum_not_ready = record.checksum_not_ready,
            .bytes = Bytes{bytes, record.captured_bytes}};
}

}  // namespace

Worker::Worker(const WorkerOptions& options, Lane& lane, Doorbell& correlator)
    : ring{options.ring_bytes},
      options_{options},
      lane_{lane},
      correlator_{correlator},
      writer_{lane, correlator},
      arena_{Shard::arena_bytes(options.shard) * (shard_count / options.workers + 1)} {
    auto shard = options.shard;
    shard.arena = &arena_;
    shards_.resize(shard_count);
    readings_.resize(shard_count);
    for (unsigned s = options.index; s < shard_count; s += options.workers) {
        if (options.read_applications) readings_[s] = std::make_unique<FlowReading>(options.app);
        shards_[s] = std::make_unique<Shard>(static_cast<std::uint8_t>(s), shard, writer_,
                                             options.write_flow_records ? &writer_ : nullptr, readings_[s].get());
    }
}

void Worker::run() noexcept {
    int spins = 0;
    while (!stop_) {
        beats_.fetch_add(1, std::memory_order_relaxed);
        if (flows_asked_.load(std::memory_order_relaxed)) answer_flows();
        std::uint64_t position = ring.begin();
        const std::uint64_t limit = ring.end();
        if (position == limit) {
            // A packet seldom comes alone: look again before sleeping, and let the other threads have the core.
            if (++spins < 64) {
                if (spins % 16 == 0) sched_yield();
                continue;
            }
            bell.wait(1000, [&] { return ring.end() == limit && !flows_asked_.load(std::memory_order_relaxed); });
            continue;
        }
        spins = 0;
        while (position != limit && !stop_) {
            const std::size_t count = look_ahead(position, limit);
            for (std::size_t i = 0; i < count; ++i) {
                if (i + sums_ahead < count) prefetch_sums(head_of(ahead_[i + sums_ahead]));
                const Record& record = head_of(ahead_[i]);
                ring.record(position, limit);  // Steps over a gap.
                handle(record, i);
                position += record.size;
            }
            if (count == 0) ring.record(position, limit);  // Only a gap was left.
            ring.release(position);
            lane_.done.store(finished_, std::memory_order_release);
        }
    }
    publish_stats();
    correlator_.wake();
}

void Worker::prefetch_sums(const Record& record) const noexcept {
    if (record.kind == Record::Kind::packet) shards_[record.shard]->prefetch_sums(record.flow_hash);
}

std::size_t Worker::look_ahead(std::uint64_t position, std::uint64_t limit) noexcept {
    std::size_t count = 0;
    bool takes = true;
    for (std::size_t seen = 0; seen < 2 * batch; ++seen) {
        const std::uint8_t* const at = ring.record(position, limit);
        if (at == nullptr) break;
        const Record& record = head_of(at);
        takes = takes && count < batch;
        if (takes) ahead_[count++] = at;
        if (record.kind != Record::Kind::packet) {
            takes = false;  // What follows it starts anew.
        } else if (position >= prefetched_) {
            shards_[record.shard]->prefetch(record.flow_hash);
        }
        position += record.size;
    }
    prefetched_ = std::max(prefetched_, position);
    for (std::size_t i = 0; i < count; ++i) {  // The indices have come while the batch before was worked on.
        const Record& record = head_of(ahead_[i]);
        if (record.kind != Record::Kind::packet) continue;
        const auto view = view_of(record);
        decode(view, coming_[i].packet);
        counts_.add(view, coming_[i].packet);
        shards_[record.shard]->look_at(coming_[i], record.flow_hash);
    }
    return count;
}

void Worker::handle(const Record& record, std::size_t place) noexcept {
    switch (record.kind) {
        case Record::Kind::packet:
            shards_[record.shard]->packet(view_of(record), coming_[place], record.moment(), record.flow_hash);
            busy_ |= std::uint64_t{1} << record.shard;
            break;
        case Record::Kind::ticks:
            ticks(record);
            return;
        case Record::Kind::clock_step:
            for (auto& shard : shards_) {
                if (shard) shard->clock_step();
            }
            break;
        case Record::Kind::finish:
            stop_ = true;
            break;
    }
    finished_ = record.order;
}

void Worker::ticks(const Record& record) noexcept {
    Moment at = record.moment();
    at.frame = 0;
    const std::chrono::milliseconds apart{record.wire_bytes};
    for (std::uint64_t i = 0; i < record.frame; ++i) {
        for (std::uint64_t rest = busy_; rest != 0; rest &= rest - 1) {
            const auto s = static_cast<std::uint8_t>(std::countr_zero(rest));
            at.shard = s;
            shards_[s]->tick(at, record.capture_end);
            if (shards_[s]->is_empty()) busy_ &= ~(std::uint64_t{1} << s);
        }
        finished_ = at.order;
        if (i % 64 == 63) lane_.done.store(finished_, std::memory_order_release);
        ++at.order;
        at.time += apart;
        at.stamp += apart;
    }
    publish_stats();
}

void Worker::publish_stats() noexcept {
    WorkerStats now;
    now.packets = counts_;
    for (const auto& shard : shards_) {
        if (shard) now.shards += shard->stats();
    }
    for (const auto& reading : readings_) {
        if (reading) now.app += reading->stats();
    }
    const std::lock_guard lock{published_mutex_};
    published_ = now;
}

void Worker::add_to(AppCounts& sum) const {
    for (const auto& reading : readings_) {
        if (reading && reading->counts() != nullptr) sum += *reading->counts();
    }
}

WorkerStats Worker::stats() const {
    const std::lock_guard lock{published_mutex_};
    return published_;
}

void Worker::ask_flows(std::size_t most, std::function<void(std::vector<FlowRecord>)> ready) {
    {
        const std::lock_guard lock{asked_mutex_};
        asked_.emplace_back(most, std::move(ready));
    }
    flows_asked_.store(true, std::memory_order_relaxed);
    bell.wake();
}

void Worker::answer_flows() noexcept {
    flows_asked_.store(false, std::memory_order_relaxed);
    decltype(asked_) asked;
    {
        const std::lock_guard lock{asked_mutex_};
        asked.swap(asked_);
    }
    for (auto& [most, ready] : asked) {
        std::vector<FlowRecord> flows;
        for (const auto& shard : shards_) {
            if (shard && flows.size() < most) shard->snapshot(flows, most - flows.size());
        }
        ready(std::move(flows));
    }
}

}  // namespace wiresage
