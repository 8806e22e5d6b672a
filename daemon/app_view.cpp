// What the daemon answers: status, flows, hosts, rules.

#include <boost/asio/post.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <ctime>

#include "daemon/app.hpp"
#include "daemon/read_output.hpp"
#include "daemon/rules_json.hpp"
#include "daemon/setup.hpp"

namespace wiresage {

namespace {

using Json = nlohmann::ordered_json;

/// At most so many flows are looked through for one answer.
constexpr std::size_t most_flows_asked = 20'000;

/// {"<name>": [rows], "total": n}; the rows are JSON already.
std::string list_json(const char* name, const std::vector<std::string>& rows, std::size_t total) {
    Json made;
    made[name] = Json::array();
    for (const auto& row : rows) made[name].push_back(Json::parse(row));
    made["total"] = total;
    return made.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string host_json(const HostView& host) {
    Json made;
    made["ip"] = host.address.text();
    if (host.mac) made["mac"] = host.mac->text();
    made["last_seen"] = rfc3339(host.last_seen);
    made["roles"] = Json::array();
    for (const auto role : host.roles) made["roles"].push_back(name(role));
    made["attempts"] = host.attempts;
    made["answered"] = host.answered;
    made["targets"] = host.targets;
    return made.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<std::string> App::not_ready() {
    for (const auto& interface : source_->status()) {
        if (interface.state == InterfaceStatus::State::up) return {};
    }
    return "no configured interface is up";
}

std::vector<std::string> App::degraded(const EngineStats& stats) const {
    std::vector<std::string> reasons;
    for (const auto& interface : source_->status()) {
        if (interface.state != InterfaceStatus::State::up) {
            reasons.push_back(fmt::format("{} is {}: {}", interface.name, state_name(interface.state), interface.error));
        }
        if (interface.loss.kernel_dropped != 0) {
            reasons.push_back(fmt::format("the kernel dropped {} packets of {}", interface.loss.kernel_dropped, interface.name));
        }
    }
    if (const auto lost = engine_->dispatcher_stats().ring_drops.load(std::memory_order_relaxed); lost != 0) {
        reasons.push_back(fmt::format("{} packets found no room in a worker's ring", lost));
    }
    const auto& shards = stats.workers.shards;
    if (shards.evicted_half_open + shards.evicted_idle + shards.evicted_closed + shards.evicted_established != 0) {
        reasons.push_back("the flow table was full and evicted flows (limits.flows)");
    }
    if (const auto journal = journal_->state(); !journal.durable) reasons.push_back(journal.problem);
    return reasons;
}

Status App::status() {
    const auto stats = engine_->stats();
    const auto& dispatcher = engine_->dispatcher_stats();
    Status made;
    made.sensor = observer_name_;
    made.version = WIRESAGE_VERSION;
    made.started_unix = started_unix_;
    made.now_unix = std::time(nullptr);
    if (const auto time = dispatcher.event_time.load(std::memory_order_relaxed); time != 0) made.event_time = event_time(time);
    made.not_ready = not_ready();
    made.degraded = degraded(stats);
    made.workers = engine_->beats().size() - 1;
    for (const auto& [id, settings] : configuration_.rules) made.rules_enabled += settings.enabled;
    made.alerts_firing = store_.firing();
    made.alerts_stored = store_.size();
    made.softnet_dropped = source_->softnet_dropped();
    made.duplicates = stats.workers.shards.duplicates;
    made.reloaded_unix = reloaded_unix_;
    made.reload_error = reload_error_;
    for (const auto& interface : source_->status()) {
        const auto& loss = interface.loss;
        const auto ring_drops = ring_drops_of(dispatcher, source_->inputs(), interface.name);
        made.interfaces.push_back({.name = interface.name, .state = state_name(interface.state), .link_type = {}, .packets = loss.captured - ring_drops,
                                   .received = loss.kernel_received, .dropped_kernel = loss.kernel_dropped, .dropped_ring = ring_drops,
                                   .dropped_interface = loss.interface_dropped, .dropped_link = loss.link_dropped + loss.link_missed,
                                   .error = interface.error});
    }
    const auto& shards = stats.workers.shards;
    made.tables.push_back({"flows", shards.flows_open, configuration_.limits.flows,
                           shards.evicted_half_open + shards.evicted_idle + shards.evicted_closed + shards.evicted_established});
    made.tables.push_back({"hosts", 0, configuration_.limits.hosts, stats.correlator.hosts_evicted});
    made.tables.push_back({"alerts", store_.size(), AlertStore::default_capacity, store_.evicted_resolved() + store_.evicted_firing()});
    for (const auto& state : receivers_->states()) {
        made.receivers.push_back({.name = state.name, .type = state.type, .target = state.target, .queued = state.queued,
                                  .delivered = state.delivered,
                                  .failed = state.failed_connect + state.failed_timeout + state.failed_status + state.failed_answer,
                                  .dead_letters = state.dead_expired + state.dead_queue_full + state.dead_removed,
                                  .rolled_up = state.rolled_up,
                                  .failing_since_unix = state.failing_since, .next_try_unix = state.next_try,
                                  .last_delivered_unix = state.last_delivered, .last_error = state.last_error});
    }
    const auto owners = recent_owners_.state();
    made.processes = {owners.traces, owners.problem, owners.sockets, owners.events, owners.lost};
    const auto journal = journal_->state();
    made.journal = {configuration_.journal.path, journal.durable, journal.problem, journal.entries, journal.used_bytes,
                    configuration_.journal.size_bytes, journal.commits, journal.unsaved, journal.queued};
    for (const auto& letter : dead_letters_) made.dead_letters.push_back({letter.receiver, letter.alert_id, letter.why, letter.at_unix});
    return made;
}

std::string App::rules_json() { return rules_as_json(configuration_); }

void App::flows_json(const TableQuery& query, JsonReply reply) {
    engine_->ask_flows(most_flows_asked, [this, query, reply](std::vector<FlowRecord> flows) {
        boost::asio::post(io_, [this, query, reply, flows = std::move(flows)] {
            std::vector<std::string> rows;
            std::size_t total = 0;
            look_at_sockets();
            for (const auto& flow : flows) {
                if (query.address && flow.client.ip.text() != *query.address && flow.server.ip.text() != *query.address) continue;
                if (++total <= query.limit) rows.push_back(flow_json(flow, source_->inputs(), flow_owner(flow)));
            }
            reply(list_json("flows", rows, total));
        });
    });
}

void App::hosts_json(const TableQuery& query, JsonReply reply) {
    engine_->ask_hosts(configuration_.limits.hosts, [this, query, reply](std::vector<HostView> hosts) {
        boost::asio::post(io_, [query, reply, hosts = std::move(hosts)] {
            std::vector<std::string> rows;
            std::size_t total = 0;
            for (const auto& host : hosts) {
                if (query.address && host.address.text() != *query.address) continue;
                if (++total <= query.limit) rows.push_back(host_json(host));
            }
            reply(list_json("hosts", rows, total));
        });
    });
}

}  // namespace wiresage
