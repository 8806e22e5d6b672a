// Finding, keeping and giving up flows.
#include "flow/flow_table.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>

namespace wiresage {

namespace {

std::int64_t second_of(EventTime at) noexcept { return unix_nanoseconds(at) / 1'000'000'000; }

/// At most half full.
std::uint32_t slots_for(std::uint32_t capacity) noexcept { return std::bit_ceil(std::max(capacity, 64U) * 2); }

}  // namespace

std::size_t FlowTable::arena_bytes(std::uint32_t capacity) noexcept {
    constexpr std::size_t pages_begun = 4 * 4096;
    return slots_for(capacity) * sizeof(Slot) +
           (std::size_t{capacity} + 1) * (sizeof(Flow) + sizeof(TcpFlow) + sizeof(std::uint8_t)) + pages_begun;
}

FlowTable::FlowTable(std::uint32_t capacity, PageArena* arena)
    : capacity_{std::max(capacity, 1U)},
      shift_{32U - static_cast<unsigned>(std::countr_zero(slots_for(capacity_)))},
      mask_{slots_for(capacity_) - 1},
      slots_{slots_for(capacity_), arena},
      flows_{std::size_t{capacity_} + 1, arena},
      tcp_{std::size_t{capacity_} + 1, arena},
      classes_{std::size_t{capacity_} + 1, arena},
      buckets_{bucket_count} {}

FlowIndex FlowTable::find(const FlowKey& key, std::uint32_t hash) const noexcept {
    std::uint32_t at = home(hash);
    for (std::uint32_t probe = 0; probe < most_probes; ++probe, at = (at + 1) & mask_) {
        const Slot& slot = slots_[at];
        if (slot.flow == no_flow) return no_flow;
        if (slot.hash == hash && flows_[slot.flow].key == key) return slot.flow;
    }
    return no_flow;
}

FlowIndex FlowTable::likely(std::uint32_t hash) const noexcept {
    std::uint32_t at = home(hash);
    for (std::uint32_t probe = 0; probe < 4; ++probe, at = (at + 1) & mask_) {
        if (slots_[at].hash == hash) return slots_[at].flow;
    }
    return no_flow;
}

void FlowTable::prefetch_flow(std::uint32_t hash) const noexcept {
    const FlowIndex at = likely(hash);
    if (at == no_flow) return;
    const auto* const lines = reinterpret_cast<const char*>(&flows_[at]);
    __builtin_prefetch(lines, 1);
    __builtin_prefetch(lines + cache_line_bytes, 1);
}

FlowIndex FlowTable::blocker(std::uint32_t hash) noexcept {
    if (size_ == capacity_) {
        const auto count = [this](FlowClass of) { return by_class_[static_cast<std::size_t>(of)]; };
        const auto half_open = count(FlowClass::half_open);
        const auto one_way = count(FlowClass::one_way);
        if (half_open + one_way > 0)
            return next_of_class(half_open >= one_way ? FlowClass::half_open : FlowClass::one_way);
        for (const auto wanted : {FlowClass::closed, FlowClass::answered, FlowClass::established}) {
            if (count(wanted) > 0) return next_of_class(wanted);
        }
    }
    std::uint32_t at = home(hash);
    FlowIndex cheapest = slots_[at].flow;
    for (std::uint32_t probe = 0; probe < most_probes; ++probe, at = (at + 1) & mask_) {
        if (slots_[at].flow == no_flow) return no_flow;
        if (classes_[slots_[at].flow] < classes_[cheapest]) cheapest = slots_[at].flow;
    }
    return cheapest;
}

FlowIndex FlowTable::next_of_class(FlowClass wanted) noexcept {
    auto& hand = hands_[static_cast<std::size_t>(wanted)];
    const auto find_from = [&](std::size_t from) -> FlowIndex {
        if (from > highest_) return no_flow;
        const auto* begin = classes_.data();
        const void* hit = std::memchr(begin + from, static_cast<int>(wanted), highest_ + 1 - from);
        return hit == nullptr ? no_flow : static_cast<FlowIndex>(static_cast<const std::uint8_t*>(hit) - begin);
    };
    FlowIndex at = find_from(std::size_t{hand} + 1);
    if (at == no_flow) at = find_from(1);
    hand = at;
    // In a flood the next one to go is its neighbour: it comes into the cache till then, and what it will touch.
    if (at + 2 <= capacity_) {
        __builtin_prefetch(&slots_[home(flows_[at + 1].hash)], 1);
        const auto* lines = reinterpret_cast<const char*>(&flows_[at + 2]);
        for (std::size_t line = 0; line < sizeof(Flow); line += cache_line_bytes) __builtin_prefetch(lines + line, 1);
        __builtin_prefetch(&tcp_[at + 2], 1);
    }
    assert(at != no_flow);  // The class is counted, so there is one.
    return at;
}

FlowIndex FlowTable::insert(const FlowKey& key, std::uint32_t hash) noexcept {
    assert(size_ < capacity_);
    FlowIndex at = free_;
    if (at != no_flow) {
        free_ = flows_[at].wheel_next;
    } else {
        at = ++highest_;
    }
    std::uint32_t place = home(hash);
    while (slots_[place].flow != no_flow) place = (place + 1) & mask_;
    slots_[place] = {hash, at};
    flows_[at] = Flow{};
    flows_[at].key = key;
    flows_[at].hash = hash;
    flows_[at].generation = ++generations_;
    flows_[at].wheel_before = no_flow;
    if (key.protocol == ip_protocol::tcp) tcp_[at] = TcpFlow{};
    classes_[at] = static_cast<std::uint8_t>(FlowClass::half_open);
    ++by_class_[static_cast<std::size_t>(FlowClass::half_open)];
    ++size_;
    return at;
}

std::uint32_t FlowTable::slot_of(FlowIndex at) const noexcept {
    std::uint32_t place = home(flows_[at].hash);
    while (slots_[place].flow != at) place = (place + 1) & mask_;
    return place;
}

void FlowTable::erase(FlowIndex at) noexcept {
    unschedule(at);
    std::uint32_t hole = slot_of(at);
    // Entries behind that may stand in the hole move forward, so that no search stops too early.
    for (std::uint32_t next = (hole + 1) & mask_; slots_[next].flow != no_flow; next = (next + 1) & mask_) {
        const std::uint32_t distance_of_next = (next - home(slots_[next].hash)) & mask_;
        if (distance_of_next < ((next - hole) & mask_)) continue;
        slots_[hole] = slots_[next];
        hole = next;
    }
    slots_[hole] = Slot{};
    --by_class_[classes_[at]];
    classes_[at] = static_cast<std::uint8_t>(FlowClass::unused);
    flows_[at].generation = 0;
    flows_[at].wheel_next = free_;
    free_ = at;
    --size_;
}

void FlowTable::renew(FlowIndex at) noexcept {
    unschedule(at);
    const FlowKey key = flows_[at].key;
    const std::uint32_t hash = flows_[at].hash;
    flows_[at] = Flow{};
    flows_[at].key = key;
    flows_[at].hash = hash;
    flows_[at].generation = ++generations_;
    if (key.protocol == ip_protocol::tcp) tcp_[at] = TcpFlow{};
}

Duration FlowTable::timeout(FlowIndex at) const noexcept {
    const Flow& flow = flows_[at];
    const bool tcp = flow.transport == Transport::tcp;
    const bool icmp = flow.transport == Transport::icmp;
    switch (class_of(at)) {
        case FlowClass::half_open:
            return idle_timeout::half_open;
        case FlowClass::one_way:
            return tcp ? idle_timeout::tcp_one_way : icmp ? idle_timeout::icmp : idle_timeout::udp_one_way;
        case FlowClass::closed:
            return flow.tcp_state == TcpState::closing ? idle_timeout::tcp_closing : idle_timeout::tcp_closed;
        case FlowClass::answered:
            return icmp ? idle_timeout::icmp : idle_timeout::udp_answered;
        case FlowClass::established:
            return idle_timeout::tcp_established;
        case FlowClass::unused:
        case FlowClass::count_:
            break;
    }
    return idle_timeout::tcp_closed;
}

void FlowTable::set_class(FlowIndex at, FlowClass to, EventTime now) noexcept {
    --by_class_[classes_[at]];
    classes_[at] = static_cast<std::uint8_t>(to);
    ++by_class_[classes_[at]];
    unschedule(at);
    schedule(at, now);
}

void FlowTable::schedule(FlowIndex at, EventTime now) noexcept {
    // The first whole second at which the flow is surely over; `now` is the time of its last packet, or later.
    const EventTime deadline = std::max(flows_[at].last_seen + timeout(at), now);
    const auto bucket = static_cast<std::uint32_t>((second_of(deadline) + 1) % bucket_count);
    const FlowIndex next = buckets_[bucket];
    flows_[at].wheel_next = next;
    flows_[at].wheel_before = first_in_bucket | bucket;
    if (next != no_flow) flows_[next].wheel_before = at;
    buckets_[bucket] = at;
}

void FlowTable::unschedule(FlowIndex at) noexcept {
    Flow& flow = flows_[at];
    if (flow.wheel_before == no_flow) return;
    if (wheel_at_ == at) wheel_at_ = flow.wheel_next;
    if ((flow.wheel_before & first_in_bucket) != 0) {
        buckets_[flow.wheel_before & ~first_in_bucket] = flow.wheel_next;
    } else {
        flows_[flow.wheel_before].wheel_next = flow.wheel_next;
    }
    if (flow.wheel_next != no_flow) flows_[flow.wheel_next].wheel_before = flow.wheel_before;
    flow.wheel_before = no_flow;
    flow.wheel_next = no_flow;
}

FlowIndex FlowTable::next_expired(EventTime now) noexcept {
    const std::int64_t second = second_of(now);
    if (size_ == 0) {
        wheel_second_ = second;
        in_bucket_ = false;
        return no_flow;
    }
    // After a jump, and at the first tick, once round the wheel sees all.
    if (second - wheel_second_ > bucket_count) wheel_second_ = second - bucket_count;
    for (;;) {
        if (!in_bucket_) {
            if (wheel_second_ >= second) return no_flow;
            ++wheel_second_;
            wheel_at_ = buckets_[static_cast<std::size_t>(wheel_second_ % bucket_count)];
            in_bucket_ = true;
        }
        while (wheel_at_ != no_flow) {
            const FlowIndex at = wheel_at_;
            wheel_at_ = flows_[at].wheel_next;
            if (flows_[at].last_seen + timeout(at) <= now) return at;
            unschedule(at);
            schedule(at, now);
        }
        in_bucket_ = false;
    }
}

void FlowTable::wait(WaitList& list, FlowIndex at, bool at_front) noexcept {
    Flow& flow = flows_[at];
    flow.wait_next = at_front ? list.first : no_flow;
    flow.wait_before = at_front ? no_flow : list.last;
    (flow.wait_before == no_flow ? list.first : flows_[flow.wait_before].wait_next) = at;
    (flow.wait_next == no_flow ? list.last : flows_[flow.wait_next].wait_before) = at;
}

void FlowTable::stop_waiting(WaitList& list, FlowIndex at) noexcept {
    Flow& flow = flows_[at];
    (flow.wait_before == no_flow ? list.first : flows_[flow.wait_before].wait_next) = flow.wait_next;
    (flow.wait_next == no_flow ? list.last : flows_[flow.wait_next].wait_before) = flow.wait_before;
    flow.wait_next = flow.wait_before = no_flow;
}

}  // namespace wiresage
