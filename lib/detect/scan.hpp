// What scans of ports and sweeps of addresses have in common: attempts by the verdict about each.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "alert/finding.hpp"
#include "detect/episode.hpp"
#include "detect/rule.hpp"
#include "detect/windows.hpp"
#include "fact/fact.hpp"

namespace wiresage {

/// "syn", "udp", ...
std::string_view name(Technique technique) noexcept;

/// What an outcome says of somebody who may be scanning.
enum class Verdict : std::uint8_t {
    none,  ///< Nothing, or nothing yet.
    accepted,
    failed,  ///< Refused or silent.
};

/// Weighs outcomes.  At the end of a capture silence counts only where an answer had time to come: the last attempts of
/// a healthy poller are no scan.
class ScanJudge {
public:
    void see_end(const Fact& fact) { end_ = fact.at.time; }

    /// `least_wait`: for silence that was not seen to its end; zero where the scan is beyond doubt.
    Verdict weigh(const Outcome& what, Duration least_wait) const;

    /// The answer of a service rather than somebody asking: the other direction of a flow whose beginning is not known.
    static bool is_reply(const Outcome& what, const Knowledge& knowledge);

    /// The service answered somebody before, so its silence now is another trouble.
    static bool is_known(const Outcome& what, const Knowledge& knowledge);

private:
    EventTime end_ = latest_event_time;
};

/// An accepted attempt from before the first failed one was known.
struct EarlyAttempt {
    Endpoint server;
    EventTime began;
    EventTime began_stamp;
    bool completed = false;
};

/// The first 32 things tried, by the time of the attempt: verdicts about them come in another order.
template <typename T>
class TriedFirst {
public:
    void add(const T& value, EventTime began) {
        if (values_.size() == Evidence::most_listed && began >= times_.back()) return;
        if (std::find(values_.begin(), values_.end(), value) != values_.end()) return;
        const auto place = std::upper_bound(times_.begin(), times_.end(), began) - times_.begin();
        times_.insert(times_.begin() + place, began);
        values_.insert(values_.begin() + place, value);
        if (values_.size() <= Evidence::most_listed) return;
        times_.pop_back();
        values_.pop_back();
    }
    const std::vector<T>& values() const noexcept { return values_; }

private:
    std::vector<EventTime> times_;  ///< Rising.
    std::vector<T> values_;
};

/// Totals of one scan or sweep since its first failed attempt.
struct ScanTotals {
    Episode episode;
    EventTime start;  ///< Its earliest attempt; fixed once told.
    EventTime start_stamp;
    EventTime last;       ///< Its latest attempt.
    EventTime last_news;  ///< When something not tried before failed.
    std::uint64_t attempts = 0;
    std::uint64_t refused = 0;
    std::uint64_t silent = 0;
    std::uint64_t accepted = 0;
    std::uint64_t completed = 0;
    std::array<std::uint64_t, 7> techniques{};
    std::uint16_t input = 0;
    Agreed<std::uint16_t> source_port;
    Agreed<MacAddress> source_mac;
    Agreed<MacAddress> destination_mac;
    RateWindow news{std::chrono::minutes{1}};  ///< What failed for the first time.
    std::vector<PacketRef> packets;
    bool told = false;
    bool dirty = false;

    /// Accepted attempts of the last seconds, kept until a first one fails: silence is told three seconds late.
    std::vector<EarlyAttempt> early;

    void remember(const AnsweredAttempt& what, EventTime now);
    void count(const EarlyAttempt& what);
    void begins(EventTime began, EventTime began_stamp);
    void count(const Outcome& what, Verdict verdict, std::uint16_t of_input);
    /// The commonest; `connect` where handshakes of a SYN scan were completed.
    std::string_view technique() const noexcept;
    Technique commonest() const noexcept;

    /// Both directions of the address were seen where the scan was (guard G2).
    bool is_proven(const Findings& findings, const Address& address, std::uint16_t vlan, EventTime now) const {
        return findings.knowledge().two_way(input, vlan, address, now);
    }

    /// What findings about scans say alike: start, packets, impact, severity, confidence and urgency.  `proven`: both
    /// directions of one of the ends were seen. A scan of an inside `target` by one from outside is the noise of the
    /// Internet: info.
    void describe(Finding& finding, const Fact& fact, const Address& source, const Address& target, bool proven,
                  const Findings& findings) const;
    /// "3 accepted, 900 refused, 97 silent".
    std::string verdicts() const;
};

}  // namespace wiresage
