// One TCP or UDP session as two points saw it.

#include "compare/session.hpp"

#include <algorithm>

#include "compare/feature.hpp"

namespace wiresage {

namespace {

constexpr std::size_t head_bytes = 32;

/// The longest silence of a session (flow/timeouts.hpp has the same for the daemon).
constexpr Duration tcp_silence = std::chrono::hours{1};
constexpr Duration udp_silence = std::chrono::minutes{3};
/// Until everything that is under way has come.
constexpr Duration closed_silence = 2 * longest_travel;

Piece piece_of(const Packet& packet, const Sighting& seen) {
    Piece piece;
    piece.seen = seen;
    piece.captured = static_cast<std::uint32_t>(packet.payload.size());
    const auto on_wire = packet.tcp ? packet.tcp->payload_bytes : packet.udp->payload_bytes;
    const auto head = std::min(packet.payload.size(), head_bytes);
    if (piece.captured > 0) piece.digest = digest_of(packet.payload);
    if (head >= std::min<std::size_t>(head_bytes, on_wire)) piece.head = digest_of(packet.payload.first(head));
    piece.ip_id = packet.ip.identification;
    piece.has_id = packet.ip.has_identification && packet.ip.identification != 0;
    if (packet.tcp) {
        piece.sequence = packet.tcp->sequence;
        piece.flags = packet.tcp->flags;
        piece.has_stamp = packet.tcp->has_timestamps;
        piece.stamp_value = packet.tcp->timestamp_value;
    }
    return piece;
}

constexpr std::int64_t distance(std::uint32_t from, std::uint32_t to) noexcept {
    return static_cast<std::int32_t>(to - from);
}

}  // namespace

Session::Session(Transport transport, std::uint64_t serial)
    : transport_{transport},
      serial_{serial},
      data_{SegmentLedger{transport == Transport::tcp}, SegmentLedger{transport == Transport::tcp}} {}

void Session::open(Point point, const FlowKey& key, const Packet& packet, bool from_client, const Sighting& seen) {
    auto& half = halves_[index_of(point)];
    half.present = true;
    half.key = key;
    const Endpoint source{packet.ip.source, packet.tcp ? packet.tcp->source_port : packet.udp->source_port};
    half.client = source == key.low ? key.low : key.high;
    half.server = source == key.low ? key.high : key.low;
    if (!from_client) std::swap(half.client, half.server);
    half.vlan = packet.vlan();
    half.first = seen;
    half.last = seen.at;
    if (!is_paired()) return;
    relation_ = Relation::same;
    const auto& there = halves_[index_of(opposite(point))];
    if (packet.tcp && from_client && packet.tcp->has(tcp_flag::syn) && there.knows_isn[0] &&
        there.base[0] != packet.tcp->sequence) {
        relate(ControlValues::of(packet), there.syn);
    }
}

void Session::relate(const ControlValues& ours, const ControlValues& theirs) {
    const bool alike = ours.window == theirs.window && ours.window_scale == theirs.window_scale &&
                       ours.sack_permitted == theirs.sack_permitted && ours.has_timestamps == theirs.has_timestamps &&
                       ours.stamp_value == theirs.stamp_value;
    relation_ = alike ? Relation::rewritten : Relation::terminated;
}

bool Session::fits(const Packet& packet, bool from_client) const {
    if (!packet.tcp) return true;
    const auto& known = halves_[halves_[0].present ? 0 : 1];
    const bool opens = packet.tcp->has(tcp_flag::syn) && !packet.tcp->has(tcp_flag::ack);
    // One that began before the other point listened goes on there in the middle; one that begins is not that one.
    if (opens) return known.knows_isn[0] || (known.has_base[0] && known.base[0] == packet.tcp->sequence);
    const std::size_t direction = from_client ? 0 : 1;
    if (!known.has_base[direction]) return true;
    const auto ahead =
        distance(static_cast<std::uint32_t>(known.base[direction] + static_cast<std::uint32_t>(known.high[direction])),
                 packet.tcp->sequence);
    return ahead > -(std::int64_t{1} << 28) && ahead < (std::int64_t{1} << 28);
}

bool Session::is_from_client(Point point, const Packet& packet) const noexcept {
    const auto port = packet.tcp ? packet.tcp->source_port : packet.udp->source_port;
    return halves_[index_of(point)].client == Endpoint{packet.ip.source, port};
}

void Session::know_base(Point point, std::size_t direction, std::uint32_t before_first, bool is_isn) {
    auto& half = halves_[index_of(point)];
    if (half.has_base[direction]) return;
    const auto& there = halves_[index_of(opposite(point))];
    half.has_base[direction] = true;
    half.base[direction] = before_first;
    half.knows_isn[direction] = is_isn;
    if (relation_ != Relation::same || !there.has_base[direction]) return;
    if (is_isn && there.base[direction] != before_first) return;  // A SYN-ACK of its own: see relate().
    half.base[direction] = there.base[direction];
    half.high[direction] = there.high[direction];
}

std::int64_t Session::place_of(const Half& half, std::size_t direction, std::uint32_t sequence) const noexcept {
    const auto high = half.high[direction];
    return high + distance(half.base[direction] + static_cast<std::uint32_t>(high), sequence);
}

void Session::see(Point point, const Packet& packet, const Sighting& seen, PieceBudget& budget) {
    auto& half = halves_[index_of(point)];
    const std::size_t direction = is_from_client(point, packet) ? 0 : 1;
    ++half.packets[direction];
    half.last = std::max(half.last, seen.at);
    if (packet.tcp) {
        see_tcp(point, packet, direction, seen, budget);
    } else {
        see_udp(point, packet, direction, seen, budget);
    }
}

void Session::take_acknowledgments(Half& half, const TcpHeader& tcp, std::size_t direction) {
    const std::size_t other = 1 - direction;
    if (!tcp.has(tcp_flag::ack) || tcp.has(tcp_flag::rst) || !half.has_base[other]) return;
    data_[other].acknowledge(place_of(half, other, tcp.acknowledgment));
    for (std::size_t i = 0; i < tcp.sack_count; ++i) {
        data_[other].acknowledge(place_of(half, other, tcp.sack[i].left), place_of(half, other, tcp.sack[i].right));
    }
}

void Session::see_control(Point point, const Packet& packet, std::size_t direction, std::int64_t place,
                          const Sighting& seen) {
    const auto& tcp = *packet.tcp;
    auto& half = halves_[index_of(point)];
    auto kind = ControlKind::fin;
    if (tcp.has(tcp_flag::rst)) {
        kind = ControlKind::reset;
        half.reset = true;
    } else if (tcp.has(tcp_flag::syn)) {
        kind = tcp.has(tcp_flag::ack) ? ControlKind::syn_ack : ControlKind::syn;
    } else if (tcp.has(tcp_flag::fin)) {
        half.fin[direction] = true;
        place += tcp.payload_bytes;
    } else {
        return;
    }
    const auto says = ControlValues::of(packet);
    if (kind == ControlKind::syn && half.syn.sequence == 0) half.syn = says;
    control_.arrive(point, kind, direction == 0, place, seen, says);
}

void Session::see_tcp(Point point, const Packet& packet, std::size_t direction, const Sighting& seen,
                      PieceBudget& budget) {
    const auto& tcp = *packet.tcp;
    auto& half = halves_[index_of(point)];
    const bool syn = tcp.has(tcp_flag::syn);
    const bool reset = tcp.has(tcp_flag::rst);
    if (!reset || tcp.has(tcp_flag::ack)) know_base(point, direction, syn ? tcp.sequence : tcp.sequence - 1, syn);
    if (tcp.has(tcp_flag::ack) && !reset) know_base(point, 1 - direction, tcp.acknowledgment - 1, false);
    if (!half.has_base[direction]) return;
    const auto place = place_of(half, direction, tcp.sequence);
    see_control(point, packet, direction, place, seen);
    if (reset || relation_ == Relation::terminated) return;
    take_acknowledgments(half, tcp, direction);
    if (syn) {
        turns_.segment(point, direction == 0, 0, 1, seen);
        half.high[direction] = std::max<std::int64_t>(half.high[direction], 1);
        return;
    }
    if (tcp.payload_bytes == 0) return;
    auto piece = piece_of(packet, seen);
    piece.begin = piece.whole_begin = place;
    piece.end = piece.whole_end = place + tcp.payload_bytes;
    half.high[direction] = std::max(half.high[direction], piece.end);
    turns_.segment(point, direction == 0, piece.begin, piece.end, seen);
    data_[direction].arrive(point, piece, budget);
}

void Session::see_udp(Point point, const Packet& packet, std::size_t direction, const Sighting& seen,
                      PieceBudget& budget) {
    auto piece = piece_of(packet, seen);
    // Datagrams have no place in a stream: equal ones share one, made of what they say.
    const auto said = (piece.head != 0 ? piece.head : piece.digest) ^ (std::uint64_t{packet.udp->length} << 32);
    piece.begin = piece.whole_begin = static_cast<std::int64_t>(said >> 2) + 1;
    piece.end = piece.whole_end = piece.begin + 1;
    data_[direction].arrive(point, piece, budget);
}

void Session::absorb(Point point, Session& other, PieceBudget& budget) {
    auto& half = halves_[index_of(point)];
    const auto& there = halves_[index_of(opposite(point))];
    half = other.halves_[index_of(point)];
    relation_ = Relation::same;
    if (half.knows_isn[0] && there.knows_isn[0] && half.base[0] != there.base[0]) relate(half.syn, there.syn);
    std::array<std::int64_t, 2> shift{};
    for (std::size_t direction = 0; direction < 2; ++direction) {
        if (relation_ != Relation::same || !half.has_base[direction] || !there.has_base[direction]) continue;
        auto& mine = halves_[index_of(opposite(point))];
        if (half.knows_isn[direction] && !there.knows_isn[direction]) {
            const auto by = distance(half.base[direction], there.base[direction]);
            data_[direction].shift(by);
            mine.base[direction] = half.base[direction];
            mine.high[direction] += by;
            continue;
        }
        shift[direction] = distance(there.base[direction], half.base[direction]);
        half.base[direction] = there.base[direction];
        half.high[direction] += shift[direction];
    }
    control_.absorb(point, other.control_, shift);
    turns_.absorb(point, other.turns_, shift);
    for (std::size_t direction = 0; direction < 2; ++direction) {
        data_[direction].absorb(point, other.data_[direction], shift[direction], budget);
    }
}

void Session::expire(EventTime before, const std::array<Coverage, 2>& coverage, PieceBudget& budget) {
    for (auto& data : data_) data.expire(before, coverage, budget);
}

void Session::finish() {
    for (auto& data : data_) data.finish();
}

EventTime Session::last() const noexcept {
    return std::max(halves_[0].present ? halves_[0].last : EventTime::min(),
                    halves_[1].present ? halves_[1].last : EventTime::min());
}

bool Session::is_over(EventTime now) const noexcept {
    const auto silence = now - last();
    if (silence > (transport_ == Transport::tcp ? tcp_silence : udp_silence)) return true;
    const bool closed =
        (halves_[0].present && halves_[0].is_closed()) || (halves_[1].present && halves_[1].is_closed());
    return closed && silence > closed_silence;
}

bool Session::is_translated() const noexcept {
    return is_paired() && (halves_[0].client != halves_[1].client || halves_[0].server != halves_[1].server);
}

bool Session::client_is_near() const {
    if (turns_.has_met()) return turns_.client_is_near();
    const auto& out = data_[0].transit();
    const auto& back = data_[1].transit();
    if (out.count() > 0 && back.count() > 0) return out.median() >= back.median();
    if (out.count() > 0) return out.median() >= Duration::zero();
    if (back.count() > 0) return back.median() <= Duration::zero();
    return true;
}

}  // namespace wiresage
