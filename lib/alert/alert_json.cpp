// The one place an alert becomes JSON (contract, "The alert document").

#include <nlohmann/json.hpp>

#include "alert/alert.hpp"
#include "alert/community_id.hpp"
#include "base/log.hpp"

namespace wiresage {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t most_text_bytes = 1024;

constexpr int number(Severity severity) { return 25 * (static_cast<int>(severity) + 1); }

Json text(std::string_view value) { return printable(value, most_text_bytes); }

Json value_json(const EvidenceValue& value) {
    return std::visit(
        [](const auto& held) -> Json {
            using T = std::decay_t<decltype(held)>;
            if constexpr (std::is_same_v<T, std::string>) return text(held);
            if constexpr (std::is_same_v<T, std::vector<std::string>>) {
                Json list = Json::array();
                for (const auto& entry : held) list.push_back(text(entry));
                return list;
            }
            return held;
        },
        value);
}

Json evidence_json(const Evidence& evidence) {
    Json made = Json::object();
    for (const auto& item : evidence.items()) made[std::string{item.key}] = value_json(item.value);
    for (const auto& [key, total] : evidence.totals()) made[key] = total;
    return made;
}

Json end_json(const End& end) {
    Json made = Json::object();
    if (end.ip) made["ip"] = end.ip->text();
    if (end.port) made["port"] = *end.port;
    if (!end.domain.empty()) made["domain"] = text(end.domain);
    if (end.mac && !end.mac->is_zero()) made["mac"] = end.mac->text();
    return made;
}

std::string_view transport_name(Transport transport) {
    switch (transport) {
        case Transport::tcp: return "tcp";
        case Transport::udp: return "udp";
        case Transport::icmp: return "icmp";
        case Transport::sctp: return "sctp";
        case Transport::none: break;
    }
    return {};
}

std::uint8_t protocol_number(Transport transport) {
    return transport == Transport::tcp ? 6 : transport == Transport::udp ? 17 : transport == Transport::sctp ? 132 : 0;
}

Json network_json(const Finding& finding) {
    Json made = Json::object();
    if (finding.transport == Transport::none) return made;
    const auto& [source, destination] = std::tie(finding.source, finding.destination);
    const bool v6 = (source.ip && !source.ip->is_v4()) || (destination.ip && !destination.ip->is_v4());
    made["transport"] = finding.transport == Transport::icmp && v6 ? "ipv6-icmp" : transport_name(finding.transport);
    if (source.ip && destination.ip) made["type"] = v6 ? "ipv6" : "ipv4";
    const auto protocol = protocol_number(finding.transport);
    if (protocol != 0 && source.ip && source.port && destination.ip && destination.port) {
        made["community_id"] = community_id(protocol, {*source.ip, *source.port}, {*destination.ip, *destination.port});
    }
    return made;
}

Json observer_json(const Finding& finding, const ObserverView& observer) {
    Json made = {{"name", text(observer.name)}, {"product", "wiresage"}, {"version", observer.version}};
    Json ingress = Json::object();
    if (finding.input < observer.inputs.size() && !observer.inputs[finding.input].interface.empty()) {
        ingress["interface"]["name"] = text(observer.inputs[finding.input].interface);
    }
    if (finding.vlan != 0) ingress["vlan"]["id"] = std::to_string(finding.vlan);
    if (!ingress.empty()) made["ingress"] = ingress;
    return made;
}

Json packets_json(const Finding& finding, const ObserverView& observer) {
    Json list = Json::array();
    for (const auto& packet : finding.packets) {
        if (packet.input >= observer.inputs.size()) continue;
        const auto& input = observer.inputs[packet.input];
        if (input.file.empty()) {
            list.push_back({{"interface", text(input.interface)}, {"number", packet.frame}});
        } else {
            list.push_back({{"input", text(input.file)}, {"frame", packet.frame}});
        }
    }
    return list;
}

Json impact_json(const Impact& impact) {
    Json made = {{"flows", impact.flows}, {"peers", impact.peers}};
    if (impact.share_of_service) made["share_of_service"] = *impact.share_of_service;
    return made;
}

Json own_json(const Alert& alert, const ObserverView& observer) {
    const auto& finding = alert.finding;
    Json made;
    made["severity"] = name(alert.severity);
    made["state"] = name(alert.state);
    made["entity"] = text(finding.entity);
    made["evidence"] = evidence_json(finding.evidence);
    made["threshold"] = Json::object();
    for (const auto& [key, value] : finding.threshold) {
        std::visit([&, k = std::string{key}](auto held) { made["threshold"][k] = held; }, value);
    }
    made["window_s"] = finding.window_seconds;
    made["confidence"] = name(finding.confidence);
    made["capture"] = {{"dropped_ratio", alert.dropped_ratio}};
    made["cause"] = text(finding.cause);
    made["next_steps"] = Json::array();
    for (const auto& step : finding.next_steps) made["next_steps"].push_back(text(step));
    if (!finding.unknowable.empty()) made["unknowable"] = text(finding.unknowable);
    if (!finding.wireshark_filter.empty()) made["wireshark_filter"] = text(finding.wireshark_filter);
    made["impact"] = impact_json(finding.impact);
    made["urgency"] = name(finding.urgency);
    made["caused_by"] = alert.caused_by.empty() ? Json(nullptr) : Json(alert.caused_by);
    if (!finding.packets.empty()) made["packets"] = packets_json(finding, observer);
    return made;
}

void add_process(Json& document, const ProcessView& process) {
    if (process.pid) document["process"]["pid"] = *process.pid;
    if (!process.name.empty()) document["process"]["name"] = text(process.name);
    if (process.uid) document["user"]["id"] = std::to_string(*process.uid);
    if (!process.user.empty()) document["user"]["name"] = text(process.user);
    if (!process.unit.empty()) document["service"]["name"] = text(process.unit);
    if (!process.container.empty()) document["container"]["id"] = text(process.container);
}

}  // namespace

std::string alert_json(const Alert& alert, const ObserverView& observer) {
    const auto& finding = alert.finding;
    Json document;
    document["@timestamp"] = rfc3339(alert.stamp);
    document["ecs"] = {{"version", "8.17.0"}};
    document["message"] = text(finding.message);
    if (!observer.labels.empty()) {
        for (const auto& [key, value] : observer.labels) document["labels"][printable(key)] = text(value);
    }
    document["event"] = {{"kind", "alert"},      {"module", "wiresage"},
                         {"dataset", "wiresage.alert"}, {"id", alert.id},
                         {"action", name(alert.state)}, {"severity", number(alert.severity)},
                         {"start", rfc3339(finding.start_stamp)}};
    document["rule"] = {{"id", alert.rule_id}, {"name", alert.rule_name}, {"category", alert.category}};
    document["observer"] = observer_json(finding, observer);
    if (auto source = end_json(finding.source); !source.empty()) document["source"] = source;
    if (auto destination = end_json(finding.destination); !destination.empty()) document["destination"] = destination;
    if (auto network = network_json(finding); !network.empty()) document["network"] = network;
    add_process(document, alert.process);
    document["wiresage"] = own_json(alert, observer);
    return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace wiresage
