// The comparison for people.

#include "compare/report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "compare/words.hpp"

namespace wiresage {

namespace {

/// What is worth a reader's time: bytes that never arrived, then what was changed, then losses, then waiting.
std::uint64_t badness(const SessionSummary& session) {
    if (!session.is_paired()) return 0;
    std::uint64_t sum = 0;
    for (const auto& transfer : session.transfers) {
        std::uint64_t copies = 0;
        for (const auto& range : transfer.ranges) copies += range.copies;
        sum += copies * 1'000'000 + transfer.repaired * 1000;
    }
    sum += (session.changes.size() + session.forged_resets.size()) * 500'000;
    return sum + std::min<std::uint64_t>(static_cast<std::uint64_t>(session.round_trip.count()) / 1'000'000, 999);
}

std::string span_text(Duration span) {
    const auto size = std::max(span, -span);
    if (size < std::chrono::microseconds{1}) return fmt::format("{} ns", span.count());
    if (size < std::chrono::milliseconds{1}) return fmt::format("{:.1f} us", static_cast<double>(span.count()) / 1e3);
    if (size < std::chrono::seconds{1}) return fmt::format("{:.1f} ms", milliseconds(span));
    return fmt::format("{:.6f} s", seconds(span));
}

std::string plural(std::uint64_t count, const char* one, const char* many) {
    return fmt::format("{} {}", count, count == 1 ? one : many);
}

std::string loss_text(const SessionSummary& session, std::size_t direction) {
    const auto& transfer = session.transfers[direction];
    if (session.relation == Relation::terminated) return "-";
    std::string text = fmt::format("{}/{}", transfer.lost, transfer.sent);
    if (!transfer.ranges.empty()) text += "!";
    if (transfer.is_doubtful()) text += "?";
    return text;
}

}  // namespace

void Report::add(const SessionSummary& session) {
    if (!session.is_paired()) {
        const auto point = session.halves[0].present ? Point::near : Point::far;
        const auto& half = session.shown();
        ++alone_[index_of(point)];
        if (lonely_.size() < most_lonely) {
            lonely_.push_back({session.transport, half.client, half.server, half.packets, session.first.at, point});
        }
        return;
    }
    ++paired_;
    translated_ += session.is_translated ? 1 : 0;
    rewritten_ += session.relation == Relation::rewritten ? 1 : 0;
    terminated_ += session.relation == Relation::terminated ? 1 : 0;
    for (const auto point : both_points) {
        auto& hosts = passing_[index_of(point)];
        const auto& half = session.halves[index_of(point)];
        if (hosts.size() < most_hosts) hosts.insert({half.client.ip, half.server.ip});
    }
    for (const auto& transfer : session.transfers) {
        sent_ += transfer.sent;
        lost_ += transfer.lost;
        repaired_ += transfer.repaired;
        missed_ += transfer.missed_by_receiver + transfer.missed_by_sender;
    }
    const auto bad = badness(session);
    const auto place =
        std::upper_bound(worst_.begin(), worst_.end(), bad,
                         [](std::uint64_t ours, const SessionSummary& other) { return ours > badness(other); });
    if (place == worst_.end() && worst_.size() >= most_kept) return;
    worst_.insert(place, session);
    if (worst_.size() > most_kept) worst_.pop_back();
}

std::string Report::captures(const Facts& facts) const {
    std::string text;
    for (const auto point : both_points) {
        const auto& stats = facts.stats.points[index_of(point)];
        text += fmt::format("{:<10}{:<5}{}: {}", point == Point::near ? "Captures" : "", words::point(point),
                            facts.names[index_of(point)], plural(stats.packets, "packet", "packets"));
        if (stats.packets > 0) {
            text += fmt::format(", {} to {}", rfc3339(stats.coverage.first), rfc3339(stats.coverage.last));
        }
        if (stats.copies_dropped > 0) {
            text += fmt::format(", {} left out", plural(stats.copies_dropped, "second copy", "second copies"));
        }
        text += "\n";
    }
    return text;
}

std::string Report::clocks(const ClockModel& clock) const {
    if (clock.packets == 0) {
        return "Clocks    no packet was seen at both points: the clocks are taken as equal.\n";
    }
    const auto ahead = clock.offset >= Duration::zero();
    std::string text = fmt::format("Clocks    the far clock is {} {} the near one",
                                   span_text(ahead ? clock.offset : -clock.offset), ahead ? "ahead of" : "behind");
    if (clock.both_directions) {
        text += fmt::format(", within {}", span_text(clock.uncertainty));
    } else {
        text += ", less the path's delay (packets of one direction only)";
    }
    text += fmt::format(" ({} seen at both)", plural(clock.packets, "packet", "packets"));
    if (clock.drift_ppb != 0)
        text += fmt::format("; it drifts by {:.3f} ppm", static_cast<double>(clock.drift_ppb) / 1e3);
    return text + ". All times below are the near clock's.\n";
}

std::string Report::counts() const {
    std::string text =
        fmt::format("Sessions  {} seen at both points, {} at the near one only, {} at the far one only\n", paired_,
                    alone_[0], alone_[1]);
    if (translated_ > 0) text += fmt::format("          {} with addresses translated between\n", translated_);
    if (rewritten_ > 0) text += fmt::format("          {} with sequence numbers rewritten between\n", rewritten_);
    if (terminated_ > 0) {
        text += fmt::format(
            "          {} terminated between: new initial sequence numbers and other options, a proxy\n", terminated_);
    }
    if (paired_ > 0) {
        const auto sent = plural(sent_, "segment or datagram", "segments and datagrams");
        text += lost_ == 0 ? fmt::format("Loss      none: {} came to the other point\n", sent)
                           : fmt::format("Loss      {} of {} never came to the other point; of {} a later copy did\n",
                                         lost_, sent, repaired_);
    }
    return text;
}

std::string Report::findings(const std::vector<Alert>& alerts) const {
    if (alerts.empty()) return "\nNothing to complain of: no rule about the pair has a finding.\n";
    std::string text = "\nFindings\n";
    for (const auto& alert : alerts) {
        const auto& finding = alert.finding;
        text += fmt::format("\n  {} {} ({}, {} confidence)\n", name(alert.severity), alert.rule_name, alert.rule_id,
                            name(finding.confidence));
        text += fmt::format("    {}.\n    Why: {}\n    Not to be known from here: {}\n", finding.message, finding.cause,
                            finding.unknowable);
        for (const auto& step : finding.next_steps) text += fmt::format("    - {}\n", step);
        text += fmt::format("    Wireshark: {}\n", finding.wireshark_filter);
    }
    return text;
}

std::string Report::notes(const CompareStats& stats) const {
    std::string text;
    if (missed_ > 0) {
        text += fmt::format(
            "  {} were acknowledged or delivered and one capture did not show them: that capture itself lost "
            "packets.\n",
            plural(missed_, "byte", "bytes"));
    }
    if (stats.pieces_refused > 0) {
        text += fmt::format("  {} could not be remembered, so no verdict rests on them.\n",
                            plural(stats.pieces_refused, "segment", "segments"));
    }
    if (stats.sessions_evicted > 0) {
        text += fmt::format("  {} ended early for want of room: raise limits.flows.\n",
                            plural(stats.sessions_evicted, "session was", "sessions were"));
    }
    for (const auto& session : worst_) {
        for (const auto& reset : session.forged_resets) {
            text += fmt::format(
                "  {} > {}: a reset in the name of the {} came to the {} point (frame {}); its own point does not "
                "show that it sent one. Something between may have ended the session.\n",
                session.shown().client.text(), session.shown().server.text(), reset.from_client ? "client" : "server",
                words::point(reset.seen_at), reset.seen.frame);
        }
    }
    return text.empty() ? text : "\nTo be noted\n" + text;
}

std::string Report::table() const {
    if (worst_.empty()) return {};
    std::string text =
        "\nSessions, worst first (lost/sent of each direction; ! never arrived, ? the capture itself missed some)\n";
    text += fmt::format("  {:<45} {:>12} {:>12} {:>10} {:>10} {:>10}\n", "client > server, at the near point",
                        "c>s lost", "s>c lost", "path rtt", "server", "client");
    std::size_t shown = 0;
    for (const auto& session : worst_) {
        if (shown >= most_well && badness(session) < 1000) break;  // Of those without trouble a few will do.
        ++shown;
        const auto& half = session.shown();
        const bool timed = session.exchanges > 0;
        text +=
            fmt::format("  {:<45} {:>12} {:>12} {:>10} {:>10} {:>10}\n",
                        fmt::format("{}{} > {}", session.transport == Transport::udp ? "udp " : "", half.client.text(),
                                    half.server.text()),
                        loss_text(session, 0), loss_text(session, 1),
                        session.first_turn.frame != 0 ? span_text(session.round_trip) : "-",
                        timed ? span_text(session.server_think) : "-", timed ? span_text(session.client_think) : "-");
        if (session.is_translated) {
            const auto& far = session.halves[1];
            text += fmt::format("    at the far point {} > {}\n", far.client.text(), far.server.text());
        }
    }
    if (paired_ > worst_.size())
        text += fmt::format("  ... and {} more (--sessions lists all)\n", paired_ - worst_.size());
    return text;
}

std::string Report::lonely() const {
    constexpr std::size_t most_shown = 12;
    std::string text;
    std::size_t shown = 0;
    for (const auto& one : lonely_) {
        const auto& hosts = passing_[index_of(one.point)];
        if (!hosts.contains(one.client.ip) && !hosts.contains(one.server.ip)) continue;
        if (++shown > most_shown) continue;
        text +=
            fmt::format("  {} {} > {}: {} and {} packets, {} only\n", one.transport == Transport::tcp ? "tcp" : "udp",
                        one.client.text(), one.server.text(), one.packets[0], one.packets[1], words::point(one.point));
    }
    if (text.empty()) return text;
    if (shown > most_shown) text += fmt::format("  ... and {} more\n", shown - most_shown);
    return "\nSessions of the same hosts that one point did not see\n" + text;
}

std::string Report::text(const Facts& facts) const {
    std::string text = captures(facts) + clocks(facts.clock) + counts();
    if (paired_ == 0) {
        text +=
            "\nThe two captures have no session in common. Do they show the same traffic at the same time? A proxy "
            "between\n"
            "them that opens connections of its own leaves nothing to recognise.\n";
    } else {
        text += findings(facts.alerts);
    }
    text += notes(facts.stats) + table() + lonely();
    std::size_t drawn = 0;
    for (const auto& session : worst_) {
        if (drawn == most_drawn || badness(session) < 1000) break;
        text += "\n" + ladder(session);
        ++drawn;
    }
    return text;
}

}  // namespace wiresage
