// The state of the daemon as JSON.

#include "serve/status.hpp"

#include <nlohmann/json.hpp>

namespace wiresage {

namespace {

using Json = nlohmann::ordered_json;

Json time_or_null(std::int64_t unix_seconds) {
    if (unix_seconds <= 0) return nullptr;
    return rfc3339(EventTime{std::chrono::seconds{unix_seconds}});
}

Json text_or_null(const std::string& text) {
    if (text.empty()) return nullptr;
    return text;
}

Json interface_json(const Status::Interface& interface) {
    return {{"name", interface.name},
            {"state", interface.state},
            {"link_type", text_or_null(interface.link_type)},
            {"packets", interface.packets},
            {"bytes", interface.bytes},
            {"received", interface.received},
            {"dropped",
             {{"kernel", interface.dropped_kernel},
              {"ring", interface.dropped_ring},
              {"interface", interface.dropped_interface},
              {"link", interface.dropped_link}}},
            {"error", text_or_null(interface.error)}};
}

Json receiver_json(const Status::Receiver& receiver) {
    return {{"name", receiver.name},
            {"type", receiver.type},
            {"target", receiver.target},
            {"queued", receiver.queued},
            {"delivered", receiver.delivered},
            {"failed", receiver.failed},
            {"dead_letters", receiver.dead_letters},
            {"rolled_up", receiver.rolled_up},
            {"failing_since", time_or_null(receiver.failing_since_unix)},
            {"next_try", time_or_null(receiver.next_try_unix)},
            {"last_delivered", time_or_null(receiver.last_delivered_unix)},
            {"last_error", text_or_null(receiver.last_error)}};
}

template <typename Rows, typename ToJson>
Json array_of(const Rows& rows, ToJson to_json) {
    auto array = Json::array();
    for (const auto& row : rows) array.push_back(to_json(row));
    return array;
}

}  // namespace

std::string status_json(const Status& status) {
    Json document{
        {"sensor", status.sensor},
        {"version", status.version},
        {"revision", status.revision},
        {"started", time_or_null(status.started_unix)},
        {"now", time_or_null(status.now_unix)},
        {"event_time", status.event_time ? Json(rfc3339(*status.event_time)) : Json()},
        {"ready", !status.not_ready},
        {"not_ready", status.not_ready ? Json(*status.not_ready) : Json()},
        {"degraded", status.degraded},
        {"workers", status.workers},
        {"rules_enabled", status.rules_enabled},
        {"alerts", {{"firing", status.alerts_firing}, {"stored", status.alerts_stored}}},
        {"softnet_dropped", status.softnet_dropped},
        {"duplicates", status.duplicates},
        {"reload", {{"last_taken", time_or_null(status.reloaded_unix)}, {"error", text_or_null(status.reload_error)}}}};
    document["interfaces"] = array_of(status.interfaces, interface_json);
    document["tables"] = array_of(status.tables, [](const Status::Table& table) {
        return Json{
            {"name", table.name}, {"entries", table.entries}, {"limit", table.limit}, {"evicted", table.evicted}};
    });
    document["receivers"] = array_of(status.receivers, receiver_json);
    const auto& journal = status.journal;
    document["journal"] = {
        {"path", journal.path},       {"durable", journal.durable},       {"problem", text_or_null(journal.problem)},
        {"entries", journal.entries}, {"used_bytes", journal.used_bytes}, {"size_bytes", journal.size_bytes},
        {"commits", journal.commits}, {"unsaved", journal.unsaved},       {"queued", journal.queued}};
    const auto& processes = status.processes;
    document["processes"] = {{"tracepoints", processes.tracepoints},
                             {"problem", text_or_null(processes.problem)},
                             {"sockets", processes.sockets},
                             {"events", processes.events},
                             {"lost", processes.lost}};
    document["dead_letters"] = array_of(status.dead_letters, [](const Status::DeadLetter& letter) {
        return Json{{"receiver", letter.receiver},
                    {"alert", letter.alert},
                    {"why", letter.why},
                    {"at", time_or_null(letter.at_unix)}};
    });
    return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace wiresage
