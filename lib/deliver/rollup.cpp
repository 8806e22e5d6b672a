// What is too much for a receiver.

#include "deliver/rollup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace wiresage {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view plural(std::uint64_t count) { return count == 1 ? "" : "s"; }

/// The part of another document, or null.
Json part_of(const Json& document, const char* key) {
    if (!document.is_object() || !document.contains(key)) return nullptr;
    return document[key];
}

}  // namespace

bool Allowance::has(std::chrono::milliseconds now) {
    const auto most = per_minute_ * 60'000;
    left_ = std::min(most, left_ + std::max<std::int64_t>((now - seen_).count(), 0) * per_minute_);
    seen_ = now;
    return left_ >= 60'000;
}

void RollUps::set(std::uint32_t per_minute) {
    per_minute_ = per_minute;
    all_.set(per_minute);
    for (auto& [rule, storm] : storms_) storm.allowance.set(std::max(1U, per_minute / 2));
}

void RollUps::told(const std::string& alert_id) {
    if (told_.size() < most_told) told_.insert(alert_id);
}

bool RollUps::admit(const Delivery& delivery, std::uint64_t number, Time now, std::int64_t unix_now) {
    if (delivery.refresh) return true;
    const bool ends_what_was_told = delivery.state == AlertState::resolved && told_.erase(delivery.alert_id) > 0;
    auto& storm = storms_.try_emplace(delivery.rule, Storm{Allowance{std::max(1U, per_minute_ / 2)}, {}}).first->second;
    const bool has_room = storm.allowance.has(now) & all_.has(now);  // Both look at the time.
    if (ends_what_was_told || (has_room && storm.numbers.empty())) {
        if (has_room) {
            storm.allowance.spend();
            all_.spend();
        }
        if (delivery.state != AlertState::resolved) told(delivery.alert_id);
        return true;
    }
    if (storm.numbers.empty()) {
        storm.opened = now;
        storm.opened_unix = unix_now;
        storm.sample = delivery.document;
    }
    storm.numbers.push_back(number);
    ++storm.total;
    ++held_;
    ++(delivery.state == AlertState::firing   ? storm.firing
       : delivery.state == AlertState::update ? storm.updates
                                              : storm.resolved);
    if (storm.alerts.size() < most_distinct) storm.alerts.insert(delivery.alert_id);
    storm.severity = std::max(storm.severity, delivery.severity);
    storm.urgency = std::max(storm.urgency, delivery.urgency);
    return false;
}

std::optional<RollUps::Time> RollUps::next_close() const {
    std::optional<Time> soonest;
    for (const auto& [rule, storm] : storms_) {
        if (storm.numbers.empty() && !storm.is_told) continue;
        const auto due = storm.opened + period;
        if (!soonest || due < *soonest) soonest = due;
    }
    return soonest;
}

std::optional<RollUps::Closed> RollUps::close(Time now, std::int64_t unix_now, bool all) {
    for (auto& [rule, storm] : storms_) {
        const bool is_open = !storm.numbers.empty() || storm.is_told;
        if (all ? !storm.numbers.empty() : is_open && now >= storm.opened + period) {
            auto closed = make(rule, storm, unix_now);
            storm.opened = now;
            storm.opened_unix = unix_now;
            return closed;
        }
    }
    return {};
}

RollUps::Closed RollUps::make(const std::string& rule, Storm& storm, std::int64_t unix_now) {
    const auto documents = static_cast<std::uint64_t>(storm.numbers.size());
    const bool ends = documents == 0;
    const auto seconds = std::max<std::int64_t>(unix_now - storm.opened_unix, 1);
    Delivery delivery;
    delivery.rule = rule;
    delivery.alert_id = alert_id("rollup", rule, receiver_);
    delivery.state = ends ? AlertState::resolved : AlertState::firing;
    delivery.severity = storm.severity;
    delivery.urgency = storm.urgency;
    delivery.taken_unix = unix_now;
    delivery.webhook_id = ends ? fmt::format("{}-resolved-{}", delivery.alert_id, unix_now)
                               : fmt::format("{}-{}-{}", delivery.alert_id, storm.numbers.front(), documents);
    const auto sample = Json::parse(storm.sample, nullptr, false);
    Json document;
    document["@timestamp"] = rfc3339(EventTime{std::chrono::seconds{unix_now}});
    document["ecs"] = {{"version", "8.17.0"}};
    document["message"] = ends ? fmt::format("The storm of {} is over: {} document{} were rolled up in all", rule,
                                             storm.total, plural(storm.total))
                               : fmt::format(
                                     "{}: {} document{} of {} alert{} in {} s were not sent one by one ({} firing, {} "
                                     "updates, {} resolved)",
                                     rule, documents, plural(documents), storm.alerts.size(),
                                     plural(storm.alerts.size()), seconds, storm.firing, storm.updates, storm.resolved);
    document["event"] = {{"kind", "alert"},
                         {"module", "wiresage"},
                         {"dataset", "wiresage.rollup"},
                         {"id", delivery.alert_id},
                         {"action", name(delivery.state)},
                         {"severity", 25 * (static_cast<int>(storm.severity) + 1)},
                         {"start", rfc3339(EventTime{std::chrono::seconds{storm.opened_unix}})}};
    document["rule"] = sample.is_object() ? part_of(sample, "rule") : Json{{"id", rule}, {"name", rule}};
    if (auto observer = part_of(sample, "observer"); observer.is_object()) document["observer"] = std::move(observer);
    document["wiresage"] = {
        {"severity", name(storm.severity)},
        {"state", name(delivery.state)},
        {"entity", rule + " as a whole"},
        {"urgency", name(storm.urgency)},
        {"rollup",
         {{"documents", documents},
          {"firing", storm.firing},
          {"updates", storm.updates},
          {"resolved", storm.resolved},
          {"alerts", storm.alerts.size()},
          {"total", storm.total}}},
        {"cause", "More alerts of this rule than this receiver takes in a minute (most_per_minute)."},
        {"next_steps", {"Look at all of them on the page or through /api/v1/alerts?rule=" + rule + "."}}};
    delivery.document = document.dump(-1, ' ', false, Json::error_handler_t::replace);
    Closed closed{std::make_shared<const Delivery>(std::move(delivery)), std::move(storm.numbers)};
    storm.numbers.clear();
    storm.alerts.clear();
    storm.firing = storm.updates = storm.resolved = 0;
    storm.is_told = !ends;
    if (ends) {
        storm.total = 0;
        storm.severity = Severity::info;
        storm.urgency = Urgency::note;
    }
    return closed;
}

void RollUps::add_numbers(std::vector<std::uint64_t>& numbers) const {
    for (const auto& [rule, storm] : storms_) numbers.insert(numbers.end(), storm.numbers.begin(), storm.numbers.end());
}

}  // namespace wiresage
