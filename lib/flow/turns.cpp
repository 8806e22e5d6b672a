// TCP by turns: who waits for whom in a conversation of any protocol, and what responses pause at.
#include "flow/turns.hpp"

#include <algorithm>

#include "flow/tcp_analysis.hpp"

namespace wiresage {

namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;

/// A connection is watched from this round trip on: the least that network_rtt_dominates can be set to ...
constexpr Microseconds long_round_trip = 20'000;
/// ... or from this wait on, of whomever.
constexpr Microseconds long_wait = 100'000;

/// SlowAnswer facts of a tick.
constexpr std::uint32_t most_slow = 128;

// Ticks between two tellings of services; in long silences there are only those of whole seconds.
constexpr std::int64_t ticks_of_services = 50;
constexpr std::int64_t ticks_of_second = 10;

Microseconds to_us(Duration span) noexcept {
    const auto count = duration_cast<microseconds>(span).count();
    return static_cast<Microseconds>(std::clamp<std::int64_t>(count, 0, UINT32_MAX));
}

Microseconds less(Microseconds wait, Microseconds part) noexcept { return wait > part ? wait - part : 0; }

/// The handshake's round trip and the server's part of it, as seen here.
struct RoundTrip {
    Microseconds all = 0;
    Microseconds server = 0;
};

RoundTrip round_trip_of(const TcpFlow& tcp) noexcept {
    const auto all = to_us(tcp.handshake_rtt);
    return {all, std::min(to_us(tcp.handshake_server), all)};
}

}  // namespace

/// A segment in hand.
struct Turns::Seen {
    FlowIndex at;
    Flow& flow;
    TcpFlow& tcp;
    Side from;
    const Packet& packet;
    const Moment& moment;
    bool spoilt = false;  ///< Something was resent or missed before it.

    TcpSide& sender() const noexcept { return tcp.sides[from]; }
    TcpSide& receiver() const noexcept { return tcp.sides[1 - from]; }
    ResponsePart part(Microseconds pause) const noexcept {
        ResponsePart made;
        made.now = moment.time;
        made.frame = static_cast<std::uint32_t>(moment.frame);
        made.payload_bytes = packet.tcp->payload_bytes;
        made.pause = pause;
        const Duration since_ack = moment.stamp - receiver().last_ack_stamp;
        // A sender that waited for the acknowledgment sends half a round trip after it was seen here, or sooner.
        made.acknowledged_long_before = receiver().last_ack == sender().next_sequence &&
                                        since_ack >= microseconds{pause} * 2 / 5 &&
                                        since_ack >= tcp.handshake_rtt * 3 / 2;
        made.mss = receiver().mss;
        made.has_stamp = packet.tcp->has_timestamps;
        made.stamp = packet.tcp->timestamp_value;
        return made;
    }
};

Turns::Turns(std::uint32_t flows, FlowTable& table, Teller& teller)
    : table_{table},
      teller_{teller},
      most_watched_{std::max(flows / 16, 16U)},
      watches_{most_watched_},
      watch_of_flow_{std::size_t{flows} + 1} {}

Turns::Watch* Turns::watch_of(FlowIndex at) noexcept {
    return table_[at].watched ? &watches_[watch_of_flow_[at] - 1] : nullptr;
}

Turns::Watch& Turns::watch(FlowIndex at) noexcept {
    std::uint32_t place = free_;
    if (place != 0) {
        free_ = watches_[place - 1].next_free;
    } else if (watched_ < most_watched_) {
        place = ++watched_;
    } else {
        place = hand_ + 1;
        hand_ = place % most_watched_;
        forget(watches_[place - 1].flow);
        free_ = watches_[place - 1].next_free;
    }
    Watch& made = watches_[place - 1];
    made = Watch{};
    made.flow = at;
    watch_of_flow_[at] = place;
    table_[at].watched = true;
    return made;
}

void Turns::forget(FlowIndex at) noexcept {
    Watch& over = watches_[watch_of_flow_[at] - 1];
    for (TailWatch& tail : over.tails) tail.end();
    tell(over);
    over.flow = no_flow;
    over.next_free = free_;
    free_ = watch_of_flow_[at];
    table_[at].watched = false;
}

void Turns::look(FlowIndex at, Side from, const Packet& packet) noexcept {
    Seen seen{at, table_[at], table_.tcp(at), from, packet, teller_.moment()};
    TcpSide& sender = seen.sender();
    const std::uint32_t sequence = packet.tcp->sequence;
    const std::uint32_t end = sequence + packet.tcp->payload_bytes;
    if (sender.next_sequence != 0 && sequence != sender.next_sequence) {
        // A keep-alive's byte says nothing (RFC 9293, 3.8.4).
        if (packet.tcp->payload_bytes == 1 && end == sender.next_sequence) return;
        seen.spoilt = true;
        seen.flow.turn_spoilt = true;
        if (Watch* const watched = watch_of(at)) watched->tails[from].spoil();
        if (!sequence_before(sender.next_sequence, end)) return;
    }
    sender.has(side_flag::has_turn) ? within(seen) : turn(seen);
}

