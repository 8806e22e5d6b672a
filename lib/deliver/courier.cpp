// One receiver at work.

#include "deliver/courier.hpp"

#include <algorithm>
#include <charconv>

namespace wiresage {

namespace {
constexpr Outbox::Time progress_every{100};
}

std::optional<Endpoint> literal_endpoint(const std::string& url) {
    const auto scheme = url.find("://");
    if (scheme == std::string::npos) return {};
    auto host = url.substr(scheme + 3, url.find_first_of("/?#", scheme + 3) - (scheme + 3));
    auto port = static_cast<std::uint16_t>(url.starts_with("https") ? 443 : 80);
    const auto colon = host.rfind(':');
    const auto bracket = host.rfind(']');
    if (colon != std::string::npos && (bracket == std::string::npos || colon > bracket)) {
        std::from_chars(host.data() + colon + 1, host.data() + host.size(), port);
        host.resize(colon);
    }
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    const auto ip = Address::parse(host);
    if (!ip) return {};
    return Endpoint{*ip, port};
}

Courier::Courier(ReceiverOptions options, const RetryPolicy& policy, std::uint64_t seed)
    : outbox{std::move(options), policy, seed} {
    const auto& settings = outbox.options().settings;
    if (settings.type == ReceiverType::alertmanager) feed_.emplace();
    if (!settings.urls.empty()) peer = literal_endpoint(settings.urls.front());
}

bool Courier::wants(const Delivery& delivery, const std::map<std::string, std::string>& labels) const {
    const auto& settings = outbox.options().settings;
    const auto is_ours = [&](const auto& wanted) {
        const auto found = labels.find(wanted.first);
        return found != labels.end() && found->second == wanted.second;
    };
    return takes(settings, delivery) && std::ranges::all_of(settings.match.labels, is_ours);
}

void Courier::offer(const std::shared_ptr<const Delivery>& delivery, Time now, std::int64_t unix_now,
                    const std::map<std::string, std::string>& labels) {
    if (!wants(*delivery, labels)) {
        if (delivery->number != 0) outbox.pass(delivery->number);
        return;
    }
    if (feed_) feed_->take(*delivery, unix_now);
    const auto age =
        delivery->taken_unix == 0 ? std::int64_t{0} : std::max<std::int64_t>(unix_now - delivery->taken_unix, 0);
    outbox.push(delivery, now, unix_now, std::chrono::seconds{age});
}

void Courier::restore(const ReceiverProgress& kept, const std::vector<Delivery>& waiting, Time now,
                      std::int64_t unix_now, const std::map<std::string, std::string>& labels) {
    outbox.begin_at(kept.position);
    for (const auto& delivery : waiting) offer(std::make_shared<const Delivery>(delivery), now, unix_now, labels);
}

void Courier::hold_open(const Delivery& firing, std::int64_t unix_now,
                        const std::map<std::string, std::string>& labels) {
    if (!wants(firing, labels)) return;
    if (feed_) feed_->take(firing, unix_now);
    outbox.told(firing.alert_id);
}

void Courier::reconfigure(ReceiverOptions options) { outbox.reconfigure(std::move(options)); }

std::optional<Courier::Time> Courier::refresh_if_due(Time now, std::int64_t unix_now) {
    if (!feed_ || feed_->empty()) return {};
    if (now >= next_refresh_) {
        next_refresh_ = now + std::chrono::seconds{AlertmanagerFeed::resend_seconds};
        Delivery again;
        again.refresh = true;
        if (!outbox.refreshing()) outbox.push(std::make_shared<const Delivery>(std::move(again)), now, unix_now);
    }
    return next_refresh_;
}

DeliveryRequest Courier::request(const Delivery& delivery, std::int64_t unix_now) {
    std::string body;
    if (feed_) body = delivery.refresh ? feed_->refresh(unix_now) : feed_->body(delivery, unix_now);
    return request_of(outbox.options(), delivery, unix_now, std::move(body));
}

std::optional<ReceiverProgress> Courier::news(Time now, bool now_or_never) {
    if (!now_or_never && told_at_ != Time{0} && now - told_at_ < progress_every) return {};
    auto progress = outbox.progress();
    if (progress == told_) return {};
    told_ = progress;
    told_at_ = now;
    return progress;
}

}  // namespace wiresage
