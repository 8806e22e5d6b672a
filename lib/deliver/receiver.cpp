// Who gets alerts.

#include "deliver/receiver.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.hpp"
#include "base/secret.hpp"
#include "deliver/signature.hpp"

namespace wiresage {

namespace {

template <typename T>
bool among(const std::vector<T>& wanted, const T& value) {
    return wanted.empty() || std::ranges::find(wanted, value) != wanted.end();
}

ReceiverOptions receiver_of(const ReceiverSettings& settings) {
    const auto refuse = [&](const std::string& why) {
        return StartupError{StartupError::Kind::configuration, "alerting.receivers: " + settings.name + ": " + why};
    };
    if (settings.type != ReceiverType::webhook || settings.body != WebhookBody::document) {
        throw refuse("only type webhook with the alert document as its body can be served yet");
    }
    if (settings.urls.size() != 1) throw refuse("a webhook has exactly one url");
    ReceiverOptions options{settings, {}};
    if (settings.secret_file.empty()) return options;
    options.secret = read_secret(settings.secret_file);
    if (!signing_key(options.secret)) throw refuse(settings.secret_file + " begins with whsec_, but no base64 follows");
    return options;
}

}  // namespace

std::vector<ReceiverOptions> receivers_of(const std::vector<ReceiverSettings>& settings) {
    std::vector<ReceiverOptions> receivers;
    std::ranges::transform(settings, std::back_inserter(receivers), receiver_of);
    return receivers;
}

bool takes(const ReceiverSettings& receiver, const Delivery& delivery) {
    return delivery.about_receiver != receiver.name && among(receiver.match.rules, delivery.rule) &&
           among(receiver.match.severities, delivery.severity) && among(receiver.match.urgencies, delivery.urgency);
}

Delivery delivery_of(const Alert& alert, std::string document) {
    Delivery delivery;
    delivery.alert_id = alert.id;
    // Nothing but what the document itself holds: the same after a restart, another for each document.
    delivery.webhook_id = fmt::format("{}-{}-{}", alert.id, name(alert.state), unix_nanoseconds(alert.time));
    delivery.rule = alert.rule_id;
    delivery.severity = alert.severity;
    delivery.urgency = alert.finding.urgency;
    delivery.document = std::move(document);
    return delivery;
}

}  // namespace wiresage
