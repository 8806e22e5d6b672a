// A marked test alert to one receiver.

#include <curl/curl.h>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "deliver/courier.hpp"
#include "deliver/receivers.hpp"
#include "deliver/transfer.hpp"

namespace wiresage {

namespace {

constexpr std::string_view test_rule = "test";

/// An alert like any other, but for its rule, its entity and the tag "test".
Alert test_alert(const std::string& receiver, std::int64_t unix_now, const std::string& observer_name) {
    Alert alert;
    alert.id = alert_id(test_rule, receiver, observer_name);
    alert.rule_id = test_rule;
    alert.rule_name = "Test alert";
    alert.category = "test";
    alert.severity = Severity::info;
    alert.time = alert.stamp = EventTime{std::chrono::seconds{unix_now}};
    alert.finding.entity = receiver;
    alert.finding.start = alert.finding.start_stamp = alert.time;
    alert.finding.message = "This is a test alert for the receiver " + receiver + "; nothing is wrong";
    alert.finding.cause = "Somebody ran wiresage test-receiver.";
    return alert;
}

}  // namespace

TestAnswer test_receiver(const ReceiverOptions& receiver, const DeliverClocks& clocks,
                         const std::string& observer_name) {
    const CurlLibrary library;
    const auto now = clocks.unix_seconds();
    const auto alert = test_alert(receiver.settings.name, now, observer_name);
    ObserverView observer;
    observer.name = observer_name;
    observer.version = WIRESAGE_VERSION;
    auto document = nlohmann::ordered_json::parse(alert_json(alert, observer), nullptr, false);
    document["tags"] = {"test"};
    using Json = nlohmann::ordered_json;
    const auto delivery = std::make_shared<const Delivery>(
        delivery_of(alert, document.dump(-1, ' ', false, Json::error_handler_t::replace)));

    if (is_local(receiver.settings.type)) {
        const auto result = LocalWriter{}.write(receiver, *delivery);
        return {result.kind == TryResult::Kind::delivered, result.error, {}, {}};
    }
    Courier courier{receiver, {}, 0};
    courier.hold_open(*delivery, now, receiver.settings.match.labels);
    const Transfer transfer{receiver, courier.request(*delivery, now)};
    const auto result = transfer.result(curl_easy_perform(transfer.handle()));
    return {result.kind == TryResult::Kind::delivered, result.error, transfer.head(), transfer.body()};
}

}  // namespace wiresage
