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
    ReceiverOptions options{settings, {}};
    if (settings.secret_file.empty()) return options;
    options.secret = read_secret(settings.secret_file);
    if (settings.type == ReceiverType::webhook && !signing_key(options.secret)) {
        throw refuse(settings.secret_file + " begins with whsec_, but no base64 follows");
    }
    const bool is_address = settings.type == ReceiverType::slack || settings.type == ReceiverType::msteams;
    if (is_address && settings.urls.empty()) {  // Their addresses are secrets themselves.
        if (!options.secret.starts_with("https://") && !options.secret.starts_with("http://")) {
            throw refuse(settings.secret_file + " should hold the address to post to");
        }
        options.settings.urls = {options.secret};
    }
    return options;
}

}  // namespace

std::vector<ReceiverOptions> receivers_of(const std::vector<ReceiverSettings>& settings) {
    std::vector<ReceiverOptions> receivers;
    for (const auto& each : settings) {
        auto made = receiver_of(each);
        const auto members = made.settings.urls;
        if (members.size() < 2) {
            receivers.push_back(std::move(made));
            continue;
        }
        for (const auto& member : members) {
            made.settings.urls = {member};
            made.member = member;
            receivers.push_back(made);
        }
    }
    return receivers;
}

std::string progress_key(const ReceiverOptions& receiver) {
    return receiver.member.empty() ? receiver.settings.name : receiver.settings.name + " " + receiver.member;
}

bool keeps_alerts_open(ReceiverType type) noexcept {
    return type == ReceiverType::alertmanager || type == ReceiverType::pagerduty;
}

bool takes(const ReceiverSettings& receiver, const Delivery& delivery) {
    return delivery.about_receiver != receiver.name && delivery.about_receiver != no_receiver &&
           among(receiver.match.rules, delivery.rule) &&
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
    delivery.state = alert.state;
    delivery.document = std::move(document);
    return delivery;
}

}  // namespace wiresage
