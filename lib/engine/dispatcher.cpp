// Numbers, event time, shards, and the one copy.

#include "engine/dispatcher.hpp"

#include <algorithm>
#include <cstring>
#include <ctime>
#include <new>

namespace wiresage {

namespace {

constexpr std::uint64_t worth_publishing =
    512;                                // Packets of a file: to hand over each batch would wake the worker for little.
constexpr std::size_t bytes_ahead = 8;  // Packets whose headers are asked for early: a file's were just read.

constexpr std::size_t rounded(std::size_t bytes) noexcept {
    return (bytes + ByteRing::alignment - 1) & ~(ByteRing::alignment - 1);
}

/// Waits for room in a ring, which takes a worker ten times as long to empty.
void nap() noexcept {
    const std::timespec span{0, 300'000};
    nanosleep(&span, nullptr);
}

}  // namespace

Dispatcher::Dispatcher(std::vector<std::unique_ptr<Worker>>& workers, std::vector<std::unique_ptr<Lane>>& lanes,
                       Doorbell& correlator, std::atomic<std::uint64_t>& dispatched, std::uint64_t secret, bool live)
    : workers_{workers},
      lanes_{lanes},
      own_{*lanes.back()},
      correlator_{correlator},
      dispatched_{dispatched},
      steering_{secret},
      sent_(workers.size(), 0),
      most_captured_{workers.front()->ring.most_record() - sizeof(Record) - ByteRing::alignment},
      live_{live} {
    for (std::size_t shard = 0; shard < shard_count; ++shard)
        worker_of_[shard] = static_cast<std::uint8_t>(shard % workers.size());
}

void Dispatcher::dispatch(std::span<const PacketView> packets) noexcept {
    for (std::size_t i = 0; i < packets.size(); ++i) {
        if (i + bytes_ahead < packets.size()) __builtin_prefetch(packets[i + bytes_ahead].bytes.data() + 16);
        packet(packets[i]);
    }
    taken_ += packets.size();
    stats_.packets.store(taken_, std::memory_order_relaxed);
    if (live_ || taken_ - published_ >= worth_publishing) publish();
}

void Dispatcher::packet(const PacketView& view) noexcept {
    if (!timeline_.go_on(view.stamp)) {
        const auto step = timeline_.advance(view.stamp);
        if (step.ticks.count + step.slow_ticks.count != 0 || step.clock_step) advance(step);
    }
    const auto steer = steering_.steer(view);
    const std::size_t worker = worker_of_[steer.shard];
    // A giant is cut like by a snaplen; its length on the wire is kept.
    const std::size_t captured = std::min(view.bytes.size(), most_captured_);
    const auto size = static_cast<std::uint32_t>(rounded(sizeof(Record) + captured));
    std::uint8_t* const room = live_ ? workers_[worker]->ring.reserve(size) : room_in(worker, size);
    if (room == nullptr) {  // Never numbered: loss is outside the order of things.
        stats_.ring_drops.fetch_add(1, std::memory_order_relaxed);
        stats_.ring_drops_of[std::min<std::size_t>(view.input, stats_.ring_drops_of.size() - 1)].fetch_add(
            1, std::memory_order_relaxed);
        return;
    }
    ::new (room) Record{.size = size,
                        .kind = Record::Kind::packet,
                        .shard = steer.shard,
                        .direction = view.direction,
                        .checksum_not_ready = view.checksum_not_ready,
                        .time = timeline_.now(),
                        .stamp = view.stamp,
                        .order = ++order_,
                        .frame = view.frame,
                        .wire_bytes = view.wire_bytes,
                        .captured_bytes = static_cast<std::uint32_t>(captured),
                        .flow_hash = steer.flow_hash,
                        .input = view.input,
                        .link = view.link};
    if (captured > 0) std::memcpy(room + sizeof(Record), view.bytes.data(), captured);
    workers_[worker]->ring.commit(size);
    sent_[worker] = complete_ = order_;
}

std::uint8_t* Dispatcher::room_in(std::size_t worker, std::size_t size) noexcept {
    for (;;) {
        if (std::uint8_t* const room = workers_[worker]->ring.reserve(size)) return room;
        stats_.ring_waits.fetch_add(1, std::memory_order_relaxed);
        publish();
        nap();
    }
}

void Dispatcher::send(std::size_t worker, const Record& record) noexcept {
    ::new (room_in(worker, record.size)) Record{record};
    workers_[worker]->ring.commit(record.size);
    sent_[worker] = record.order;
}

void Dispatcher::advance(const Timeline::Step& step) noexcept {
    if (step.clock_step) {
        ++order_;
        for (std::size_t i = 0; i < workers_.size(); ++i) {
            Record record{.size = sizeof(Record), .kind = Record::Kind::clock_step, .time = step.time, .order = order_};
            send(i, record);
        }
        write_fact(Fact{
            .at = {.time = step.time, .stamp = timeline_.stamp_of(step.time), .order = order_, .shard = shard_count},
            .what = ClockStep{*step.clock_step}});
        complete_ = order_;
    }
    for (const auto& run : {step.ticks, step.slow_ticks}) {
        if (run.count != 0) send_ticks(run);
    }
    stats_.clamped_stamps.store(timeline_.clamped(), std::memory_order_relaxed);
    stats_.clock_steps.store(timeline_.stepped(), std::memory_order_relaxed);
    stats_.time_jumps.store(timeline_.jumped(), std::memory_order_relaxed);
    stats_.event_time.store(unix_nanoseconds(timeline_.now()), std::memory_order_relaxed);
}

void Dispatcher::send_ticks(const TickRun& run) noexcept {
    const std::uint64_t first_order = order_ + 1;
    order_ += run.count;
    for (std::size_t i = 0; i < workers_.size(); ++i) {
        send(i,
             Record{.size = sizeof(Record),
                    .kind = Record::Kind::ticks,
                    .time = run.first,
                    .stamp = timeline_.stamp_of(run.first),
                    .order = first_order,
                    .frame = run.count,
                    .wire_bytes = static_cast<std::uint32_t>(run.apart / std::chrono::milliseconds{1}),
                    .capture_end = capture_end_});
        sent_[i] = order_;
    }
    complete_ = order_;
    own_.sent.store(order_, std::memory_order_release);  // Until our own ticks are written, nothing later may leave.
    publish();
    for (std::uint64_t i = 0; i < run.count; ++i) {
        const EventTime time = run.first + static_cast<std::int64_t>(i) * run.apart;
        write_fact(Fact{
            .at = {.time = time, .stamp = timeline_.stamp_of(time), .order = first_order + i, .shard = shard_count},
            .what = Tick{}});
        own_.done.store(first_order + i, std::memory_order_release);
    }
    correlator_.ring();
}

void Dispatcher::write_fact(const Fact& fact) noexcept {
    while (!own_.facts.try_push(fact)) {
        publish();
        correlator_.ring();
        nap();
    }
}

void Dispatcher::tell(Fact::What what, std::uint16_t input) noexcept {
    ++order_;
    write_fact(Fact{.at = {.time = timeline_.now(),
                           .stamp = timeline_.stamp_of(timeline_.now()),
                           .order = order_,
                           .input = input,
                           .shard = shard_count},
                    .what = what});
    complete_ = order_;
    publish();
    correlator_.ring();
}

void Dispatcher::idle_until(EventTime time) noexcept {
    if (time <= timeline_.now() && timeline_.started()) return;
    const auto step = timeline_.idle_until(time);
    if (step.ticks.count + step.slow_ticks.count != 0) advance(step);
}

void Dispatcher::publish() noexcept {
    for (std::size_t i = 0; i < workers_.size(); ++i) {
        lanes_[i]->sent.store(sent_[i], std::memory_order_release);
        workers_[i]->ring.publish();
        workers_[i]->bell.ring();
    }
    dispatched_.store(complete_, std::memory_order_release);
    published_ = taken_;
}

void Dispatcher::finish() noexcept {
    if (!live_ && timeline_.started()) {
        capture_end_ = timeline_.now();
        tell(CaptureEnd{});
        advance(timeline_.idle_until(timeline_.now() + longest_timeout));
    }
    ++order_;
    for (std::size_t i = 0; i < workers_.size(); ++i) {
        send(i, Record{.size = sizeof(Record), .kind = Record::Kind::finish, .time = timeline_.now(), .order = order_});
    }
    complete_ = order_;
    publish();
}

}  // namespace wiresage
