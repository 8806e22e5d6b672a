// Attempts and their outcomes.
#include "flow/attempts.hpp"

namespace wiresage {

using namespace flow_flag;

Outcome Attempts::answer(FlowIndex at, Answer answer) const noexcept {
    const Flow& flow = table_[at];
    Outcome made = outcome_of(flow, answer);
    if (flow.transport == Transport::tcp) made.isn = table_.tcp(at).sides[flow.client_side()].isn;
    return made;
}

void Attempts::forget(FlowIndex at) noexcept {
    Flow& flow = table_[at];
    if (flow.has(untold)) table_.stop_waiting(untold_, at);
    if (flow.has(waits_answer)) table_.stop_waiting(for_answer_, at);
    if (flow.has(waits_finish)) table_.stop_waiting(for_finish_, at);
    flow.clear(untold | waits_answer | waits_finish);
}

bool Attempts::begin(FlowIndex at, Technique technique, std::uint16_t payload_bytes) noexcept {
    Flow& flow = table_[at];
    flow.first_payload_bytes = payload_bytes;
    flow.set(attempt);
    flow.technique = technique;
    // A service is its port for connections, for everything else the host.
    const Endpoint target{flow.server().ip, technique == Technique::syn ? flow.server().port : std::uint16_t{0}};
    if (guard_.count(AddressHash{secret_}(target), volumes_.tick())) {
        flow.set(withheld);
        ++teller_.stats().facts_withheld;
        return false;
    }
    flow.set(untold);
    table_.wait(untold_, at);
    return true;
}

void Attempts::withhold(FlowIndex at) noexcept {
    Flow& flow = table_[at];
    flow.set(withheld);
    if (flow.technique != Technique::syn) return;
    auto [to, from] = volumes_.of(flow);
    const bool has_answer = flow.has(accepted);
    for (auto* sum : {&to, &from}) {
        sum->count_request(0, false, teller_.moment());
        ++sum->attempts;
        sum->replies += has_answer;
        sum->completed += flow.has(completed);
        sum->refused += flow.has(refused);
    }
}

void Attempts::tell(FlowIndex at, Outcome& outcome) noexcept {
    Flow& flow = table_[at];
    const bool is_first = flow.has(untold);
    forget(at);
    outcome.at_once = is_first;
    outcome.after_silent = flow.has(silent) && outcome.answer != Answer::completed;
    if (!teller_.outcome(flow, outcome) && is_first) withhold(at);
}

void Attempts::tell_begun(FlowIndex at) noexcept {
    Flow& flow = table_[at];
    if (flow.has(accepted)) {
        Outcome told = answer(at, Answer::accepted);
        tell(at, told);
        return;
    }
    forget(at);
    const std::uint32_t isn = flow.transport == Transport::tcp ? table_.tcp(at).sides[flow.client_side()].isn : 0;
    // What is not told has no outcome either, and no verdict to wait for.
    if (!teller_.attempt(flow, isn)) withhold(at);
}

void Attempts::stop_waiting(FlowIndex at) noexcept {
    if (table_[at].has(untold)) tell_begun(at);
    forget(at);
}

void Attempts::repeat(FlowIndex at) noexcept {
    const Flow& flow = table_[at];
    if (!flow.has(silent) || flow.has(accepted | refused)) return;
    teller_.outcome(flow, answer(at, Answer::still_silent));
}

void Attempts::accept(FlowIndex at) noexcept {
    Flow& flow = table_[at];
    if (!flow.has(attempt) || flow.has(accepted)) return;
    flow.set(accepted);
    // A handshake is told whole where it is finished within the tick.
    if (flow.has(untold) && flow.technique == Technique::syn) return;
    Outcome told = answer(at, Answer::accepted);
    tell(at, told);
}

void Attempts::refuse(FlowIndex at, Outcome outcome) noexcept {
    Flow& flow = table_[at];
    if (flow.has(withheld) && flow.technique == Technique::syn) {
        auto [to, from] = volumes_.of(flow);
        ++to.refused;
        ++from.refused;
    }
    tell(at, outcome);
}

void Attempts::refuse(FlowIndex at) noexcept {
    Flow& flow = table_[at];
    if (!flow.has(attempt) || flow.has(accepted | refused)) return;
    flow.set(refused);
    refuse(at, answer(at, Answer::refused));
}

void Attempts::refuse_by_icmp(FlowIndex at, std::uint8_t code) noexcept {
    Flow& flow = table_[at];
    if (!flow.has(attempt) || flow.has(accepted | refused)) return;
    flow.set(refused | by_icmp);
    Outcome told = answer(at, Answer::refused_by_icmp);
    told.icmp_code = code;
    refuse(at, told);
}

void Attempts::forgive(FlowIndex at) noexcept {
    if (table_[at].has(untold | waits_answer)) stop_waiting(at);
}

void Attempts::await_finish(FlowIndex at) noexcept {
    Flow& flow = table_[at];
    // One that was not told yet is put in the list with its tick.
    if (!flow.has(attempt) || flow.has(withheld | waits_finish | untold)) return;
    flow.set(waits_finish);
    table_.wait(for_finish_, at);
}

void Attempts::ask_again(FlowIndex at, EventTime now) noexcept {
    Flow& flow = table_[at];
    if (!flow.has(attempt) || flow.has(withheld | waits_finish | untold | completed | unfinished)) return;
    if (now < table_.tcp(at).syn_ack_at + silence_wait) return;
    // Its wait was over when there was one SYN-ACK only; the next tick looks again.
    flow.set(waits_finish);
    table_.wait(for_finish_, at, true);
}

void Attempts::complete(FlowIndex at) noexcept {
    Flow& flow = table_[at];
    if (!flow.has(attempt) || flow.has(completed)) return;
    // The SYN-ACK was not seen: the attempt is told, and no word of an answer.
    if (flow.has(untold) && !flow.has(accepted)) tell_begun(at);
    flow.set(completed);
    if (flow.has(withheld)) {
        auto [to, from] = volumes_.of(flow);
        ++to.completed;
        ++from.completed;
    }
    Outcome told = answer(at, Answer::completed);
    tell(at, told);
}

void Attempts::leave_unfinished(FlowIndex at, EndedBy by, bool unproven) noexcept {
    Flow& flow = table_[at];
    if (!flow.has(attempt) || flow.has(completed | unfinished)) return;
    stop_waiting(at);
    flow.set(unfinished);
    Outcome told = answer(at, Answer::unfinished);
    told.segments = table_.tcp(at).sides[flow.server_side()].syn_acks;
    told.ended_by = by;
    told.unproven = unproven;
    teller_.outcome(flow, told);
}

void Attempts::give_up(FlowIndex at) noexcept {
    Flow& flow = table_[at];
    stop_waiting(at);
    if (!flow.has(attempt) || flow.technique != Technique::syn || flow.has(completed | refused | given_up)) return;
    flow.set(given_up);
    auto [to, from] = flow.has(withheld) ? volumes_.of_service(flow) : volumes_.of(flow);
    ++to.given_up;
    ++from.given_up;
}

void Attempts::tick(EventTime now, EventTime capture_end) noexcept {
    while (untold_.first != no_flow) {
        const FlowIndex at = untold_.first;
        Flow& flow = table_[at];
        tell_begun(at);
        if (flow.has(withheld)) continue;
        const bool has_answer = flow.has(accepted);
        flow.set(has_answer ? waits_finish : waits_answer);
        table_.wait(has_answer ? for_finish_ : for_answer_, at);
    }
    while (for_answer_.first != no_flow) {
        const FlowIndex at = for_answer_.first;
        Flow& flow = table_[at];
        const EventTime over = flow.began + silence_wait;
        if (now < over) break;
        forget(at);
        flow.set(silent);
        Outcome told = answer(at, Answer::silent);
        told.unproven = capture_end < over;
        teller_.outcome(flow, told);
        if (flow.transport == Transport::udp) flow.told_requests() = flow.requests();
    }
    while (for_finish_.first != no_flow) {
        const FlowIndex at = for_finish_.first;
        const TcpFlow& tcp = table_.tcp(at);
        const EventTime over = tcp.syn_ack_at + silence_wait;
        if (now < over) break;
        forget(at);
        // A single SYN-ACK may simply have been lost on its way; only a server that asks again, or time, says more.
        if (tcp.sides[table_[at].server_side()].syn_acks >= 2)
            leave_unfinished(at, EndedBy::timeout, capture_end < over);
    }
}

}  // namespace wiresage
