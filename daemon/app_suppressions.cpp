// Suppressions: those of the configuration and those set through the API; what they hide, and when they end.

#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "daemon/app.hpp"
#include "daemon/setup.hpp"
#include "rules/registry.hpp"
#include "serve/alert_query.hpp"

namespace wiresage {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t most_suppressions = 1'000;
constexpr std::size_t most_text_bytes = 1'024;
constexpr std::size_t most_listed = 100;
constexpr std::chrono::hours looked_back{24};

EventTime wall_as_event() { return EventTime{std::chrono::seconds{std::time(nullptr)}}; }

std::string dumped(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

Json suppression_json(const Suppression& entry) {
    Json made{{"id", entry.id}};
    if (!entry.rule.empty()) made["rule"] = entry.rule;
    if (entry.source) made["source"] = entry.source->text();
    if (entry.destination) made["destination"] = entry.destination->text();
    if (entry.port) made["port"] = *entry.port;
    made["owner"] = printable(entry.owner, most_text_bytes);
    made["reason"] = printable(entry.reason, most_text_bytes);
    made["until"] = entry.until ? Json(rfc3339(*entry.until)) : Json();
    return made;
}

/// What is wrong with one member, a sentence; empty: nothing.
std::string read_member(const std::string& key, const Json& value, Suppression& into) {
    const auto text = value.is_string() ? value.get<std::string>() : std::string{};
    const bool fits = !text.empty() && text.size() <= most_text_bytes;
    if (key == "rule") {
        const auto rules = all_rules();
        into.rule = text;
        if (std::ranges::none_of(rules, [&](const auto* rule) { return rule->about->id == text; })) return "rule is none of /api/v1/rules";
    } else if (key == "source" || key == "destination") {
        auto& network = key == "source" ? into.source : into.destination;
        network = Network::parse(text);
        if (!network) return key + " is an address or a network, such as 10.0.0.1 or 10.0.0.0/8";
    } else if (key == "port") {
        if (!value.is_number_unsigned() || value.get<std::uint64_t>() == 0 || value.get<std::uint64_t>() > 65'535) return "port is 1 to 65535";
        into.port = value.get<std::uint16_t>();
    } else if (key == "owner" || key == "reason") {
        (key == "owner" ? into.owner : into.reason) = text;
        if (!fits) return key + " is a text of at most 1024 bytes";
    } else if (key == "until") {
        into.until = parse_time(text);
        if (!into.until) return "until is RFC 3339, such as 2026-05-01T18:00:00Z";
    } else if (key != "id") {
        return "there is no member " + printable(key, 64) + "; there are rule, source, destination, port, owner, reason, until";
    }
    return {};
}

/// The suppression, or what is wrong with the text.
std::string read_suppression(const std::string& body, Suppression& into, bool for_good) {
    const auto read = Json::parse(body, nullptr, false);
    if (!read.is_object()) return "send one JSON object with rule, source, destination, port, owner, reason, until";
    for (const auto& [key, value] : read.items()) {
        if (auto wrong = read_member(key, value, into); !wrong.empty()) return wrong;
    }
    if (into.rule.empty() && !into.source && !into.destination && !into.port) {
        return "this would hide every alert; give at least one of rule, source, destination, port";
    }
    if (!for_good) return {};
    if (into.owner.empty() || into.reason.empty()) return "give owner and reason: somebody will ask";
    if (!into.until || *into.until <= wall_as_event()) return "give until, a time to come: what is hidden must come back";
    return {};
}

std::optional<Address> address_at(const Json& document, const char* side) {
    const Json::json_pointer where{std::string{"/"} + side + "/ip"};
    return document.contains(where) ? Address::parse(document.at(where).get<std::string>()) : std::optional<Address>{};
}

End end_at(const Json& document, const char* side) {
    End end;
    end.ip = address_at(document, side);
    const Json::json_pointer port{std::string{"/"} + side + "/port"};
    if (document.contains(port)) end.port = document.at(port).get<std::uint16_t>();
    return end;
}

/// What the last day's documents would have been without it.
std::string dry_run_json(Ledger& ledger, const Suppression& entry, EventTime now) {
    std::uint64_t documents = 0, looked_at = 0;
    std::set<std::string> alerts;
    ledger.scan_since(now - looked_back, [&](const JournalEntry& each) {
        ++looked_at;
        if (!entry.rule.empty() && entry.rule != each.rule) return true;
        const auto document = Json::parse(each.document, nullptr, false);
        if (!document.is_object() || !entry.hides(each.rule, end_at(document, "source"), end_at(document, "destination"), each.stamp)) return true;
        ++documents;
        alerts.insert(each.alert_id);
        return true;
    });
    Json list = Json::array();
    for (const auto& id : alerts) {
        if (list.size() < most_listed) list.push_back(id);
    }
    return dumped({{"hours", looked_back.count()}, {"documents", looked_at}, {"would_have_hidden", {{"documents", documents}, {"alerts", alerts.size()}}}, {"alerts", list}});
}

}  // namespace

CorrelatorOptions App::wanted_correlator() const {
    auto options = correlator_options(configuration_, observer_name_);
    options.gate.input_name = [this](std::uint16_t input) { return input_name(source_->inputs(), input); };
    for (std::size_t i = 0; i < options.gate.suppress.size(); ++i) options.gate.suppress[i].id = fmt::format("configuration-{}", i);
    options.gate.suppress.insert(options.gate.suppress.end(), suppressions_.begin(), suppressions_.end());
    return options;
}

void App::restore_suppressions() {
    for (const auto& note : journal_->notes()) {
        Suppression entry;
        if (!read_suppression(note.text, entry, false).empty()) continue;
        entry.id = note.name;
        suppressions_.push_back(std::move(entry));
    }
}

std::string App::suppressions_json() {
    const auto counts = engine_->stats().correlator.gate.suppressed_by;
    const auto now = wall_as_event();
    Json list = Json::array();
    const auto add = [&](const Suppression& entry, const std::string& id, const char* set_by) {
        auto made = suppression_json(entry);
        const auto count = counts.find(id);
        made["id"] = id;
        made["set_by"] = set_by;
        made["active"] = !entry.until || now < *entry.until;
        made["hidden"] = count == counts.end() ? 0 : count->second;
        list.push_back(std::move(made));
    };
    const auto& configured = configuration_.alerting.suppress;
    for (std::size_t i = 0; i < configured.size(); ++i) add(configured[i], fmt::format("configuration-{}", i), "configuration");
    for (const auto& entry : suppressions_) add(entry, entry.id, "api");
    return dumped({{"suppressions", list}});
}

void App::suppress(const std::string& body, bool dry_run, AnswerReply reply) {
    Suppression entry;
    if (const auto wrong = read_suppression(body, entry, !dry_run); !wrong.empty()) return reply(422, wrong);
    if (dry_run) {
        entry.until.reset();
        journal_->ask([this, entry, reply](Ledger& ledger) {
            const auto answer = ledger.is_open() ? dry_run_json(ledger, entry, wall_as_event()) : std::string{};
            boost::asio::post(io_, [reply, answer] {
                answer.empty() ? reply(503, "The journal is not there to be looked into.") : reply(200, answer);
            });
        });
        return;
    }
    if (suppressions_.size() >= most_suppressions) return reply(409, "There are 1000 suppressions already; delete some.");
    const auto text = dumped(suppression_json(entry));
    entry.id = alert_id("suppression", text, observer_name_);
    if (std::ranges::none_of(suppressions_, [&](const auto& other) { return other.id == entry.id; })) suppressions_.push_back(entry);
    journal_->note({"suppression", entry.id, dumped(suppression_json(entry))});
    engine_->reconfigure(wanted_correlator());
    log_.info("suppression set", {{"id", entry.id}, {"owner", entry.owner}, {"reason", entry.reason}});
    reply(201, dumped(suppression_json(entry)));
}

void App::unsuppress(const std::string& id, AnswerReply reply) {
    const auto found = std::ranges::find(suppressions_, id, &Suppression::id);
    if (found == suppressions_.end()) {
        return reply(404, id.starts_with("configuration-") ? "This one stands in the configuration: take it out there and reload."
                                                           : "There is no suppression of this id.");
    }
    suppressions_.erase(found);
    journal_->note({"suppression", id, {}});
    engine_->reconfigure(wanted_correlator());
    log_.info("suppression deleted", {{"id", id}});
    reply(200, dumped({{"deleted", id}}));
}

void App::expire_suppressions() {
    const auto now = wall_as_event();
    const auto gone = std::erase_if(suppressions_, [&](const Suppression& entry) {
        if (!entry.until || now < *entry.until) return false;
        journal_->note({"suppression", entry.id, {}});
        log_.info("suppression ended", {{"id", entry.id}, {"owner", entry.owner}});
        return true;
    });
    if (gone > 0) engine_->reconfigure(wanted_correlator());
}

}  // namespace wiresage
