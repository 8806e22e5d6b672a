// A compared session as one line of JSON.

#include "compare/session_json.hpp"

#include <nlohmann/json.hpp>

#include "compare/words.hpp"

namespace wiresage {

namespace {

using Json = nlohmann::ordered_json;

Json half_json(const Half& half) {
    Json made = {{"client", half.client.text()},
                 {"server", half.server.text()},
                 {"packets_c2s", half.packets[0]},
                 {"packets_s2c", half.packets[1]}};
    if (half.vlan != 0) made["vlan"] = half.vlan;
    if (half.knows_isn[0]) made["client_isn"] = half.base[0];
    if (half.knows_isn[1]) made["server_isn"] = half.base[1];
    return made;
}

Json sighting_json(const Sighting& seen) { return {{"frame", seen.frame}, {"time", rfc3339(seen.at)}}; }

Json range_json(const LostRange& range, bool is_stream) {
    Json made = Json::object();
    if (is_stream) {
        made["seq_relative"] = range.begin;
        made["len"] = range.end - range.begin;
    }
    made["copies"] = range.copies;
    made["last"] = rfc3339(range.last);
    made["seen"] = Json::array();
    for (const auto& seen : range.seen) made["seen"].push_back(sighting_json(seen));
    return made;
}

Json transfer_json(const SessionSummary& session, std::size_t direction) {
    const auto& transfer = session.transfers[direction];
    const bool is_stream = session.transport == Transport::tcp;
    Json made = {{"direction", words::direction(session.sender_point(direction))},
                 {"sent", transfer.sent},
                 {"received", transfer.received}};
    if (is_stream) {
        made["sent_bytes"] = transfer.sent_bytes;
        made["received_bytes"] = transfer.received_bytes;
        made["missing_bytes"] = transfer.missing_bytes;
        made["missed_by_receiver_bytes"] = transfer.missed_by_receiver;
        made["missed_by_sender_bytes"] = transfer.missed_by_sender;
    }
    made["lost_copies"] = transfer.lost;
    made["repaired_copies"] = transfer.repaired;
    made["not_covered"] = transfer.uncovered;
    made["forgotten"] = transfer.forgotten;
    made["never_arrived"] = Json::array();
    for (const auto& range : transfer.ranges) made["never_arrived"].push_back(range_json(range, is_stream));
    made["repaired"] = Json::array();
    for (const auto& piece : transfer.repairs) {
        Json one = {{"seq_relative", piece.begin}, {"len", piece.length()}};
        one.update(sighting_json(piece.seen));
        made["repaired"].push_back(std::move(one));
    }
    if (transfer.has_delay) {
        made["delay_ms"] = {{"min", milliseconds(transfer.least_delay)},
                            {"median", milliseconds(transfer.middle_delay)},
                            {"max", milliseconds(transfer.most_delay)}};
    }
    return made;
}

Json change_json(const SessionSummary& session, const Change& change) {
    return {{"field", name(change.field)},
            {"direction", words::direction(session.sender_point(change.from_client ? 0 : 1))},
            {"seq", change.sequence},
            {"sent", change.sent},
            {"received", change.received},
            {"count", change.count},
            {"sent_at", sighting_json(change.sent_at)},
            {"received_at", sighting_json(change.received_at)}};
}

}  // namespace

std::string session_json(const SessionSummary& session) {
    Json made = {{"transport", session.transport == Transport::tcp ? "tcp" : "udp"},
                 {"seen", words::relation(session)},
                 {"start", rfc3339(session.first.at)},
                 {"end", rfc3339(session.last)}};
    for (const auto point : both_points) {
        const auto& half = session.halves[index_of(point)];
        if (half.present) made[words::point(point)] = half_json(half);
    }
    if (session.is_paired()) {
        made["nat"] = session.is_translated;
        made["client_at"] = words::point(session.sender_point(0));
    }
    if (session.is_paired() && session.relation != Relation::terminated) {
        made["client_to_server"] = transfer_json(session, 0);
        made["server_to_client"] = transfer_json(session, 1);
        made["changes"] = Json::array();
        for (const auto& change : session.changes) made["changes"].push_back(change_json(session, change));
        made["forged_resets"] = Json::array();
        for (const auto& reset : session.forged_resets) {
            Json one = {{"seen_at", words::point(reset.seen_at)},
                        {"in_the_name_of", reset.from_client ? "client" : "server"}};
            one.update(sighting_json(reset.seen));
            made["forged_resets"].push_back(std::move(one));
        }
    }
    if (session.exchanges > 0) {
        made["exchanges"] = session.exchanges;
        made["rtt_ms"] = milliseconds(session.round_trip);
        made["server_think_ms"] = milliseconds(session.server_think);
        made["client_think_ms"] = milliseconds(session.client_think);
        made["path_share"] = static_cast<double>(session.path_share) / 1e6;
    }
    return made.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace wiresage
