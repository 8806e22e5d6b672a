// Runs of many packets, out of the sums of ticks.

#include "detect/flood.hpp"

#include <algorithm>

namespace wiresage {

namespace {

/// Below a twentieth of the rates that make a flood nothing has begun yet.
constexpr std::uint64_t lively_part = 20;
constexpr Duration longest_try = std::chrono::seconds{10};
constexpr Duration past_span = std::chrono::minutes{10};
constexpr Duration least_past = std::chrono::minutes{1};

std::uint64_t less(std::uint64_t whole, std::uint64_t part) noexcept { return whole > part ? whole - part : 0; }

std::uint64_t whole_seconds(Duration span) noexcept {
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(span).count());
}

}  // namespace

void CommonValue::add(std::uint16_t value, std::uint64_t weight) {
    if (weight == 0) return;
    if (value == value_) {
        votes_ += weight;
        weight_ += weight;
        return;
    }
    if (votes_ >= weight) {
        votes_ -= weight;
        return;
    }
    value_ = value;
    votes_ = weight - votes_;
    weight_ = weight;
}

std::uint64_t FloodRun::recent_unanswered(EventTime now) {
    return less(unanswered_.total(now), answered_later_.total(now));
}

FloodWatch::FloodWatch(VolumeKind kind, Limits limits, std::size_t most_addresses, std::uint64_t secret)
    : kind_{kind}, limits_{std::move(limits)}, hash_{secret}, runs_{std::max<std::size_t>(most_addresses, 16)} {
    for (const auto port : limits_.ports) port_hashes_.push_back(port_hash(port));
    std::sort(port_hashes_.begin(), port_hashes_.end());
}

void FloodWatch::see(const Fact& fact, const Volume& volume) {
    // What has no key of its own is the sum of many small ones.
    if (volume.kind != kind_ || volume.key.ip == Address{} || volume.packets == 0) return;
    const auto now = fact.at.time;
    auto& run = runs_.at(volume.key.ip);
    if (run.first_seen_ == EventTime{}) run.first_seen_ = now;
    if (run.tick_ != fact.at.order) {
        run.tick_ = fact.at.order;
        const bool told = run.told_ && now - run.last_told_ <= limits_.resolve_after;
        if (!told && (run.stale_ || run.totals_ == nullptr || !is_lively(run, now))) begin(run, fact, volume);
    }
    run.last_seen_ = now;
    run.packets_.add(now, volume.packets);
    run.unanswered_.add(now, volume.unanswered);
    run.answered_later_.add(now, volume.completed);
    if (!run.told_) {
        const auto silent = less(volume.unanswered, volume.completed);
        run.past_.add(now, silent);
        run.past_bits_.add(now, volume.bytes * 8 * std::min<std::uint64_t>(silent, volume.packets) / volume.packets);
    }
    count(*run.totals_, fact, volume);
    if (!run.dirty_) {
        run.dirty_ = true;
        dirty_.push_back(volume.key.ip);
    }
}

void FloodWatch::begin(FloodRun& run, const Fact& fact, const Volume& volume) const {
    const auto now = fact.at.time;
    run.totals_ = std::make_unique<FloodTotals>();
    run.told_ = run.stale_ = false;
    auto& totals = *run.totals_;
    // Sums without a first packet's time begin with their tick.
    const bool has_first = volume.first != EventTime{};
    totals.start = has_first ? volume.first : now;
    totals.start_stamp = has_first ? volume.first_stamp : fact.at.stamp;
    totals.input = has_first ? volume.first_input : fact.at.input;
    const Duration watched = std::min<Duration>(now - run.first_seen_, past_span);
    totals.has_past = watched >= least_past;
    if (totals.has_past) {
        totals.past_per_s = run.past_.total(now) / whole_seconds(watched);
        totals.past_bits_per_s = run.past_bits_.total(now) / whole_seconds(watched);
    }
}

