// What a client and a service have waited for.

#include "detect/split_waits.hpp"

namespace wiresage {

std::string_view name(Far far) noexcept {
    switch (far) {
        case Far::server:
            return "server";
        case Far::client:
            return "client";
        case Far::both:
            break;
    }
    return "both";
}

void SplitWaits::add(const Fact& fact, const Exchanges& what, Duration quiet) {
    // Told on a tick: stamps are as far from event time as the tick's.
    const EventTime stamp = what.began + (fact.at.stamp - fact.at.time);
    if (episode_.touch(fact, what.began, stamp, quiet)) {
        const auto key = key_;
        const auto episode = episode_;
        *this = SplitWaits{};
        key_ = key;
        episode_ = episode;
    }
    episode_.begin_no_later(what.began, stamp);
    client_port_.see(what.client.port);
    keep_packet(packets_, fact.at.input, what.began_frame);
    ++flows_;
    exchanges_ += what.exchanges;
    network_us_ += std::uint64_t{what.exchanges} * what.handshake_rtt;
    server_us_ += what.server_us;
    client_us_ += what.client_us;
    if (what.handshake_rtt > 0) {
        round_trips_.add(what.handshake_rtt);
        server_trips_.add(what.server_rtt);
    }
    const Microseconds client_trip = what.handshake_rtt - what.server_rtt;
    for (std::size_t i = 0; i < what.server_count; ++i) server_waits_.add(from_short(what.server_waits[i]));
    for (std::size_t i = 0; i < what.client_count; ++i) {
        const Microseconds waited = from_short(what.client_waits[i]);
        client_waits_.add(waited);
        thinking_.add(waited > client_trip ? waited - client_trip : 0);
    }
}

Far SplitWaits::far() const {
    const std::uint64_t all = round_trips_.median();
    const std::uint64_t server = server_trips_.median();
    if (server * 5 >= all * 4) return Far::server;
    return server * 5 <= all ? Far::client : Far::both;
}

void SplitWaits::describe(Finding& finding) const {
    episode_.describe(finding);
    finding.entity = key_.entity();
    finding.source = End{key_.client, client_port_.get(), {}};
    finding.destination = End::of(key_.service);
    finding.transport = Transport::tcp;
    finding.packets = in_order(packets_);
    finding.impact = {static_cast<std::int64_t>(flows_), 1, {}};
    finding.wireshark_filter = filter_between(key_);
}

}  // namespace wiresage
