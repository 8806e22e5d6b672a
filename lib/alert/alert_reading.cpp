// An alert back from its document: what an earlier run of the daemon left firing.

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <chrono>
#include <nlohmann/json.hpp>

#include "alert/alert.hpp"

namespace wiresage {

namespace {

using Json = nlohmann::json;

/// A value at a path of keys, or null.
const Json& at(const Json& document, std::initializer_list<const char*> keys) {
    static const Json nothing;
    const auto* here = &document;
    for (const char* key : keys) {
        const auto found = here->is_object() ? here->find(key) : here->end();
        if (!here->is_object() || found == here->end()) return nothing;
        here = &*found;
    }
    return *here;
}

std::string text(const Json& value) { return value.is_string() ? value.get<std::string>() : std::string{}; }

std::int64_t whole(const Json& value) { return value.is_number() ? value.get<std::int64_t>() : 0; }

/// Our own form only: "2012-05-01T14:44:32.157000000Z".
std::optional<EventTime> moment(const std::string& stamp) {
    constexpr std::array<std::size_t, 7> begins{0, 5, 8, 11, 14, 17, 20};
    constexpr std::array<std::size_t, 7> lengths{4, 2, 2, 2, 2, 2, 9};
    std::array<int, 7> parts{};
    if (stamp.size() != 30) return {};
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto* const begin = stamp.data() + begins[i];
        if (std::from_chars(begin, begin + lengths[i], parts[i]).ptr != begin + lengths[i]) return {};
    }
    using namespace std::chrono;
    const year_month_day day{year{parts[0]}, month{static_cast<unsigned>(parts[1])},
                             std::chrono::day{static_cast<unsigned>(parts[2])}};
    if (!day.ok() || parts[0] < 1970 || parts[0] > 2261) return {};
    return EventTime{sys_days{day}.time_since_epoch() + hours{parts[3]} + minutes{parts[4]} +
                     std::chrono::seconds{parts[5]} + nanoseconds{parts[6]}};
}

std::optional<MacAddress> mac_of(const std::string& given) {
    MacAddress made;
    if (given.size() != 17) return {};
    for (std::size_t i = 0; i < 6; ++i) {
        const auto* const begin = given.data() + 3 * i;
        if (std::from_chars(begin, begin + 2, made.bytes[i], 16).ptr != begin + 2) return {};
    }
    return made;
}

End end_of(const Json& side) {
    End end;
    end.ip = Address::parse(text(at(side, {"ip"})));
    if (const auto& port = at(side, {"port"}); port.is_number()) end.port = static_cast<std::uint16_t>(whole(port));
    end.mac = mac_of(text(at(side, {"mac"})));
    return end;
}

Transport transport_of(const std::string& name) {
    if (name == "tcp") return Transport::tcp;
    if (name == "udp") return Transport::udp;
    if (name == "sctp") return Transport::sctp;
    return name == "icmp" || name == "ipv6-icmp" ? Transport::icmp : Transport::none;
}

template <typename T>
T by_name(const std::string& given, std::initializer_list<T> values, T otherwise) {
    for (const auto value : values) {
        if (name(value) == given) return value;
    }
    return otherwise;
}

void read_list(Evidence& evidence, std::string_view key, const Json& list, std::int64_t total) {
    std::vector<std::int64_t> numbers;
    std::vector<std::string> texts;
    for (const auto& entry : list) {
        if (entry.is_number()) numbers.push_back(whole(entry));
        if (entry.is_string()) texts.push_back(text(entry));
    }
    const auto all = static_cast<std::uint64_t>(std::max<std::int64_t>(total, 0));
    if (numbers.empty()) {
        evidence.set(key, std::move(texts), all);
    } else {
        evidence.set(key, std::move(numbers), all);
    }
}

/// The documents' order is the rule's: nlohmann::ordered_json keeps it.
void read_evidence(Evidence& evidence, const nlohmann::ordered_json& held, std::deque<std::string>& names) {
    if (!held.is_object()) return;
    for (const auto& [key, value] : held.items()) {
        constexpr std::string_view total = "_total";
        if (key.ends_with(total) && held.contains(key.substr(0, key.size() - total.size()))) continue;
        const std::string_view name = names.emplace_back(key);
        if (value.is_boolean()) evidence.set(name, value.get<bool>());
        if (value.is_number_integer()) evidence.set(name, value.get<std::int64_t>());
        if (value.is_number_float()) evidence.set(name, value.get<double>());
        if (value.is_string()) evidence.set(name, value.get<std::string>());
        if (value.is_array()) read_list(evidence, name, value, held.value(key + "_total", std::int64_t{0}));
    }
}

std::uint16_t input_named(const ObserverView& observer, const std::string& interface) {
    for (std::size_t i = 0; i < observer.inputs.size(); ++i) {
        if (observer.inputs[i].interface == interface) return static_cast<std::uint16_t>(i);
    }
    return 0;
}

void read_own(Alert& alert, const Json& own) {
    auto& finding = alert.finding;
    finding.entity = text(at(own, {"entity"}));
    finding.confidence = by_name(text(at(own, {"confidence"})), {Confidence::low, Confidence::medium, Confidence::high},
                                 Confidence::low);
    finding.urgency =
        by_name(text(at(own, {"urgency"})), {Urgency::note, Urgency::ticket, Urgency::page}, Urgency::note);
    finding.impact.flows = whole(at(own, {"impact", "flows"}));
    finding.impact.peers = whole(at(own, {"impact", "peers"}));
    if (const auto& share = at(own, {"impact", "share_of_service"}); share.is_number())
        finding.impact.share_of_service = share.get<double>();
    finding.cause = text(at(own, {"cause"}));
    finding.unknowable = text(at(own, {"unknowable"}));
    finding.wireshark_filter = text(at(own, {"wireshark_filter"}));
    if (const auto& window = at(own, {"window_s"}); window.is_number()) finding.window_seconds = window.get<double>();
    for (const auto& step : at(own, {"next_steps"})) finding.next_steps.push_back(text(step));
    if (const auto& lost = at(own, {"capture", "dropped_ratio"}); lost.is_number())
        alert.dropped_ratio = lost.get<double>();
    alert.caused_by = text(at(own, {"caused_by"}));
}

void read_threshold(Finding& finding, const nlohmann::ordered_json& held, std::deque<std::string>& names) {
    if (!held.is_object()) return;
    for (const auto& [key, value] : held.items()) {
        if (value.is_number_float()) {
            finding.threshold.emplace_back(names.emplace_back(key), value.get<double>());
        } else if (value.is_number()) {
            finding.threshold.emplace_back(names.emplace_back(key), value.get<std::int64_t>());
        }
    }
}

}  // namespace

