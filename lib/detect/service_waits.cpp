// A service's answers of late against its own past.

#include "detect/service_waits.hpp"

namespace wiresage {

namespace {

/// A period without an alert is past after this long ...
constexpr Duration longest_period = std::chrono::seconds{60};
/// ... and the past is what this many exchanges say, older ones less and less.
constexpr std::uint64_t most_past = 20'000;

}  // namespace

void WaitPeriod::add(const Fact& fact, const SlowAnswer& what) {
    if (slow.count() == 0) {
        began = what.asked;
        began_stamp = what.asked_stamp;
        input = fact.at.input;
        vlan = fact.vlan;
    } else if (what.asked < began) {
        began = what.asked;
        began_stamp = what.asked_stamp;
    }
    slow.add(what.waited);
    if (what.handshake_rtt > 0) round_trips.add(what.handshake_rtt);
    if (what.handshake_rtt == 0) ++joined;
    const AddressHash hash;
    peers.add(static_cast<std::uint32_t>(hash(what.client.ip)));
    flows.add(static_cast<std::uint32_t>(hash(what.client)));
    clients.see(what.client, {});
    keep_packet(packets, fact.at.input, fact.at.frame);
}

void WaitPeriod::add(const ServiceWaits& what) {
    exchanges += what.exchanges;
    server_us += what.server_us;
    client_us += what.client_us;
    network_us += what.network_us;
    answers.add(what.answers);
}

Microseconds WaitPeriod::p95() const {
    const auto total = all();
    if (total == 0) return 0;
    const auto beyond = total - 1 - (total - 1) * 95 / 100;  // How many are longer.
    if (slow.count() > beyond && slow.count() <= Waits::most) return slow.nth_longest(beyond);
    return answers.quantile(95);
}

void ServicePace::slow(const Fact& fact, const SlowAnswer& what) {
    if (!alerting_ && present_.slow.count() == 0) {
        past_.add(present_.answers);
        past_.fade(most_past);
        present_ = WaitPeriod{};
    }
    present_.add(fact, what);
    last_slow_ = fact.at.time;
}

void ServicePace::settle(EventTime now, Duration quiet) {
    present_.exchanges += fresh_.exchanges;
    present_.server_us += fresh_.server_us;
    present_.client_us += fresh_.client_us;
    present_.network_us += fresh_.network_us;
    present_.answers.add(fresh_.answers);
    fresh_ = WaitPeriod{};
    if (alerting_) {
        if (now - last_slow_ <= quiet) return;
        alerting_ = false;
        present_ = WaitPeriod{};
        return;
    }
    const bool is_long = present_.slow.count() > 0 && now - present_.began > longest_period;
    if (present_.slow.count() > 0 && !is_long) return;
    past_.add(present_.answers);
    past_.fade(most_past);
    present_ = WaitPeriod{};
}

void ServicePace::describe(Finding& finding) const {
    finding.start = present_.began;
    finding.start_stamp = present_.began_stamp;
    finding.input = present_.input;
    finding.vlan = present_.vlan;
    finding.transport = Transport::tcp;
    finding.packets = in_order(present_.packets);
    finding.impact = {static_cast<std::int64_t>(present_.flows.count()),
                      static_cast<std::int64_t>(present_.peers.count()),
                      share_of(present_.slow.count(), present_.all())};
}

}  // namespace wiresage
