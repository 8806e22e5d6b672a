// What is left to say of a session once it is over.

#include "compare/summary.hpp"

#include <algorithm>

namespace wiresage {

namespace {

constexpr std::size_t most_ranges = 32;

OneWay transfer_of(const SegmentLedger& data, Point sender, bool is_stream) {
    OneWay made;
    const auto receiver = opposite(sender);
    const auto& ours = data.side(sender);
    const auto& theirs = data.side(receiver);
    made.sent = ours.copies;
    made.received = theirs.copies;
    made.sent_bytes = is_stream ? ours.bytes : 0;
    made.received_bytes = is_stream ? theirs.bytes : 0;
    made.repaired = ours.repaired;
    made.missed_by_receiver = ours.missed;
    made.missed_by_sender = is_stream ? data.only_at(receiver) : 0;
    made.uncovered = ours.uncovered;
    made.forgotten = ours.forgotten + theirs.forgotten;
    made.ranges = data.lost(sender);
    made.repairs = data.repaired(sender);
    made.lost = made.repaired;
    for (const auto& range : made.ranges) {
        made.lost += range.copies;
        if (is_stream) made.missing_bytes += static_cast<std::uint64_t>(range.end - range.begin);
    }
    std::stable_sort(made.ranges.begin(), made.ranges.end(),
                     [](const LostRange& a, const LostRange& b) { return a.copies > b.copies; });
    if (!made.ranges.empty() && is_stream) {
        const auto length = made.ranges.front().end - made.ranges.front().begin;
        made.went_on = data.sent_end() > made.ranges.front().end;
        made.arrived_smaller = data.largest_arrived() > 0 && data.largest_arrived() < length;
    }
    if (made.ranges.size() > most_ranges) made.ranges.resize(most_ranges);
    const auto& transit = data.transit();
    made.has_delay = transit.count() > 0;
    const bool outward = sender == Point::near;
    made.least_delay = outward ? transit.least() : -transit.most();
    made.most_delay = outward ? transit.most() : -transit.least();
    made.middle_delay = outward ? transit.median() : -transit.median();
    return made;
}

void add_changes(SessionSummary& summary, const Session& session) {
    for (const auto& change : session.control().changes()) {
        const auto from = index_of(summary.sender_point(change.from_client ? 0 : 1));
        const auto to = 1 - from;
        summary.changes.push_back({change.field, change.from_client, change.values[from], change.values[to],
                                   change.first.says[from].sequence, change.first.seen[from], change.first.seen[to],
                                   change.count, change.equals_padding});
    }
    for (std::size_t direction = 0; direction < 2; ++direction) {
        const bool from_near = summary.sender_point(direction) == Point::near;
        const auto add = [&](PathField field, const Difference& difference, auto value) {
            if (difference.count == 0) return;
            const auto& sent = from_near ? difference.first->near : difference.first->far;
            const auto& received = from_near ? difference.first->far : difference.first->near;
            summary.changes.push_back({field, direction == 0, value(sent), value(received), sent.sequence, sent.seen,
                                       received.seen, difference.count, false});
        };
        add(PathField::payload, session.data(direction).payload_changes(), [](const Piece& piece) {
            return static_cast<std::int64_t>((piece.digest != 0 ? piece.digest : piece.head) & 0xffffffffU);
        });
        add(PathField::flags, session.data(direction).flag_changes(),
            [](const Piece& piece) { return static_cast<std::int64_t>(piece.flags & 0x1ffU); });
    }
}

/// Resets that the side which seems to have sent them did not send.
void add_forged_resets(SessionSummary& summary, const Session& session, const std::array<Coverage, 2>& coverage) {
    if (!summary.is_paired() || summary.relation == Relation::terminated) return;
    for (const auto& control : session.control().all()) {
        if (control.kind != ControlKind::reset || control.seen_at_both()) continue;
        const auto seen_at = control.seen_at(Point::near) ? Point::near : Point::far;
        const auto sender = summary.sender_point(control.from_client ? 0 : 1);
        if (seen_at == sender) continue;
        const auto& seen = control.seen[index_of(seen_at)];
        if (coverage[index_of(sender)].covers(seen.at, std::chrono::seconds{1})) {
            summary.forged_resets.push_back({seen_at, control.from_client, seen});
        }
    }
}

}  // namespace

std::uint64_t SessionSummary::syns_at(Point point) const noexcept {
    return static_cast<std::uint64_t>(std::count_if(control.begin(), control.end(), [point](const Control& one) {
        return one.kind == ControlKind::syn && one.seen_at(point);
    }));
}

SessionSummary summary_of(const Session& session, const std::array<Coverage, 2>& coverage) {
    SessionSummary made;
    made.serial = session.serial();
    made.transport = session.transport();
    made.relation = session.relation();
    made.halves = {session.half(Point::near), session.half(Point::far)};
    made.client_is_near = session.client_is_near();
    made.is_translated = session.is_translated();
    const auto& near = made.halves[0];
    const auto& far = made.halves[1];
    made.first = !far.present || (near.present && near.first.at <= far.first.at) ? near.first : far.first;
    made.last = session.last();
    made.control = session.control().all();
    if (!made.is_paired()) {
        made.client_is_near = near.present;
        for (std::size_t direction = 0; direction < 2; ++direction) {
            const auto& side = session.data(direction).side(near.present ? Point::near : Point::far);
            made.transfers[direction].sent = side.copies;
            if (made.transport == Transport::tcp) made.transfers[direction].sent_bytes = side.bytes;
        }
        return made;
    }
    if (made.relation != Relation::terminated) {
        for (std::size_t direction = 0; direction < 2; ++direction) {
            made.transfers[direction] =
                transfer_of(session.data(direction), made.sender_point(direction), made.transport == Transport::tcp);
        }
        add_changes(made, session);
        add_forged_resets(made, session, coverage);
    }
    const auto& turns = session.turns();
    made.exchanges = turns.exchanges();
    made.round_trip = turns.round_trip();
    made.server_think = turns.server_think();
    made.client_think = turns.client_think();
    made.path_share = turns.path_share();
    made.first_turn = turns.first();
    return made;
}

}  // namespace wiresage
