// What becomes of an attempt: told as facts, counted in the sums.
#pragma once

#include <cstdint>

#include "flow/flow_table.hpp"
#include "flow/teller.hpp"
#include "flow/volumes.hpp"

namespace wiresage {

/// The life of attempts of every transport.  Each call is harmless on a flow that is no attempt, or to which the same
/// was said before.
class Attempts {
public:
    Attempts(FlowTable& table, Volumes& volumes, Teller& teller, std::uint64_t secret) noexcept
        : table_{table}, volumes_{volumes}, teller_{teller}, secret_{secret} {}

    /// The flow's client asks; its ends, MACs, fingerprint and `began` are set.  Nothing is told before the tick's end
    /// or the verdict.  False where its target is under a flood: then nothing is told of it at all, and the caller
    /// counts it, and what becomes of it, in the sums.
    bool begin(FlowIndex at, Technique technique, std::uint16_t payload_bytes = 0) noexcept;
    /// The same SYN again.
    void repeat(FlowIndex at) noexcept;
    /// The first answer that is no refusal.
    void accept(FlowIndex at) noexcept;
    void refuse(FlowIndex at) noexcept;
    void refuse_by_icmp(FlowIndex at, std::uint8_t code) noexcept;
    /// Something came that is neither an answer nor silence (a challenge ACK, RFC 5961; another kind of segment).
    void forgive(FlowIndex at) noexcept;

    /// The first SYN-ACK came (tcp().syn_ack_at is set): the client has `silence_wait` to finish.
    void await_finish(FlowIndex at) noexcept;
    /// One more SYN-ACK.
    void ask_again(FlowIndex at, EventTime now) noexcept;
    /// The client finished the handshake.
    void complete(FlowIndex at) noexcept;
    /// It never will; `by` is rst or timeout.
    void leave_unfinished(FlowIndex at, EndedBy by, bool unproven) noexcept;
    /// Counts a handshake that nobody will finish any more.
    void give_up(FlowIndex at) noexcept;

    /// The tick's attempts are told, and verdicts whose wait is over at `now`.
    void tick(EventTime now, EventTime capture_end) noexcept;
    /// The flow leaves the table: what was not told is told now, and nothing waits for it any more.
    void stop_waiting(FlowIndex at) noexcept;

private:
    Outcome answer(FlowIndex at, Answer answer) const noexcept;
    /// Out of all lists.
    void forget(FlowIndex at) noexcept;
    /// A verdict; `at_once` where it is the first that is told of the attempt.
    void tell(FlowIndex at, Outcome& outcome) noexcept;
    /// What is known up to now of an attempt of which nothing has been told.
    void tell_begun(FlowIndex at) noexcept;
    /// A cap of the tick is reached: as if the target were under a flood.
    void withhold(FlowIndex at) noexcept;
    void refuse(FlowIndex at, Outcome outcome) noexcept;

    FlowTable& table_;
    Volumes& volumes_;
    Teller& teller_;
    std::uint64_t secret_;
    FloodGuard guard_;
    WaitList untold_;      ///< Begun in this tick, in order.
    WaitList for_answer_;  ///< In the order of `began`.
    WaitList
        for_finish_;  ///< In the order of `syn_ack_at` to a tick, but that a late second SYN-ACK goes to the front.
};

}  // namespace wiresage
