// Makes facts of finished sessions.

#include "compare/path_teller.hpp"

#include <algorithm>
#include <limits>

namespace wiresage {

namespace {

template <typename To, typename From>
To clamped(From value) {
    return static_cast<To>(
        std::min<std::uint64_t>(static_cast<std::uint64_t>(std::max<From>(value, 0)), std::numeric_limits<To>::max()));
}

std::uint32_t in_microseconds(Duration span) { return clamped<std::uint32_t>(span.count() / 1000); }

}  // namespace

PathTeller::PathTeller(const ClockModel& clock, std::array<Coverage, 2> coverage, std::size_t most_hosts)
    : clock_{clock},
      coverage_{coverage},
      passing_{BoundedMap<Hosts, bool, HostsHash>{most_hosts}, BoundedMap<Hosts, bool, HostsHash>{most_hosts}},
      elsewhere_{BoundedMap<Endpoint, bool, AddressHash>{most_hosts},
                 BoundedMap<Endpoint, bool, AddressHash>{most_hosts}} {}

Fact PathTeller::fact_of(const SessionSummary& session, const Sighting& seen, const Fact::What& what) const {
    Fact fact;
    fact.at.time = fact.at.stamp = seen.at;
    fact.at.frame = seen.frame;
    fact.at.input = seen.input;
    fact.vlan = session.shown().vlan;
    fact.what = what;
    return fact;
}

void PathTeller::see(const SessionSummary& session, std::vector<Fact>& facts) {
    if (!session.is_paired()) {
        remember_lonely(session);
        return;
    }
    for (const auto point : both_points) {
        const auto& half = session.halves[index_of(point)];
        passing_[index_of(point)].at({half.client.ip, half.server.ip}) = true;
    }
    if (session.transport != Transport::tcp || session.relation == Relation::terminated) return;
    tell_losses(session, facts);
    tell_changes(session, facts);
    tell_delay(session, facts);
}

void PathTeller::tell_losses(const SessionSummary& session, std::vector<Fact>& facts) {
    const auto& near = session.halves[0];
    for (std::size_t direction = 0; direction < 2; ++direction) {
        const auto& transfer = session.transfers[direction];
        if (transfer.ranges.empty()) continue;
        const auto& worst = transfer.ranges.front();
        PathLoss loss;
        loss.sender = direction == 0 ? near.client : near.server;
        loss.receiver = direction == 0 ? near.server : near.client;
        loss.first = worst.seen.front().at;
        loss.last = worst.last;
        loss.seq_relative = clamped<std::uint32_t>(worst.begin);
        loss.length = clamped<std::uint32_t>(worst.end - worst.begin);
        loss.copies = worst.copies;
        loss.ranges = clamped<std::uint32_t>(transfer.ranges.size());
        loss.bytes = clamped<std::uint32_t>(transfer.missing_bytes);
        loss.input = worst.seen.front().input;
        for (std::size_t i = 0; i < std::min(loss.frames.size(), worst.seen.size()); ++i) {
            loss.frames[i] = clamped<std::uint32_t>(worst.seen[i].frame);
        }
        loss.by_client = direction == 0;
        loss.near_to_far = session.sender_point(direction) == Point::near;
        loss.arrived_smaller = transfer.arrived_smaller;
        loss.went_on = transfer.went_on;
        loss.receiver_missed = transfer.is_doubtful();
        facts.push_back(fact_of(session, worst.seen.front(), loss));
    }
}

void PathTeller::tell_changes(const SessionSummary& session, std::vector<Fact>& facts) const {
    const auto& near = session.halves[0];
    for (const auto& one : session.changes) {
        PathChange change;
        change.client = near.client;
        change.server = near.server;
        change.first = one.sent_at.at;
        change.seq = one.sequence;
        change.sent = one.sent;
        change.received = one.received;
        change.count = clamped<std::uint32_t>(one.count);
        change.sent_frame = clamped<std::uint32_t>(one.sent_at.frame);
        change.received_frame = clamped<std::uint32_t>(one.received_at.frame);
        change.sent_input = one.sent_at.input;
        change.received_input = one.received_at.input;
        change.field = one.field;
        change.by_client = one.from_client;
        change.near_to_far = session.sender_point(one.from_client ? 0 : 1) == Point::near;
        change.translated = session.is_translated;
        change.equals_padding = one.equals_padding;
        facts.push_back(fact_of(session, one.sent_at, change));
    }
}

void PathTeller::tell_delay(const SessionSummary& session, std::vector<Fact>& facts) const {
    if (session.exchanges == 0) return;
    const auto& ours = session.halves[index_of(session.sender_point(0))];
    const auto& theirs = session.halves[index_of(session.sender_point(1))];
    PathDelay delay;
    delay.near_client = ours.client;
    delay.near_server = ours.server;
    delay.far_client = theirs.client;
    delay.far_server = theirs.server;
    delay.first = session.first_turn.at;
    delay.rtt_us = in_microseconds(session.round_trip);
    delay.server_us = in_microseconds(session.server_think);
    delay.client_us = in_microseconds(session.client_think);
    delay.exchanges = clamped<std::uint32_t>(session.exchanges);
    delay.path_share = session.path_share;
    delay.frame = clamped<std::uint32_t>(session.first_turn.frame);
    delay.clock_offset_ns = clock_.offset.count();
    delay.clock_uncertainty_ns = clock_.uncertainty.count();
    delay.client_is_near = session.client_is_near;
    facts.push_back(fact_of(session, session.first_turn, delay));
}

void PathTeller::remember_lonely(const SessionSummary& session) {
    const auto point = session.halves[0].present ? Point::near : Point::far;
    const auto& half = session.halves[index_of(point)];
    if (session.transport != Transport::tcp) return;
    if (half.packets[1] > 0) {  // Answered: it takes another road, or the other capture leaves the service out.
        elsewhere_[index_of(point)].at(half.server) = true;
        return;
    }
    if (lonely_.size() >= most_lonely) return;
    Lonely lonely;
    lonely.point = point;
    lonely.vlan = half.vlan;
    auto& loss = lonely.loss;
    for (const auto& control : session.control) {
        const auto& seen = control.seen[index_of(point)];
        if (control.kind != ControlKind::syn ||
            !coverage_[index_of(opposite(point))].covers(seen.at, longest_travel / 10)) {
            continue;
        }
        if (loss.copies == 0) {
            loss.first = seen.at;
            loss.input = seen.input;
        }
        if (loss.copies < loss.frames.size()) loss.frames[loss.copies] = clamped<std::uint32_t>(seen.frame);
        loss.last = seen.at;
        ++loss.copies;
    }
    if (loss.copies == 0) return;
    loss.sender = half.client;
    loss.receiver = half.server;
    loss.ranges = 1;
    loss.by_client = true;
    loss.near_to_far = point == Point::near;
    loss.receiver_silent = true;
    lonely_.push_back(lonely);
}

void PathTeller::finish(std::vector<Fact>& facts) {
    for (const auto& lonely : lonely_) {
        const auto& passing = passing_[index_of(lonely.point)];
        const auto& client = lonely.loss.sender.ip;
        const auto& server = lonely.loss.receiver.ip;
        // Addresses of the far point mean nothing at the near one, where they were translated.
        if (passing.find({client, server}) == nullptr && passing.find({server, client}) == nullptr) continue;
        if (elsewhere_[index_of(lonely.point)].find(lonely.loss.receiver) != nullptr) continue;
        ++never_arrived_;
        Fact fact;
        fact.at.time = fact.at.stamp = lonely.loss.first;
        fact.at.frame = lonely.loss.frames[0];
        fact.at.input = lonely.loss.input;
        fact.vlan = lonely.vlan;
        fact.what = lonely.loss;
        facts.push_back(fact);
    }
}

}  // namespace wiresage
