// How many connections a source had open to a service when an attempt began.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/time.hpp"
#include "fact/fact.hpp"

namespace wiresage {

/// What became of the attempts of somebody.
struct AnswerCounts {
    std::uint64_t accepted = 0;
    std::uint64_t silent = 0;

    void count(Answer answer) noexcept {
        accepted += answer == Answer::accepted;
        silent += answer == Answer::silent;
    }
    friend AnswerCounts operator-(AnswerCounts a, AnswerCounts b) noexcept {
        return {a.accepted - std::min(a.accepted, b.accepted), a.silent - std::min(a.silent, b.silent)};
    }
};

/// Follows one source at one service.  That an attempt stays silent is known three seconds later than it began; so each
/// attempt keeps what was true then, until its verdict comes.
class OpenConnections {
public:
    /// What was true when an attempt began.
    struct Then {
        std::uint64_t open = 0;  ///< Opened before, and asked for before and opened later.
        AnswerCounts others;     ///< What the service did for everybody else up to then.
    };

    void asked(EventTime now, const Attempt& what, const AnswerCounts& others);
    void opened(const Outcome& what) {
        ++open_;
        settle(what);
    }
    /// Opened before this was watched.
    void opened_before(std::uint64_t count) noexcept { open_ += count; }
    void ended() noexcept { open_ -= open_ > 0 ? 1 : 0; }
    /// The attempt has its verdict: what was true when it began; where that was not kept, `Then{open(), others}`.
    Then settle(const Outcome& what, const AnswerCounts& others = {});

    std::uint64_t open() const noexcept { return open_; }

private:
    struct Waiting {
        EventTime since;
        Then then;
        std::uint32_t isn = 0;
        std::uint16_t port = 0;
    };
    /// A burst of more is judged by the first ones, which are those that tell when silence began.
    static constexpr std::size_t most_waiting = 256;
    /// A verdict comes within this time or never (Outcome).
    static constexpr Duration longest_wait = silence_wait + std::chrono::seconds{2};

    std::uint64_t open_ = 0;
    std::vector<Waiting> waiting_;
};

}  // namespace wiresage
