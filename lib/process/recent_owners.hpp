// Who owned the sockets of the last while: what the kernel tells as it happens, and since when who listens.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "process/owner.hpp"
#include "process/owner_table.hpp"
#include "process/socket_list.hpp"
#include "process/socket_tracer.hpp"

namespace wiresage {

/// Any thread.  A question first reads what the kernel has told meanwhile.
class RecentOwners {
public:
    struct State {
        bool traces = false;        ///< Tracepoints run.
        std::string problem;        ///< Why they do not, or what of them does not; one line.
        std::uint64_t sockets = 0;  ///< In the table.
        std::uint64_t events = 0;
        std::uint64_t lost = 0;  ///< Events that found no room.
    };

    /// While the process still has its privileges.
    void trace();
    /// Each second: reads events, and which sockets listen.  `now` as event time; `unix_offset`: the monotonic clock's
    /// distance from it.
    void look(EventTime now, Duration unix_offset);

    SocketOwner find(const SocketQuestion& question, bool& is_service);
    /// Of a socket that is open; empty where the kernel told nothing of it.
    SocketOwner of_open_socket(std::uint64_t cookie);
    /// Whether this one listened then already; at the first look all that listen are taken to have done so before.
    bool listened_at(const HostSocket& socket, EventTime then);
    /// From now on, what is closed is kept for take_closed().
    void keep_closed();
    /// Sockets closed since the last call whose owner is known, at most some; the rest is not kept.
    std::vector<SocketLife> take_closed();
    /// Those that are open and whose owner is known.
    std::vector<SocketLife> open_lives();

    State state();

private:
    void read();

    std::mutex mutex_;
    SocketTracer tracer_;
    OwnerTable table_;
    Duration unix_offset_{};
    bool has_looked_ = false;
    std::map<std::uint64_t, EventTime> listening_since_;  ///< By cookie.
    State state_;
    std::vector<SocketLife> closed_;
};

}  // namespace wiresage