void Turns::turn(const Seen& seen) noexcept {
    TcpSide& sender = seen.sender();
    TcpSide& receiver = seen.receiver();
    const bool answers = receiver.has(side_flag::has_turn);
    const bool spoilt = seen.flow.turn_spoilt;
    sender.set(side_flag::has_turn);
    receiver.clear(side_flag::has_turn);
    seen.flow.turn_spoilt = false;
    const Duration waited = seen.moment.stamp - receiver.next_stamp;
    // Not across a step of the clock (guard G7).
    if (answers && !spoilt && waited >= Duration{} && waited <= microseconds{longest_wait}) {
        const bool by_server = seen.from == seen.flow.server_side();
        by_server ? answer(seen, to_us(waited)) : think(seen, to_us(waited));
    }
    Watch* const watched = watch_of(seen.at);
    if (watched == nullptr) return;
    watched->tails[1 - seen.from].end();
    TailWatch& tail = watched->tails[seen.from];
    tail.begin(true);
    tail.part(seen.part(0));
    if (seen.spoilt) tail.spoil();
}

void Turns::within(const Seen& seen) noexcept {
    const Microseconds pause = to_us(seen.moment.stamp - seen.sender().next_stamp);
    Watch* watched = watch_of(seen.at);
    if (watched == nullptr) {
        if (pause < TailWatch::least_pause) return;
        watched = &watch(seen.at);
        watched->tails[seen.from].begin(false);
    }
    watched->tails[seen.from].part(seen.part(pause));
    if (seen.spoilt) watched->tails[seen.from].spoil();
}

void Turns::answer(const Seen& seen, Microseconds waited) noexcept {
    const RoundTrip trip = round_trip_of(seen.tcp);
    const ExchangeParts parts{waited, less(waited, trip.server), trip.all};
    services_.answer(seen.flow, parts, teller_);
    if (waited >= slow_wait && slow_told_ < most_slow) {
        ++slow_told_;
        SlowAnswer told;
        told.client = seen.flow.client();
        told.server = seen.flow.server();
        told.asked_stamp = seen.receiver().next_stamp;
        told.asked = seen.moment.time - (seen.moment.stamp - told.asked_stamp);
        told.waited = waited;
        told.handshake_rtt = trip.all;
        told.server_rtt = trip.server;
        told.interface_index = seen.packet.interface_index;
        told.initiator_known = seen.flow.has(flow_flag::initiator_known);
        teller_.tell(told, seen.flow.vlan, seen.flow.tunnel != Tunnel::none);
    }
    Watch* watched = watch_of(seen.at);
    if (watched == nullptr) {
        if (trip.all < long_round_trip && waited < long_wait) return;
        watched = &watch(seen.at);
    }
    if (watched->exchanges++ == 0 && watched->client_waits == 0) {
        watched->began = seen.moment.time;
        watched->began_frame = static_cast<std::uint32_t>(seen.moment.frame);
    }
    watched->server_us += parts.server;
    watched->last_server_waits[watched->server_waits++ % Exchanges::most] = to_short(waited);
}

void Turns::think(const Seen& seen, Microseconds waited) noexcept {
    const RoundTrip trip = round_trip_of(seen.tcp);
    const Microseconds client = less(waited, trip.all - trip.server);
    services_.think(seen.flow, client, teller_);
    Watch* watched = watch_of(seen.at);
    if (watched == nullptr) {
        if (trip.all < long_round_trip && waited < long_wait) return;
        watched = &watch(seen.at);
    }
    if (watched->client_waits == 0 && watched->exchanges == 0) {
        watched->began = seen.moment.time;
        watched->began_frame = static_cast<std::uint32_t>(seen.moment.frame);
    }
    watched->client_us += client;
    watched->last_client_waits[watched->client_waits++ % Exchanges::most] = to_short(waited);
}

void Turns::tell_tail(const Flow& flow, Side sender, TailWatch& tail) noexcept {
    if (!tail.has_news()) return;
    TailDelays told = tail.sum();
    told.sender = flow.end(sender);
    told.receiver = flow.end(static_cast<Side>(1 - sender));
    told.sender_serves = sender == flow.server_side();
    teller_.tell_of(told, flow.input, flow.vlan, flow.tunnel != Tunnel::none);
    tail.told();
}

void Turns::tell(Watch& watch) noexcept {
    const Flow& flow = table_[watch.flow];
    for (const Side side : {Side{0}, Side{1}}) tell_tail(flow, side, watch.tails[side]);
    if (watch.exchanges == 0 && watch.client_waits == 0) return;
    const RoundTrip trip = round_trip_of(table_.tcp(watch.flow));
    Exchanges told;
    told.client = flow.client();
    told.server = flow.server();
    told.began = watch.began;
    told.began_frame = watch.began_frame;
    told.exchanges = watch.exchanges;
    told.server_us = watch.server_us;
    told.client_us = watch.client_us;
    told.handshake_rtt = trip.all;
    told.server_rtt = trip.server;
    told.server_waits = watch.last_server_waits;
    told.client_waits = watch.last_client_waits;
    told.server_count = static_cast<std::uint8_t>(std::min<std::uint32_t>(watch.server_waits, Exchanges::most));
    told.client_count = static_cast<std::uint8_t>(std::min<std::uint32_t>(watch.client_waits, Exchanges::most));
    teller_.tell_of(told, flow.input, flow.vlan, flow.tunnel != Tunnel::none);
    watch.exchanges = 0;
    watch.server_us = watch.client_us = 0;
    watch.server_waits = watch.client_waits = 0;
}

void Turns::tick() noexcept {
    slow_told_ = 0;
    const std::int64_t number = unix_nanoseconds(teller_.moment().time) / tick_length.count();
    if (number % ticks_of_services == 0) services_.flush(teller_);
    if (number % ticks_of_second != 0) return;
    // A tenth of them each second, so that not all are told at once.
    for (auto i = static_cast<std::uint32_t>(number / ticks_of_second % 10); i < watched_; i += 10) {
        if (watches_[i].flow != no_flow) tell(watches_[i]);
    }
}

}  // namespace wiresage
