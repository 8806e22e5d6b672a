// A ladder diagram in text: the decisive packets of a session between two points.

#include <fmt/format.h>

#include <algorithm>

#include "compare/report.hpp"
#include "compare/words.hpp"

namespace wiresage {

namespace {

constexpr std::size_t most_rows = 24;

struct Row {
    EventTime at;
    std::array<Sighting, 2> seen;
    Point sender = Point::near;
    std::string what;
    bool is_lost = false;
};

const char* name(ControlKind kind) {
    switch (kind) {
        case ControlKind::syn:
            return "SYN";
        case ControlKind::syn_ack:
            return "SYN-ACK";
        case ControlKind::fin:
            return "FIN";
        case ControlKind::reset:
            return "RST";
    }
    return "";
}

std::string control_text(const Control& control) {
    std::string text = name(control.kind);
    if (control.kind == ControlKind::fin || !control.seen_at_both()) return text;
    const auto near = control.says[0].payload_bytes;
    const auto far = control.says[1].payload_bytes;
    if (near != far) text += fmt::format(", {} bytes near, {} far", near, far);
    return text;
}

void add_rows(const SessionSummary& session, std::size_t direction, std::vector<Row>& rows) {
    const auto sender = session.sender_point(direction);
    const auto add = [&](const Sighting& seen, std::int64_t begin, std::int64_t end, const char* fate) {
        Row row{seen.at, {}, sender, {}, true};
        row.seen[index_of(sender)] = seen;
        row.what = session.transport == Transport::tcp ? fmt::format("bytes {} to {}, {}", begin, end - 1, fate)
                                                       : fmt::format("datagram, {}", fate);
        rows.push_back(row);
    };
    const auto& transfer = session.transfers[direction];
    for (const auto& range : transfer.ranges) {
        for (const auto& seen : range.seen) add(seen, range.begin, range.end, "lost");
    }
    for (const auto& piece : transfer.repairs) add(piece.seen, piece.begin, piece.end, "lost, repaired later");
    for (const auto& change : session.changes) {
        if (change.from_client != (direction == 0)) continue;
        // Of a handshake's packets the row is there already.
        if (change.field != PathField::payload) continue;
        Row row{change.sent_at.at, {}, sender, fmt::format("seq {} with another payload", change.sequence), false};
        row.seen[index_of(sender)] = change.sent_at;
        row.seen[index_of(opposite(sender))] = change.received_at;
        rows.push_back(row);
    }
}

std::string side(const Sighting& seen, EventTime origin) {
    if (seen.frame == 0) return "not seen";
    return fmt::format("{:.6f} s  #{}", seconds(seen.at - origin), seen.frame);
}

}  // namespace

std::string ladder(const SessionSummary& session) {
    std::vector<Row> rows;
    for (const auto& control : session.control) {
        Row row{control.seen[control.seen_at(Point::near) ? 0 : 1].at, control.seen,
                session.sender_point(control.from_client ? 0 : 1), control_text(control), !control.seen_at_both()};
        if (session.relation == Relation::terminated) row.is_lost = false;
        rows.push_back(row);
    }
    for (std::size_t direction = 0; direction < 2; ++direction) add_rows(session, direction, rows);
    std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.at < b.at; });

    const auto& half = session.shown();
    std::string text = fmt::format("{} > {}: seconds since its first packet, and frame numbers\n  {:<22}{:<56}far\n",
                                   half.client.text(), half.server.text(), "near", "");
    std::size_t left_out = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        // The first ones and the end: what lies between is more of the same.
        if (rows.size() > most_rows && i >= most_rows - 4 && i + 4 < rows.size()) {
            ++left_out;
            continue;
        }
        if (left_out > 0) text += fmt::format("  ... {} more\n", std::exchange(left_out, 0));
        const auto& row = rows[i];
        const bool outward = row.sender == Point::near;
        const bool crossed = row.seen[0].frame != 0 && row.seen[1].frame != 0;
        const char* const left_end = outward ? "--" : crossed ? "<-" : "  ";
        const char* const right_end = outward ? (crossed ? "->" : " x") : "--";
        const char* const middle_left = !outward && !crossed ? "x " : "";
        text += fmt::format("  {:<22}{:<4}{:<46}{:<6}{}\n", side(row.seen[0], session.first.at), left_end,
                            middle_left + row.what, right_end, side(row.seen[1], session.first.at));
    }
    return text;
}

}  // namespace wiresage
