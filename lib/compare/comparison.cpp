// Two captures of the same traffic, read side by side.

#include "compare/comparison.hpp"

#include <algorithm>
#include <utility>

#include "compare/feature.hpp"

namespace wiresage {

namespace {

constexpr Duration sweep_period = std::chrono::seconds{5};
constexpr std::uint32_t no_slot = 0xffffffff;
/// A session whose first packets have no counterpart is at one point only.
constexpr std::uint8_t most_features = 32;

bool is_session_packet(const Packet& packet) noexcept {
    return packet.has_ip && (packet.tcp || packet.udp) && !packet.ip.is_later_fragment();
}

/// The side that sent this packet is the client: by its SYN, else the server has the lower port.
bool begins_at_client(const Packet& packet) noexcept {
    if (packet.tcp && packet.tcp->has(tcp_flag::syn)) return !packet.tcp->has(tcp_flag::ack);
    const auto source = packet.tcp ? packet.tcp->source_port : packet.udp->source_port;
    const auto destination = packet.tcp ? packet.tcp->destination_port : packet.udp->destination_port;
    return source >= destination;
}

bool opens(const Packet& packet) noexcept {
    return packet.tcp && packet.tcp->has(tcp_flag::syn) && !packet.tcp->has(tcp_flag::ack);
}

}  // namespace

/// One capture, a packet at a time.
struct Comparison::Reader {
    explicit Reader(const std::string& path) : source{{path}, {}} { advance(); }

    bool ended() const noexcept { return at == batch.packets.size(); }
    const PacketView& view() const noexcept { return batch.packets[at]; }
    void advance() {
        if (at + 1 < batch.packets.size()) {
            ++at;
            return;
        }
        at = 0;
        batch = source.next_batch();
        if (batch.state == Batch::State::end) batch.packets = {};
    }

