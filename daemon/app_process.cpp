// Which process stands behind an alert or a flow.

#include <algorithm>
#include <chrono>
#include <ctime>

#include "daemon/app.hpp"
#include "daemon/read_output.hpp"

namespace wiresage {

namespace {

std::chrono::milliseconds monotonic_now() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch());
}

Duration reading(clockid_t clock) {
    std::timespec now{};
    clock_gettime(clock, &now);
    return std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec};
}

}  // namespace

void App::begin_processes() {
    const auto& chosen = configuration_.process;
    const auto state = recent_owners_.state();
    if (chosen.tracepoints) {
        log_.info(state.traces ? "tracepoints tell whose sockets are" : "tracepoints are not used: whose a socket is, is looked up while it is there",
                  {{"problem", state.problem}});
    }
    if (!chosen.file.empty()) {
        recent_owners_.keep_closed();
        owner_file_.emplace(chosen.file, chosen.size_bytes, local_addresses_);
    }
    look_at_processes();
}

void App::look_at_processes() {
    const auto now = reading(CLOCK_REALTIME);
    recent_owners_.look(EventTime{now}, now - reading(CLOCK_MONOTONIC));
    write_owners(false);
}

void App::write_owners(bool is_last) {
    if (!owner_file_) return;
    auto wrong = owner_file_->write(recent_owners_.take_closed());
    if (is_last && wrong.empty()) wrong = owner_file_->write(recent_owners_.open_lives());
    if (!wrong.empty() && wrong != owner_file_error_) log_.warning("process.file cannot be written", {{"error", wrong}});
    owner_file_error_ = wrong;
}

void App::look_at_sockets() { flow_processes_.refresh(monotonic_now()); }

SocketOwner App::flow_owner(const FlowRecord& flow) {
    const auto question = owner_question(flow, local_addresses_);
    return question ? flow_processes_.find(*question, monotonic_now()) : SocketOwner{};
}

ProcessView App::process_of(const Alert& alert) {
    const auto& finding = alert.finding;
    if (finding.transport != Transport::tcp && finding.transport != Transport::udp) return {};
    const auto is_local = [&](const End& end) {
        return end.ip && std::ranges::find(local_addresses_, *end.ip) != local_addresses_.end();
    };
    for (const bool is_source : {true, false}) {  // Who did it comes before whom it was done to.
        const auto& local = is_source ? finding.source : finding.destination;
        const auto& other = is_source ? finding.destination : finding.source;
        if (!is_local(local)) continue;
        const SocketQuestion question{finding.transport == Transport::tcp, *local.ip, local.port.value_or(0), other.ip, other.port.value_or(0),
                                      finding.start_stamp, alert.stamp};
        const auto owner = alert_processes_.find(question, monotonic_now());
        if (!owner.empty()) return {owner.pid, owner.name, owner.uid, owner.user, owner.unit, owner.container};
    }
    return {};
}

ProcessView App::remembered_process(const Alert& alert) {
    constexpr std::size_t most_remembered = 20'000;
    const auto known = processes_.find(alert.id);
    auto process = known == processes_.end() ? alert.process : known->second;  // Of an earlier run, if of any.
    if (alert.state != AlertState::resolved && !process.pid) {
        auto now = process_of(alert);
        if (now.pid || !now.name.empty() || !now.user.empty()) process = std::move(now);
    }
    if (alert.state == AlertState::resolved) {
        processes_.erase(alert.id);
    } else if (processes_.size() < most_remembered) {
        processes_[alert.id] = process;
    }
    return process;
}

}  // namespace wiresage
