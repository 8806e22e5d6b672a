// A shard: every packet finds its flow, and the trackers say what it means.
#include "flow/shard.hpp"

#include "flow/attempts.hpp"
#include "flow/capture_watch.hpp"
#include "flow/datagram_tracker.hpp"
#include "flow/duplicate_filter.hpp"
#include "flow/flow_reader.hpp"
#include "flow/flow_table.hpp"
#include "flow/fragment_table.hpp"
#include "flow/tcp_tracker.hpp"
#include "flow/teller.hpp"
#include "flow/turns.hpp"
#include "flow/volumes.hpp"
#include "packet/flow_key.hpp"

namespace wiresage {

namespace {

/// TwoWay is told again when a flow still speaks after this long; guard G2 wants a proof that is at most 10 min old.
constexpr std::uint32_t two_way_again_seconds = 300;

Transport transport_of(const Packet& packet) noexcept {
    if (packet.tcp) return Transport::tcp;
    if (packet.udp) return Transport::udp;
    if (packet.icmp) return Transport::icmp;
    if (packet.sctp) return Transport::sctp;
    return Transport::none;
}

std::uint32_t payload_of(const Packet& packet) noexcept {
    if (packet.tcp) return packet.tcp->payload_bytes;
    if (packet.udp) return packet.udp->payload_bytes;
    return packet.ip.payload_bytes;
}

/// Which end of the key sent the packet; the ports tell where a host speaks with itself.
Side side_of(const Packet& packet, const FlowKey& key) noexcept {
    if (key.low.ip != key.high.ip) return key.low.ip == packet.ip.source ? 0 : 1;
    const std::uint16_t port = packet.tcp    ? packet.tcp->source_port
                               : packet.udp  ? packet.udp->source_port
                               : packet.sctp ? packet.sctp->source_port
                                             : key.low.port;
    return port == key.low.port ? 0 : 1;
}

/// "Fragmentation needed" (RFC 1191, 4) and "packet too big" (RFC 4443, 3.2).
bool is_too_big(const IcmpHeader& icmp) noexcept { return icmp.v6 ? icmp.type == 2 : icmp.type == 3 && icmp.code == 4; }

std::uint32_t second_of(EventTime at) noexcept {
    return static_cast<std::uint32_t>(unix_nanoseconds(at) / 1'000'000'000) | 1;
}

}  // namespace

struct Shard::State {
    State(std::uint8_t index, const ShardOptions& options, FactSink& facts, FlowRecordSink* records, FlowReader* to)
        : drop_duplicates{options.drop_duplicates},
          reader{to},
          table{options.flows, options.arena},
          volumes{options.secret, options.arena},
          teller{index, facts, records, stats},
          duplicates{options.secret, options.arena},
          attempts{table, volumes, teller, options.secret},
          troubles{options.flows, table, teller, stats},
          tcp{table, volumes, teller, attempts, troubles, stats},
          datagrams{table, volumes, attempts, teller},
          turns{options.flows, table, teller},
          capture{table, teller} {}

    /// The sums of the packet's ends come into the cache while the packet is looked at.
    void expect_sums(const Packet& packet, const FlowKey& key, FlowIndex at) const noexcept;
    void count_copy(const Packet& packet, const Moment& at) noexcept;
    void neighbor(const Packet& packet) noexcept;
    void later_fragment(const PacketView& view, const Packet& packet) noexcept;
    /// A place for a new flow; others may have to go.
    FlowIndex open(const FlowKey& key, std::uint32_t hash) noexcept;
    void begin(FlowIndex at, Side from, const PacketView& view, const Packet& packet) noexcept;
    /// One of the flow's two sides sent this packet.
    void speak(FlowIndex at, Side from, bool fresh, const PacketView& view, const Packet& packet) noexcept;
    /// Whoever reads flows sees what this one carries.
    void read(FlowIndex at, Side from, const Packet& packet) noexcept;
    /// A router's word on the flow's path MTU.
    void too_big(FlowIndex at, const IcmpHeader& icmp) noexcept;
    /// Last words of a flow.
    void close(FlowIndex at, EndedBy by, EventTime now, EventTime capture_end) noexcept;
    void evict(FlowIndex at) noexcept;

    const TcpFlow* tcp_of(FlowIndex at) const noexcept {
        return table[at].transport == Transport::tcp ? &table.tcp(at) : nullptr;
    }

