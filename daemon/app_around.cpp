// One alert and what an engineer looks at next: its history, its flows, its hosts, what else fires, the interface.

#include <boost/asio/post.hpp>

#include <memory>
#include <nlohmann/json.hpp>

#include "daemon/app.hpp"
#include "daemon/read_output.hpp"
#include "daemon/rules_json.hpp"

namespace wiresage {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t most_flows_asked = 20'000;
constexpr std::size_t most_flows_shown = 50;
constexpr std::size_t most_history = 50;
constexpr std::size_t most_others = 20;

std::string dumped(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string text_at(const Json& document, const char* pointer) {
    const Json::json_pointer where{pointer};
    return document.contains(where) && document.at(where).is_string() ? document.at(where).get<std::string>() : std::string{};
}

bool names(const Json& document, const std::string& address) {
    return !address.empty() && (text_at(document, "/source/ip") == address || text_at(document, "/destination/ip") == address);
}

/// What all answers about one alert are gathered in.  The main thread's only.
struct Picture {
    int waiting = 2;  ///< Answers that have not come yet: flows and hosts.
    Json document;
    std::string source, destination;
    Json history = Json::array(), flows = Json::array();
    std::size_t flows_total = 0;
    Json others = Json::array(), interface, hosts = Json::array();
    AnswerReply reply;

    /// One answer has come; the last one replies.
    void came() {
        if (--waiting > 0) return;
        auto& own = document["wiresage"];
        own["history"] = std::move(history);
        own["around"] = {{"flows", std::move(flows)}, {"flows_total", flows_total}, {"hosts", std::move(hosts)},
                         {"also_firing", std::move(others)}, {"interface", std::move(interface)}};
        own["rule_page"] = "/api/v1/rules";
        reply(200, dumped(document));
    }
};

Json brief(const StoredAlert& alert, const Json& document) {
    return {{"id", alert.id}, {"rule", alert.rule}, {"severity", name(alert.severity)}, {"message", text_at(document, "/message")},
            {"since", text_at(document, "/event/start")}};
}

}  // namespace

bool App::older_alerts(const AlertQuery& query, AlertsReply reply) {
    if (!journal_->state().durable) return false;
    LedgerQuery wanted{query.rules, query.severities, query.states, query.source, query.since, query.before.value_or(0), query.limit};
    journal_->ask([this, wanted, reply](Ledger& ledger) {
        auto found = ledger.find(wanted);
        boost::asio::post(io_, [wanted, reply, found = std::move(found)]() mutable {
            std::vector<std::string> documents;
            for (auto& entry : found) documents.push_back(std::move(entry.document));
            const bool is_full = !found.empty() && found.size() == wanted.limit;
            reply(std::move(documents), is_full ? std::optional{found.back().number} : std::optional<std::uint64_t>{});
        });
    });
    return true;
}

void App::one_alert(const std::string& id, const StoredAlert* known, AnswerReply reply) {
    journal_->ask([this, id, reply, document = known ? known->document : std::string{}](Ledger& ledger) {
        auto history = ledger.is_open() ? ledger.history(id, most_history) : std::vector<JournalEntry>{};
        boost::asio::post(io_, [this, reply, document, history = std::move(history)] { show_around(document, history, reply); });
    });
}

void App::show_around(const std::string& known, const std::vector<JournalEntry>& history, const AnswerReply& reply) {
    if (known.empty() && history.empty()) return reply(404, "No alert of this id is known (any more).");
    const auto picture = std::make_shared<Picture>();
    picture->document = Json::parse(known.empty() ? history.front().document : known, nullptr, false);
    picture->reply = reply;
    picture->source = text_at(picture->document, "/source/ip");
    picture->destination = text_at(picture->document, "/destination/ip");
    for (const auto& entry : history) {
        picture->history.push_back({{"@timestamp", rfc3339(entry.stamp)}, {"state", name(entry.state)}, {"severity", name(entry.severity)},
                                    {"message", text_at(Json::parse(entry.document, nullptr, false), "/message")}});
    }
    AlertQuery firing;
    firing.states = {AlertState::firing};
    firing.limit = 500;
    const auto own_id = text_at(picture->document, "/event/id");
    for (const auto* other : store_.select(firing).alerts) {
        if (other->id == own_id || picture->others.size() >= most_others) continue;
        const auto document = Json::parse(other->document, nullptr, false);
        if (names(document, picture->source) || names(document, picture->destination)) picture->others.push_back(brief(*other, document));
    }
    const auto interface = text_at(picture->document, "/observer/ingress/interface/name");
    for (const auto& each : source_->status()) {
        if (each.name != interface) continue;
        picture->interface = {{"name", each.name}, {"state", state_name(each.state)}, {"packets", each.loss.captured},
                              {"dropped_kernel", each.loss.kernel_dropped}, {"dropped_interface", each.loss.interface_dropped},
                              {"dropped_ring", ring_drops_of(engine_->dispatcher_stats(), source_->inputs(), each.name)}};
    }
    engine_->ask_flows(most_flows_asked, [this, picture](std::vector<FlowRecord> flows) {
        boost::asio::post(io_, [this, picture, flows = std::move(flows)] {
            look_at_sockets();
            for (const auto& flow : flows) {
                const auto client = flow.client.ip.text(), server = flow.server.ip.text();
                const auto has = [&](const std::string& address) { return address.empty() || client == address || server == address; };
                if ((picture->source.empty() && picture->destination.empty()) || !has(picture->source) || !has(picture->destination)) continue;
                if (++picture->flows_total <= most_flows_shown) picture->flows.push_back(Json::parse(flow_json(flow, source_->inputs(), flow_owner(flow))));
            }
            picture->came();
        });
    });
    engine_->ask_hosts(configuration_.limits.hosts, [this, picture](std::vector<HostView> hosts) {
        boost::asio::post(io_, [picture, hosts = std::move(hosts)] {
            for (const auto& host : hosts) {
                const auto address = host.address.text();
                if (address == picture->source || address == picture->destination) picture->hosts.push_back(Json::parse(host_json(host)));
            }
            picture->came();
        });
    });
}

}  // namespace wiresage