void FloodWatch::count(FloodTotals& totals, const Fact& fact, const Volume& volume) const {
    totals.packets += volume.packets;
    totals.bytes += volume.bytes;
    totals.fragments += volume.fragments;
    totals.replies += volume.replies;
    totals.flows += volume.attempts;
    totals.packets_peak.add(fact.at.time, volume.packets);
    totals.bits_peak.add(fact.at.time, volume.bytes * 8);
    totals.length.add(volume.common_length, volume.packets);
    if (volume.one_peer_port) totals.peer_port.add(volume.peer.port, volume.packets);
    volume.one_peer_ip ? totals.peer_ip.see(volume.peer.ip) : totals.peer_ip.differ();
    volume.one_peer_port ? totals.one_peer_port.see(volume.peer.port) : totals.one_peer_port.differ();
    volume.one_key_port ? totals.key_port.see(volume.key_port) : totals.key_port.differ();
    if (volume.one_peer_ip) totals.peers.add(static_cast<std::uint32_t>(hash_(volume.peer.ip)));
    const bool has_ports = kind_ == VolumeKind::udp_to || kind_ == VolumeKind::udp_from;
    if (has_ports && volume.one_key_port) add_port(totals, port_hash(volume.key_port));
    volume.one_mac && !volume.mac.is_zero() ? totals.mac.see(volume.mac) : totals.mac.differ();
    for (std::size_t i = 0; i < volume.icmp_type_count; ++i) totals.icmp_types.add(volume.icmp_types[i]);
    if (volume.first < totals.start && volume.first != EventTime{}) {
        totals.start = volume.first;
        totals.start_stamp = volume.first_stamp;
    }
    if (volume.first_frame != 0 && totals.first_packets.size() < 8)
        totals.first_packets.push_back(PacketRef{volume.first_input, volume.first_frame});
}

void FloodWatch::see(const Fact&, const Distinct& distinct) {
    if (distinct.kind != kind_ || distinct.key.ip == Address{}) return;
    FloodRun* const run = runs_.find(distinct.key.ip);
    if (run == nullptr || run->totals_ == nullptr) return;
    auto& totals = *run->totals_;
    for (std::size_t i = 0; i < distinct.count; ++i) {
        if (distinct.ports) {
            add_port(totals, distinct.hashes[i]);
        } else {
            totals.peers.add(distinct.hashes[i]);
        }
    }
}

void FloodWatch::add_port(FloodTotals& totals, std::uint32_t hash) const {
    totals.ports.add(hash);
    totals.other_ports = totals.other_ports || !std::binary_search(port_hashes_.begin(), port_hashes_.end(), hash);
}

bool FloodWatch::is_lively(FloodRun& run, EventTime now) const {
    if (run.totals_ == nullptr) return false;
    auto& totals = *run.totals_;
    return totals.packets_peak.now(now) * lively_part >= limits_.packets_per_s ||
           (limits_.bits_per_s > 0 && totals.bits_peak.now(now) * lively_part >= limits_.bits_per_s);
}

void FloodWatch::after_verdict(FloodRun& run, EventTime now, bool is_flood) const {
    if (is_flood) {
        run.told_ = true;
        run.last_told_ = now;
    } else if (!run.told_ && now - run.totals_->start > longest_try) {
        run.stale_ = true;
    }
}

void FloodWatch::tidy(EventTime now) {
    if (now - tidied_ < longest_try) return;
    tidied_ = now;
    runs_.erase_oldest_while([&](const Address&, FloodRun& run) { return now - run.last_seen_ > past_span; });
    // What is over gives its lists back; the past stays.
    runs_.for_each([&](const Address&, FloodRun& run) {
        if (run.totals_ == nullptr || run.dirty_ || now - run.last_seen_ <= limits_.resolve_after) return;
        run.totals_.reset();
        run.told_ = false;
    });
}

void FloodWatch::clear() {
    runs_.clear();
    dirty_.clear();
}

}  // namespace wiresage
