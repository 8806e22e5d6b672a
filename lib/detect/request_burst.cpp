// Bursts of address resolution requests.

#include "detect/request_burst.hpp"

#include <algorithm>

#include "detect/judge.hpp"

namespace wiresage {

namespace {

/// A flood of repeats for few addresses must not make the search for distinct ones long.
constexpr std::size_t most_recent = 256;

template <typename Counts>
std::uint64_t count_if(const RequestBurst& burst, Counts counts) {
    return static_cast<std::uint64_t>(std::count_if(burst.asked.begin(), burst.asked.end(), counts));
}

}  // namespace

std::uint64_t RequestBurst::answered() const {
    return count_if(*this, [](const auto& one) { return one.answered; });
}

std::uint64_t RequestBurst::connected() const {
    return count_if(*this, [](const auto& one) { return one.connected; });
}

std::uint64_t RequestBurst::resets() const {
    std::uint64_t sum = 0;
    for (const auto& one : asked) sum += one.resets;
    return sum;
}

std::uint64_t RequestBurst::reset_addresses() const {
    return count_if(*this, [](const auto& one) { return one.resets > 0; });
}

std::optional<std::uint16_t> RequestBurst::reset_port() const {
    Agreed<std::uint16_t> port;
    for (const auto& one : asked) {
        if (one.resets > 0) port.see(one.reset_port);
    }
    // A port that differed at one address is 0.
    return port.get() == std::uint16_t{0} ? std::optional<std::uint16_t>{} : port.get();
}

void RequestBurst::tell(Evidence& evidence, std::uint64_t bursts) const {
    evidence.set("targets", static_cast<std::uint64_t>(asked.size()));
    evidence.set("requests", requests);
    evidence.set("span_ms", milliseconds(last_stamp - first_stamp));
    evidence.set("answered_targets", answered());
    evidence.set("bursts", bursts);
    if (is_followed_by_resets()) evidence.set("followed_by", "tcp_rst");
    if (is_followed_by_connections()) evidence.set("followed_by", "tcp_syn");
    if (resets() > 0) evidence.set("rst_count", resets());
    if (const auto port = reset_port()) evidence.set("rst_port", static_cast<int>(*port));
}

const char* RequestBurst::cause_of(std::string_view explanation) noexcept {
    if (explanation == "idle_sessions_closed") return "A program closed its idle sessions to neighbours all at once.";
    if (explanation == "failover") return "The station has taken over an address and learns its neighbours.";
    if (explanation == "router_under_sweep") return "Somebody behind this router tries addresses of this network.";
    return "";
}

std::string RequestBurst::text() const {
    auto told = "asked for " + std::to_string(asked.size()) + " addresses within " +
                with_tenths(milliseconds(last_stamp - first_stamp)) + " ms; " + std::to_string(answered()) +
                " answered";
    if (is_followed_by_resets())
        told += ", and it reset " + counted(resets(), "connection", "connections") + " to them";
    if (is_followed_by_connections()) told += ", and it connected to " + std::to_string(connected()) + " of them";
    return told;
}

void RequestBursts::add(RequestBurst& burst, const AskedAddress& asked) const {
    if (burst.requests++ == 0) {
        burst.first = asked.at;
        burst.first_stamp = asked.stamp;
    }
    burst.last = asked.at;
    burst.last_stamp = asked.stamp;
    const auto known =
        std::find_if(burst.asked.begin(), burst.asked.end(), [&](const auto& one) { return one.ip == asked.ip; });
    if (known != burst.asked.end()) {
        known->answered = known->answered || asked.answered;
        return;
    }
    if (burst.asked.size() < RequestBurst::most_asked) burst.asked.push_back(asked);
}

RequestBursts::Step RequestBursts::asks(const Fact& fact, const Address& target, std::size_t targets, Duration window) {
    const auto now = fact.at.time;
    const AskedAddress asked{target, now, fact.at.stamp, {fact.at.input, fact.at.frame}, false, false, 0, 0};
    if (!current_.empty() && now - current_.last <= window) {
        add(current_, asked);
        return Step::goes_on;
    }
    std::erase_if(recent_, [&](const auto& one) { return now - one.at > window; });
    if (recent_.size() == most_recent) recent_.erase(recent_.begin());
    recent_.push_back(asked);
    if (recent_.size() < targets) return Step::none;
    RequestBurst dense;
    for (const auto& one : recent_) add(dense, one);
    if (dense.asked.size() < targets) return Step::none;
    settle();
    current_ = std::move(dense);
    recent_.clear();
    return Step::begins;
}

AskedAddress* RequestBursts::find(const Address& ip, EventTime now) {
    for (auto& one : recent_) {
        if (one.ip == ip) return &one;
    }
    if (current_.empty() || now - current_.last > follow_span) return nullptr;
    for (auto& one : current_.asked) {
        if (one.ip == ip) return &one;
    }
    return nullptr;
}

void RequestBursts::settle() {
    asked_before_ += current_.asked.size();
    answered_before_ += current_.answered();
    if (current_.asked.size() > largest_.asked.size()) largest_ = std::move(current_);
    current_ = RequestBurst{};
}

void RequestBursts::forget() {
    current_ = RequestBurst{};
    largest_ = RequestBurst{};
    asked_before_ = answered_before_ = 0;
}

}  // namespace wiresage
