// Whether a datagram that nobody answered was a question that somebody should have answered.
#pragma once

#include <cstdint>

#include <vector>

#include "detect/attempt_tally.hpp"
#include "detect/bounded_map.hpp"
#include "detect/rule.hpp"
#include "detect/windows.hpp"
#include "fact/fact.hpp"

namespace wiresage {

/// Tells questions from one-way protocols, discovery, path tests and the answers of others, and dead name servers of
/// the world from those that the site relies on.
class QuestionJudge {
public:
    QuestionJudge() : lame_{1024} {}

    /// A question, to a service that answered before or whose protocol always answers, from one of ours or from
    /// somebody who was served before.
    bool is_question(const Outcome& what, const Findings& findings);

    /// More datagrams than a person or a poller asks in that time: a stream.
    static bool is_stream(std::uint64_t datagrams, Duration within) noexcept {
        constexpr std::uint64_t most_per_s = 10;
        return datagrams > most_per_s * static_cast<std::uint64_t>(within / std::chrono::seconds{1} + 1);
    }

private:
    /// Silent name servers outside that make a recursive resolver of who asks them: some are always lame.
    static constexpr std::size_t lame_servers = 3;

    bool is_lame(const Outcome& what, const Findings& findings);

    BoundedMap<Address, FirstDistinct<Address, lame_servers>, AddressHash> lame_;  ///< By who asks.
};

/// As if the datagrams were an attempt of their own, for what counts attempts.
Outcome as_outcome(const Unanswered& what) noexcept;

/// Questions without an answer, counted for one service and episode.
class UnansweredQuestions : public AttemptTally {
public:
    /// True where it begins a new episode.
    bool add(const Fact& fact, const Outcome& what, std::uint64_t datagrams, Duration quiet, const Site& site);

    /// A flow's questions were answered after all.
    void take_back(const Outcome& what);

    std::uint64_t datagrams() const noexcept { return datagrams_; }
    std::uint64_t source_ports() const { return source_ports_.count(); }
    /// Median, over the first 64, of the time from asking to the verdict.
    Duration waited() const;
    /// Both directions of the service or of the only one who asks were seen, or we ask ourselves (guard G2).
    Proof proof(const Findings& findings, const Place& place, const Address& service) const;

private:
    std::uint64_t datagrams_ = 0;
    DistinctCount source_ports_;
    std::vector<Duration> waits_;
};

}  // namespace wiresage
