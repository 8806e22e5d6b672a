// What `read` writes on standard output.

#include "daemon/read_output.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace wiresage {

namespace {

/// Written in pieces of this size, so that a pipe is not woken for every line.
constexpr std::size_t piece_bytes = 64 * 1024;

}  // namespace

Output::Output() : terminal_{isatty(STDOUT_FILENO) == 1} {}

Output::~Output() { flush(); }

void Output::write(const std::string& text) {
    pending_ += text;
    if (pending_.size() >= piece_bytes || terminal_) flush();
}

void Output::flush() {
    const char* at = pending_.data();
    std::size_t left = pending_.size();
    while (left > 0 && !broken_) {
        const auto written = ::write(STDOUT_FILENO, at, left);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) {
            broken_ = true;
            break;
        }
        at += written;
        left -= static_cast<std::size_t>(written);
    }
    pending_.clear();
}

void AlertPrinter::write(const Alert& alert) {
    if (silent_) return;
    if (alert.state == AlertState::firing) ++fired_[alert.severity];
    refresh(observer_, inputs_);
    output_.write(json_ ? alert_json(alert, observer_) + "\n" : alert_text(alert, observer_, output_.is_terminal()) + "\n");
}

std::optional<SocketQuestion> owner_question(const FlowRecord& record, const std::vector<Address>& local) {
    constexpr std::uint8_t tcp = 6, udp = 17;
    if (record.protocol != tcp && record.protocol != udp) return {};
    for (const bool is_client : {true, false}) {
        const auto& own = is_client ? record.client : record.server;
        const auto& other = is_client ? record.server : record.client;
        if (std::ranges::find(local, own.ip) == local.end()) continue;
        return SocketQuestion{record.protocol == tcp, own.ip, own.port, other.ip, other.port, record.start, record.end};
    }
    return {};
}

void FlowPrinter::write(const FlowRecord& record) noexcept {
    SocketOwner owner;
    bool is_service = false;
    if (owners_) {
        if (const auto question = owner_question(record, owners_->local)) owner = owners_->table.find(*question, is_service);
    }
    output_.write(flow_json(record, inputs_, owner) + "\n");
}

}  // namespace wiresage