    FileSource source;
    Batch batch;
    std::size_t at = 0;
};

Comparison::Comparison(CompareOptions options, SessionSink& sink)
    : options_{std::move(options)},
      sink_{sink},
      tables_{Table{options_.most_sessions + 1}, Table{options_.most_sessions + 1}},
      features_{Features{2 * options_.most_sessions}, Features{2 * options_.most_sessions}},
      copies_{CopyFilter{options_.secret}, CopyFilter{options_.secret}} {
    budget_.most = options_.most_pieces;
}

Comparison::~Comparison() = default;

ClockSketch Comparison::sketch(Point point, const std::atomic<bool>& stop) {
    ClockSketch made;
    CopyFilter copies{options_.secret};
    FileSource source{{options_.files[index_of(point)]}, {}};
    while (!stop) {
        const auto batch = source.next_batch();
        if (batch.state == Batch::State::end) break;
        for (const auto& view : batch.packets) {
            decode(view, packet_);
            FlowKey key;
            const bool is_copy = is_session_packet(packet_) && flow_key_of(packet_, key) &&
                                 copies.is_copy(packet_, key, view.stamp);
            is_copy ? made.count(view.stamp) : made.see(packet_, view.stamp);
        }
    }
    for (std::size_t i = 0; i < source.inputs().size(); ++i) inputs_.add(source.inputs()[i]);
    if (point == Point::near) near_inputs_ = inputs_.size();
    errors_.insert(errors_.end(), source.errors().begin(), source.errors().end());
    stats_.points[index_of(point)].packets = made.packets();
    return made;
}

bool Comparison::is_refused() const noexcept {
    return std::any_of(errors_.begin(), errors_.end(), [](const FileError& error) { return error.is_refusal(); });
}

void Comparison::run(const std::atomic<bool>& stop) {
    auto near_sketch = sketch(Point::near, stop);
    auto far_sketch = sketch(Point::far, stop);
    if (is_refused()) return;
    clock_ = match_clocks(near_sketch, far_sketch);
    if (near_sketch.packets() > 0) coverage_[0] = {near_sketch.first(), near_sketch.last()};
    if (far_sketch.packets() > 0) {
        coverage_[1] = {clock_.near_time(far_sketch.first()), clock_.near_time(far_sketch.last())};
    }
    for (const auto point : both_points) stats_.points[index_of(point)].coverage = coverage_[index_of(point)];

    Reader near{options_.files[0]};
    Reader far{options_.files[1]};
    EventTime now = EventTime::min();
    while (!stop && (!near.ended() || !far.ended())) {
        const auto near_at = near.ended() ? latest_event_time : near.view().stamp;
        const auto far_at = far.ended() ? latest_event_time : clock_.near_time(far.view().stamp);
        const bool near_is_next = !near.ended() && (far.ended() || near_at <= far_at);
        auto& next = near_is_next ? near : far;
        now = std::max(now, near_is_next ? near_at : far_at);
        if (now >= next_sweep_) {
            sweep(now);
            next_sweep_ = now + sweep_period;
        }
        take(near_is_next ? Point::near : Point::far, next.view(), near_is_next ? near_at : far_at);
        next.advance();
    }
    for (std::uint32_t slot = 0; slot < slots_.size(); ++slot) {
        if (slots_[slot]) end(slot);
    }
    stats_.pieces_refused = budget_.refused;
}

void Comparison::take(Point point, const PacketView& view, EventTime at) {
    decode(view, packet_);
    FlowKey key;
    if (!is_session_packet(packet_) || !flow_key_of(packet_, key)) return;
    if (copies_[index_of(point)].is_copy(packet_, key, view.stamp)) {
        ++stats_.points[index_of(point)].copies_dropped;
        return;
    }
    const auto input = static_cast<std::uint16_t>(view.input + (point == Point::far ? near_inputs_ : 0));
    const Sighting seen{at, view.frame, input};
    const auto slot = session_of(point, key, packet_, seen);
    if (slot != no_slot) slots_[slot]->see(point, packet_, seen, budget_);
}

std::uint32_t Comparison::new_slot(Transport transport) {
    std::uint32_t slot;
    if (free_.empty()) {
        slot = static_cast<std::uint32_t>(slots_.size());
        slots_.emplace_back();
    } else {
        slot = free_.back();
        free_.pop_back();
    }
    slots_[slot] = std::make_unique<Session>(transport, ++serial_);
    ++stats_.sessions;
    return slot;
}

std::uint32_t Comparison::session_of(Point point, const FlowKey& key, const Packet& packet, const Sighting& seen) {
    auto& table = tables_[index_of(point)];
    if (const auto* const known = table.use(key)) {
        const auto slot = *known;
        auto& half = slots_[slot]->half(point);
        const bool again =
            opens(packet) && (half.knows_isn[0] ? half.base[0] != packet.tcp->sequence : half.is_closed());
        if (!again) {
            look_for_partner(point, slot, packet, seen);
            return *table.find(key);  // The partner's slot, where it was found.
        }
        half.replaced = true;
        table.erase(key);
    }
    if (table.size() >= options_.most_sessions) {
        std::uint32_t oldest = no_slot;
        table.erase_oldest_while([&](const FlowKey&, std::uint32_t unused) {
            oldest = unused;
            return false;  // It goes with its session, from both tables.
        });
        ++stats_.sessions_evicted;
        end(oldest);
    }
    bool from_client = begins_at_client(packet);
    auto slot = partner_of(point, key, packet, seen, from_client);
    if (slot == no_slot) slot = new_slot(packet.tcp ? Transport::tcp : Transport::udp);
    slots_[slot]->open(point, key, packet, from_client, seen);
    table.at(key) = slot;
    if (!slots_[slot]->is_paired()) leave_signs(point, slot, packet, from_client);
    return slot;
}

std::array<Comparison::Sign, 2> Comparison::signs_of(const Packet& packet) noexcept {
    return {Sign{feature_of(packet), false}, Sign{weak_feature_of(packet), true}};
}

void Comparison::leave_signs(Point point, std::uint32_t slot, const Packet& packet, bool from_client) {
    auto& session = *slots_[slot];
    for (const auto& sign : signs_of(packet)) {
        if (sign.feature == 0) continue;
        auto& left = features_[index_of(point)].at(sign.feature);
        const auto& owner = slots_[left.slot < slots_.size() ? left.slot : slot];
        const bool others = left.serial != 0 && left.serial != session.serial() && owner &&
                            owner->serial() == left.serial && session.last() - owner->last() <= longest_travel;
        left = {slot, session.serial(), from_client, others};
    }
    ++session.features_told;
}

const Comparison::Seen* Comparison::find_sign(Point point, const Sign& sign, EventTime now) {
    if (sign.feature == 0) return nullptr;
    const auto* const seen = features_[index_of(point)].find(sign.feature);
    if (seen == nullptr || (sign.weak && seen->shared)) return nullptr;
    const auto& session = slots_[seen->slot];
    const bool fits = session && session->serial() == seen->serial && !session->is_paired() &&
                      session->half(point).present && now - session->last() <= longest_travel;
    // Without the initial numbers nobody knows by how much sequence numbers are shifted.
    return fits && (!sign.weak || session->half(point).knows_isn[0]) ? seen : nullptr;
}

std::uint32_t Comparison::partner_of(Point point, const FlowKey& key, const Packet& packet, const Sighting& seen,
                                     bool& from_client) {
    const auto there = opposite(point);
    if (const auto* const slot = tables_[index_of(there)].find(key)) {
        const auto& session = *slots_[*slot];
        const auto& half = session.half(there);
        const bool client = session.is_from_client(there, packet);
        const bool stale = half.is_closed() && seen.at - half.last > longest_travel;
        if (!session.is_paired() && !stale && session.fits(packet, client)) {
            from_client = client;
            return *slot;
        }
    }
    for (const auto& sign : signs_of(packet)) {
        if (sign.weak && !opens(packet)) continue;
        if (const auto* const found = find_sign(there, sign, seen.at)) {
            from_client = found->from_client;
            return found->slot;
        }
    }
    return no_slot;
}

void Comparison::look_for_partner(Point point, std::uint32_t slot, const Packet& packet, const Sighting& seen) {
    auto& session = *slots_[slot];
    if (session.is_paired() || session.features_told >= most_features) return;
    const bool from_client = session.is_from_client(point, packet);
    for (const auto& sign : signs_of(packet)) {
        if (sign.weak && !session.half(point).knows_isn[0]) continue;
        const auto* const found = find_sign(opposite(point), sign, seen.at);
        if (found == nullptr || found->from_client != from_client) continue;
        const auto partner = found->slot;
        const auto key = session.half(point).key;
        slots_[partner]->absorb(point, session, budget_);
        tables_[index_of(point)].at(key) = partner;
        slots_[slot].reset();
        free_.push_back(slot);
        --stats_.sessions;
        return;
    }
    leave_signs(point, slot, packet, from_client);
}

void Comparison::sweep(EventTime now) {
    for (std::uint32_t slot = 0; slot < slots_.size(); ++slot) {
        auto& session = slots_[slot];
        if (!session) continue;
        if (session->has_pending()) session->expire(now - longest_travel, coverage_, budget_);
        if (session->is_over(now)) end(slot);
    }
}

void Comparison::end(std::uint32_t slot) {
    auto session = std::move(slots_[slot]);
    session->expire(latest_event_time, coverage_, budget_);
    session->finish();
    for (const auto point : both_points) {
        const auto& half = session->half(point);
        if (!half.present || half.replaced) continue;
        auto& table = tables_[index_of(point)];
        const auto* const known = table.find(half.key);
        if (known != nullptr && *known == slot) table.erase(half.key);
    }
    free_.push_back(slot);
    sink_.write(summary_of(*session, coverage_));
}

}  // namespace wiresage