    bool idle = true;  ///< Nothing would happen on a tick.  Kept, because of all ticks most find a shard idle.
    bool drop_duplicates;
    bool has_seen_packet = false;
    FlowReader* reader;
    std::uint32_t packets_of_tick = 0;
    Duplicates copies;                ///< Of the tick ...
    std::uint16_t copies_input = 0;  ///< ... the first one's input.
    ShardStats stats;
    FlowTable table;
    Volumes volumes;
    Teller teller;
    DuplicateFilter duplicates;
    FragmentTable fragments;
    Attempts attempts;
    TroubleTracker troubles;
    TcpTracker tcp;
    DatagramTracker datagrams;
    Turns turns;
    CaptureWatch capture;
};

Shard::Shard(std::uint8_t index, const ShardOptions& options, FactSink& facts, FlowRecordSink* records,
             FlowReader* reader)
    : state_{std::make_unique<State>(index, options, facts, records, reader)} {}

std::size_t Shard::arena_bytes(const ShardOptions& options) noexcept {
    return FlowTable::arena_bytes(options.flows) + Volumes::arena_bytes() + DuplicateFilter::arena_bytes();
}

Shard::~Shard() = default;
Shard::Shard(Shard&&) noexcept = default;

void Shard::prefetch(std::uint32_t flow_hash) const noexcept { state_->table.prefetch(flow_hash); }

void Shard::look_at(ComingPacket& coming, std::uint32_t flow_hash) const noexcept {
    const State& state = *state_;
    const Packet& packet = coming.packet;
    coming.has_key = packet.has_ip && flow_key_of(packet, coming.key);
    if (!coming.has_key) return;
    state.table.prefetch_flow(flow_hash);
    if (state.drop_duplicates) coming.digest = state.duplicates.digest(packet, flow_hash);
}

void Shard::prefetch_sums(std::uint32_t flow_hash) const noexcept {
    const State& state = *state_;
    const FlowIndex at = state.table.likely(flow_hash);
    if (at == no_flow) return;
    const Flow& flow = state.table[at];
    if (flow.transport != Transport::udp || flow.volume_tick == state.volumes.tick()) return;
    state.volumes.prefetch(flow.transport, flow.client(), flow.server());
}

const ShardStats& Shard::stats() const noexcept {
    state_->stats.flows_open = state_->table.size();
    return state_->stats;
}

void Shard::packet(const PacketView& view, const ComingPacket& coming, const Moment& at,
                   std::uint32_t flow_hash) noexcept {
    State& state = *state_;
    const Packet& packet = coming.packet;
    state.teller.at(at);
    state.idle = false;
    ++state.packets_of_tick;
    if (!state.has_seen_packet) {
        state.has_seen_packet = true;
        state.datagrams.watch_since(at.time);
    }
    if (packet.neighbor) return state.neighbor(packet);
    if (!coming.has_key) return;
    const FlowKey& key = coming.key;
    const bool later_fragment = packet.ip.is_later_fragment();
    FlowIndex flow = later_fragment ? no_flow : state.table.find(key, flow_hash);
    state.expect_sums(packet, key, flow);
    if (state.drop_duplicates && state.duplicates.is_copy(packet, coming.digest, at.time)) {
        state.count_copy(packet, at);
        ++state.stats.duplicates;
        return;
    }
    if (later_fragment) return state.later_fragment(view, packet);
    if (packet.icmp && packet.icmp->is_error()) {
        if (flow != no_flow && is_too_big(*packet.icmp)) state.too_big(flow, *packet.icmp);
        state.datagrams.message(packet, view.wire_bytes, at);
        if (flow == no_flow) return state.datagrams.stray_error(packet);
        return state.datagrams.error(flow, packet, at);
    }
    const bool fresh = flow == no_flow;
    if (fresh) flow = state.open(key, flow_hash);
    state.speak(flow, side_of(packet, key), fresh, view, packet);
}

void Shard::State::expect_sums(const Packet& packet, const FlowKey& key, FlowIndex at) const noexcept {
    const bool syn = packet.tcp && packet.tcp->has(tcp_flag::syn);
    if (!packet.udp && !syn) return;
    if (at != no_flow) {
        if (table[at].volume_tick != volumes.tick())
            volumes.prefetch(transport_of(packet), table[at].client(), table[at].server());
        return;
    }
    const bool from_low = side_of(packet, key) == 0;
    volumes.prefetch(transport_of(packet), from_low ? key.low : key.high, from_low ? key.high : key.low);
}

void Shard::State::count_copy(const Packet& packet, const Moment& at) noexcept {
    if (copies.dropped++ == 0) {
        copies.first = at.time;
        copies.first_frame = static_cast<std::uint32_t>(at.frame);
        copies_input = at.input;
    }
    copies.lag_us += duplicates.lag_us();
    if (packet.ip.source == packet.ip.destination || packet.ip.source.is_loopback()) {
        ++copies.loopback;
    } else if (duplicates.same_road()) {
        ++copies.same_road;
    }
}

void Shard::State::neighbor(const Packet& packet) noexcept {
    const NeighborHeader& header = *packet.neighbor;
    Neighbor told;
    told.sender_ip = header.sender_ip;
    told.target_ip = header.target_ip;
    if (!header.tunnelled) told.frame_source = packet.source_mac;
    told.sender_mac = header.sender_mac;
    told.target_mac = header.target_mac;
    if (!header.tunnelled) told.frame_target = packet.destination_mac;
    told.nd = header.nd;
    told.reply = header.kind == NeighborHeader::Kind::reply;
    told.announcement = header.is_announcement();
    told.probe = header.is_probe();
    teller.neighbor(told, packet.vlan(), header.tunnelled);
}

void Shard::State::later_fragment(const PacketView& view, const Packet& packet) noexcept {
    const EventTime now = teller.moment().time;
    const auto found = fragments.find(packet.ip, now);
    FlowIndex at = found.flow;
    if (at != no_flow && table[at].generation != found.generation) at = no_flow;
    datagrams.fragment(at, packet, view.wire_bytes, teller.moment());
    if (at == no_flow) return;
    Flow& flow = table[at];
    const Side from = flow.key.low.ip == packet.ip.source ? 0 : 1;
    ++flow.packets[from];
    flow.bytes[from] += view.wire_bytes;
    flow.count_fragment();
    if (flow.transport != Transport::tcp && from == flow.client_side()) flow.count_syn();
    flow.last_seen = now;
    flow.last_stamp = teller.moment().stamp;
}

FlowIndex Shard::State::open(const FlowKey& key, std::uint32_t hash) noexcept {
    for (FlowIndex victim = table.blocker(hash); victim != no_flow; victim = table.blocker(hash)) evict(victim);
    ++stats.flows_opened;
    return table.insert(key, hash);
}

void Shard::State::begin(FlowIndex at, Side from, const PacketView& view, const Packet& packet) noexcept {
    Flow& flow = table[at];
    const Moment& now = teller.moment();
    flow.transport = transport_of(packet);
    flow.began = flow.last_seen = now.time;
    flow.began_stamp = now.stamp;
    flow.began_frame = static_cast<std::uint32_t>(now.frame);
    flow.input = view.input;
    flow.vlan = packet.vlan();
    flow.tunnel = packet.tunnel;
    flow.tunnel_id = packet.tunnel_id;
    flow.macs[from] = packet.source_mac;
    flow.macs[1 - from] = packet.destination_mac;
}

void Shard::State::speak(FlowIndex at, Side from, bool fresh, const PacketView& view, const Packet& packet) noexcept {
    const Moment& now = teller.moment();
    if (!fresh && packet.tcp && table[at].transport == Transport::tcp && tcp.begins_anew(at, from, *packet.tcp)) {
        ++stats.tcp_analysis.reused_ports;
        ++stats.flows_opened;
        close(at, EndedBy::none, now.time, latest_event_time);
        table.renew(at);
        fresh = true;
    }
    Flow& flow = table[at];
    if (fresh) begin(at, from, view, packet);
    if (flow.packets[from]++ == 0) flow.macs[from] = packet.source_mac;  // Till now known as a destination only.
    flow.bytes[from] += view.wire_bytes;
    flow.payload_bytes[from] += payload_of(packet);
    flow.last_stamp = now.stamp;
    if (flow.transport == Transport::tcp) {
        // Cut off or malformed ones count in the flow, but say nothing.
        if (packet.tcp) {
            capture.segment(at, from, view, packet);
            turns.segment(at, from, packet);
            tcp.segment(at, from, packet, view.wire_bytes, now);
        }
    } else {
        datagrams.packet(at, from, fresh, packet, view.wire_bytes, now);
    }
    if (packet.ip.more_fragments) {
        flow.count_fragment();
        if (fragments.remember(packet.ip, at, flow.generation, now.time)) ++stats.fragments_evicted;
    }
    flow.last_seen = now.time;
    if (reader != nullptr && flow.reading != Reading::given_up) read(at, from, packet);
    if (flow.packets[0] == 0 || flow.packets[1] == 0) return;
    if (flow.has(flow_flag::two_way) && second_of(now.time) - flow.two_way_second <= two_way_again_seconds) return;
    // What answered, or refused by itself, is told as an Outcome.
    const bool has_outcome = flow.has(flow_flag::accepted | flow_flag::refused) && !flow.has(flow_flag::by_icmp);
    const bool is_said = flow.has(flow_flag::withheld) || (!flow.has(flow_flag::two_way) && has_outcome);
    flow.set(flow_flag::two_way);
    if (is_said || teller.two_way(flow)) flow.two_way_second = second_of(now.time);
}

void Shard::State::read(FlowIndex at, Side from, const Packet& packet) noexcept {
    Flow& flow = table[at];
    if (flow.transport == Transport::tcp) {
        if (!packet.tcp) return;
        const bool speaks = packet.tcp->payload_bytes > 0 || packet.tcp->has(tcp_flag::fin | tcp_flag::rst);
        if (!speaks && flow.reading != Reading::all) return;
        // A flow that ends before anybody spoke has nothing to be read.
        if (flow.reading == Reading::fresh && packet.tcp->payload_bytes == 0) return;
        flow.reading = reader->packet(at, flow, &table.tcp(at), from, packet, teller);
    } else if (packet.udp && packet.udp->payload_bytes > 0) {
        flow.reading = reader->packet(at, flow, nullptr, from, packet, teller);
    }
}

void Shard::State::too_big(FlowIndex at, const IcmpHeader& icmp) noexcept {
    const Flow& flow = table[at];
    if (flow.transport != Transport::tcp || !icmp.quoted || !icmp.quoted->has_ports) return;
    const Endpoint source{icmp.quoted->source, icmp.quoted->source_port};
    if (source != flow.key.low && source != flow.key.high) return;
    troubles.too_big(at, source == flow.key.low ? Side{0} : Side{1}, icmp.mtu, teller.moment());
}

void Shard::State::close(FlowIndex at, EndedBy by, EventTime now, EventTime capture_end) noexcept {
    if (table[at].is_read()) reader->gone(at, table[at], by, teller);
    if (table[at].transport == Transport::tcp) {
        capture.leaves(at);
        turns.leaves(at);
        tcp.leaves(at, by, now, capture_end);
    } else {
        datagrams.leaves(at);
    }
    teller.record(table[at], tcp_of(at));
}

void Shard::State::evict(FlowIndex at) noexcept {
    switch (table.class_of(at)) {
        case FlowClass::half_open:
            ++stats.evicted_half_open;
            break;
        case FlowClass::one_way:
            ++stats.evicted_idle;
            break;
        case FlowClass::closed:
            ++stats.evicted_closed;
            break;
        default:
            ++stats.evicted_established;
            break;
    }
    close(at, EndedBy::evicted, teller.moment().time, latest_event_time);
    table.erase(at);
}

void Shard::tick(const Moment& at, EventTime capture_end) noexcept {
    State& state = *state_;
    if (state.idle) return;
    state.teller.at(at);
    state.attempts.tick(at.time, capture_end);
    state.troubles.tick(at, capture_end);
    for (FlowIndex over = state.table.next_expired(at.time); over != no_flow;
         over = state.table.next_expired(at.time)) {
        ++state.stats.flows_expired;
        state.close(over, EndedBy::timeout, at.time, capture_end);
        state.table.erase(over);
    }
    if (state.copies.dropped > 0) {
        state.copies.packets = state.packets_of_tick;
        state.teller.tell_of(state.copies, state.copies_input, 0, false);
    }
    state.copies = {};
    state.packets_of_tick = 0;
    state.turns.tick();
    state.capture.tick();
    state.volumes.flush(state.teller, state.stats.volume_overflow);
    state.teller.next_tick();
    const bool more = state.reader != nullptr && state.reader->tick(capture_end, state.teller);
    state.idle = state.table.size() == 0 && !more && !state.turns.has_sums() && !state.capture.has_news();
}

bool Shard::is_empty() const noexcept { return state_->idle; }

void Shard::clock_step() noexcept { state_->volumes.clear(); }

void Shard::snapshot(std::vector<FlowRecord>& out, std::size_t most) const {
    const FlowTable& table = state_->table;
    for (FlowIndex at = 1; at <= table.highest() && most > 0; ++at) {
        if (table.class_of(at) == FlowClass::unused) continue;
        out.push_back(record_of(table[at], state_->tcp_of(at), state_->teller.moment()));
        --most;
    }
}

}  // namespace wiresage