std::optional<Alert> alert_of_json(const std::string& document, const ObserverView& observer) {
    const auto ordered = nlohmann::ordered_json::parse(document, nullptr, false);
    const Json read = Json::parse(document, nullptr, false);
    if (!read.is_object()) return {};
    const auto severity = parse_severity(text(at(read, {"wiresage", "severity"})));
    const auto stamp = moment(text(at(read, {"@timestamp"})));
    const auto start = moment(text(at(read, {"event", "start"})));
    Alert alert;
    alert.id = text(at(read, {"event", "id"}));
    alert.rule_id = text(at(read, {"rule", "id"}));
    if (!severity || !stamp || !start || alert.id.empty() || alert.rule_id.empty()) return {};
    alert.rule_name = text(at(read, {"rule", "name"}));
    alert.category = text(at(read, {"rule", "category"}));
    alert.state = by_name(text(at(read, {"event", "action"})),
                          {AlertState::firing, AlertState::update, AlertState::resolved}, AlertState::firing);
    alert.severity = *severity;
    alert.time = alert.stamp = *stamp;
    auto& finding = alert.finding;
    finding.message = text(at(read, {"message"}));
    finding.start = finding.start_stamp = *start;
    finding.source = end_of(at(read, {"source"}));
    finding.destination = end_of(at(read, {"destination"}));
    finding.transport = transport_of(text(at(read, {"network", "transport"})));
    finding.input = input_named(observer, text(at(read, {"observer", "ingress", "interface", "name"})));
    const auto vlan = text(at(read, {"observer", "ingress", "vlan", "id"}));
    std::from_chars(vlan.data(), vlan.data() + vlan.size(), finding.vlan);
    if (const auto& pid = at(read, {"process", "pid"}); pid.is_number())
        alert.process.pid = static_cast<std::int32_t>(whole(pid));
    alert.process.name = text(at(read, {"process", "name"}));
    alert.process.unit = text(at(read, {"service", "name"}));
    alert.process.container = text(at(read, {"container", "id"}));
    read_own(alert, at(read, {"wiresage"}));
    const auto names = std::make_shared<std::deque<std::string>>();
    const auto own = ordered.find("wiresage");
    if (own != ordered.end() && own->contains("evidence")) read_evidence(finding.evidence, (*own)["evidence"], *names);
    if (own != ordered.end() && own->contains("threshold")) read_threshold(finding, (*own)["threshold"], *names);
    alert.names = names;
    return alert;
}

}  // namespace wiresage
