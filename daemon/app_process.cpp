// Which process stands behind an alert.

#include <algorithm>
#include <chrono>

#include "daemon/app.hpp"

namespace wiresage {

ProcessView App::process_of(const Alert& alert) {
    const auto& finding = alert.finding;
    if (finding.transport != Transport::tcp && finding.transport != Transport::udp) return {};
    const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch());
    const auto is_local = [&](const End& end) {
        return end.ip && std::ranges::find(local_addresses_, *end.ip) != local_addresses_.end();
    };
    for (const bool is_source : {true, false}) {  // Who did it comes before whom it was done to.
        const auto& local = is_source ? finding.source : finding.destination;
        const auto& other = is_source ? finding.destination : finding.source;
        if (!is_local(local)) continue;
        const SocketQuestion question{finding.transport == Transport::tcp, *local.ip, local.port.value_or(0), other.ip, other.port.value_or(0)};
        const auto owner = alert_processes_.find(question, now);
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
