// Who owned the sockets of the last while.

#include "process/recent_owners.hpp"

#include <utility>

namespace wiresage {

namespace {

constexpr std::size_t most_listeners = 8'192;
constexpr std::size_t most_closed = 100'000;

}  // namespace

void RecentOwners::trace() {
    const std::lock_guard lock{mutex_};
    std::string partly;
    const auto wrong = tracer_.open(partly);
    state_.traces = wrong.empty();
    state_.problem = wrong.empty() ? partly : wrong;
}

void RecentOwners::look(EventTime now, Duration unix_offset) {
    std::string error;
    const auto sockets = list_sockets(most_listeners, error, SocketChoice::listening);
    const std::lock_guard lock{mutex_};
    unix_offset_ = unix_offset;
    read();
    const auto before = std::exchange(listening_since_, {});
    for (const auto& socket : sockets) {
        const auto known = before.find(socket.cookie);
        listening_since_[socket.cookie] = !has_looked_ ? EventTime{} : known == before.end() ? now : known->second;
    }
    has_looked_ = true;
}

void RecentOwners::read() {
    const auto lost = tracer_.read([this](const socket_event& event) {
        ++state_.events;
        table_.take(event, unix_offset_);
    });
    state_.lost += lost;
    if (lost != 0) table_.doubt_open();
}

SocketOwner RecentOwners::find(const SocketQuestion& question, bool& is_service) {
    const std::lock_guard lock{mutex_};
    read();
    return table_.find(question, is_service);
}

SocketOwner RecentOwners::of_open_socket(std::uint64_t cookie) {
    const std::lock_guard lock{mutex_};
    read();
    const auto* const owner = table_.open_owner(cookie);
    return owner ? *owner : SocketOwner{};
}

bool RecentOwners::listened_at(const HostSocket& socket, EventTime then) {
    const std::lock_guard lock{mutex_};
    const auto since = listening_since_.find(socket.cookie);
    return since != listening_since_.end() && since->second <= then;
}

void RecentOwners::keep_closed() {
    const std::lock_guard lock{mutex_};
    table_.on_closed = [this](const SocketLife& life) {
        if (closed_.size() < most_closed) closed_.push_back(life);
    };
}

std::vector<SocketLife> RecentOwners::take_closed() {
    const std::lock_guard lock{mutex_};
    return std::exchange(closed_, {});
}

std::vector<SocketLife> RecentOwners::open_lives() {
    const std::lock_guard lock{mutex_};
    read();
    return table_.open_lives();
}

RecentOwners::State RecentOwners::state() {
    const std::lock_guard lock{mutex_};
    auto state = state_;
    state.sockets = table_.size();
    return state;
}

}  // namespace wiresage
