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

void Attempts::begin(FlowIndex at, Technique technique, std::uint16_t payload_bytes) noexcept {
    Flow& flow = table_[at];
    flow.set(attempt);
    flow.technique = technique;
    // A service is its port for connections, for everything else the host.
    const Endpoint target{flow.server().ip, technique == Technique::syn ? flow.server().port : std::uint16_t{0}};
    if (guard_.count(AddressHash{secret_}(target), volumes_.tick())) flow.set(withheld);
    const std::uint32_t isn = flow.transport == Transport::tcp ? table_.tcp(at).sides[flow.client_side()].isn : 0;
    if (!teller_.attempt(flow, isn, payload_bytes)) {
        flow.set(withheld);  // What was not told has no outcome either, and no verdict to wait for.
        return;
    }
    flow.set(waits_answer);
    table_.wait(for_answer_, at);
}

void Attempts::stop_waiting(FlowIndex at) noexcept {
    Flow& flow = table_[at];
    if (flow.has(waits_answer)) table_.stop_waiting(for_answer_, at);
    if (flow.has(waits_finish)) table_.stop_waiting(for_finish_, at);
    flow.clear(waits_answer | waits_finish);
}

void Attempts::repeat(FlowIndex at) noexcept {
    const Flow& flow = table_[at];
    if (!flow.has(silent) || flow.has(accepted | refused)) return;
    teller_.outcome(flow, answer(at, Answer::still_silent));
}

void Attempts::accept(FlowIndex at) noexcept {
    Flow& flow = table_[at];
    if (!flow.has(attempt) || flow.has(accepted)) return;
    stop_waiting(at);
    flow.set(accepted);
    Outcome told = answer(at, Answer::accepted);
    told.after_silent = flow.has(silent);
    teller_.outcome(flow, told);
}

void Attempts::refuse(FlowIndex at) noexcept {
    Flow& flow = table_[at];
    if (!flow.has(attempt) || flow.has(accepted | refused)) return;
    stop_waiting(at);
    flow.set(refused);
    if (flow.technique == Technique::syn) {
        auto [to, from] = volumes_.of(flow);
        ++to.refused;
        ++from.refused;
    }
    Outcome told = answer(at, Answer::refused);
    told.after_silent = flow.has(silent);
    teller_.outcome(flow, told);
}

void Attempts::refuse_by_icmp(FlowIndex at, std::uint8_t code) noexcept {
    Flow& flow = table_[at];
    if (!flow.has(attempt) || flow.has(accepted | refused)) return;
    stop_waiting(at);
    flow.set(refused | by_icmp);
    if (flow.technique == Technique::syn) {
        auto [to, from] = volumes_.of(flow);
        ++to.refused;
        ++from.refused;
    }
    Outcome told = answer(at, Answer::refused_by_icmp);
    told.after_silent = flow.has(silent);
    told.icmp_code = code;
    teller_.outcome(flow, told);
}

void Attempts::forgive(FlowIndex at) noexcept {
    if (table_[at].has(waits_answer)) stop_waiting(at);
}

void Attempts::await_finish(FlowIndex at) noexcept {
    Flow& flow = table_[at];
    if (!flow.has(attempt) || flow.has(withheld | waits_finish)) return;
    flow.set(waits_finish);
    table_.wait(for_finish_, at);
}

void Attempts::ask_again(FlowIndex at, EventTime now) noexcept {
    Flow& flow = table_[at];
    if (!flow.has(attempt) || flow.has(withheld | waits_finish | completed | unfinished)) return;
    if (now < table_.tcp(at).syn_ack_at + silence_wait) return;
    // Its wait was over when there was one SYN-ACK only; the next tick looks again.
    flow.set(waits_finish);
    table_.wait(for_finish_, at, true);
}

void Attempts::complete(FlowIndex at) noexcept {
    Flow& flow = table_[at];
    if (!flow.has(attempt) || flow.has(completed)) return;
    stop_waiting(at);
    flow.set(completed);
    auto [to, from] = volumes_.of(flow);
    ++to.completed;
    ++from.completed;
    teller_.outcome(flow, answer(at, Answer::completed));
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
    auto [to, from] = volumes_.of_service(flow);
    ++to.given_up;
    ++from.given_up;
}

void Attempts::tick(EventTime now, EventTime capture_end) noexcept {
    while (for_answer_.first != no_flow) {
        const FlowIndex at = for_answer_.first;
        Flow& flow = table_[at];
        const EventTime over = flow.began + silence_wait;
        if (now < over) break;
        stop_waiting(at);
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
        stop_waiting(at);
        // A single SYN-ACK may simply have been lost on its way; only a server that asks again, or time, says more.
        if (tcp.sides[table_[at].server_side()].syn_acks >= 2)
            leave_unfinished(at, EndedBy::timeout, capture_end < over);
    }
}

}  // namespace wiresage
