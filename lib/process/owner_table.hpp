// Which sockets there were, when, and whose: kept beyond their end, so that a connection of 10 ms has an owner too.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/address.hpp"
#include "base/time.hpp"
#include "process/owner.hpp"
#include "process/socket_event.h"

namespace wiresage {

/// What is asked: a local end, what is known of the other, and when.
struct SocketQuestion {
    bool is_tcp = false;
    Address local;
    std::uint16_t local_port = 0;  ///< 0: not known.
    std::optional<Address> remote;
    std::uint16_t remote_port = 0;      ///< 0: not known.
    EventTime from = EventTime::max();  ///< When the traffic began; the default: now, whatever the time is.
    EventTime until = EventTime::max();
};

/// One socket's life as the table keeps it.
struct SocketLife {
    std::uint64_t cookie = 0;
    bool is_tcp = false;
    bool listens = false;
    bool has_forked = false;  ///< Listens, and its process has got a child since: who accepts is not known.
    bool to_many = false;     ///< Sends to more ports than `sent_to` holds.
    Endpoint local;           ///< Unspecified address: any.  Port 0: not known yet.
    Endpoint remote;          ///< Port 0: not connected.
    std::array<std::uint16_t, 4> sent_to{};  ///< UDP, not connected: ports it sends to.
    std::uint8_t sent_to_count = 0;
    EventTime opened;
    EventTime closed = EventTime::max();
    std::optional<SocketOwner> owner;  ///< What all who used it have in common; absent: nobody did yet.
};

/// Sockets by what the kernel told of them, open and closed, at most `most`: the oldest that is closed goes first.
/// Answers are exact or absent: a port's former owner is none any more, and of several only what they share is told.
class OwnerTable {
public:
    static constexpr std::size_t default_most = 65'536;
    /// What comes so soon after a socket was closed can still be its own: late answers, and for a TCP connection, whose
    /// ends are not given to another meanwhile, what its peer still says.
    static constexpr Duration afterlife = std::chrono::seconds{2};
    static constexpr Duration connection_afterlife = std::chrono::minutes{2};

    explicit OwnerTable(std::size_t most = default_most) : most_{most} {}

    /// `unix_offset`: what turns the monotonic clock into event time.
    void take(const socket_event& event, Duration unix_offset);
    /// A socket's whole life, as a file has it.
    void add(const SocketLife& life);
    /// Some events were lost: of what is open it is not known any more whether it still is.
    void doubt_open();

    /// Whose connection it was, or whose socket sent.  `is_service`: the answer is only who listened there.
    SocketOwner find(const SocketQuestion& question, bool& is_service) const;
    /// Of a socket that is open now, by its cookie.
    const SocketOwner* open_owner(std::uint64_t cookie) const;
    /// Those that are open and whose owner is known.
    std::vector<SocketLife> open_lives() const;

    /// A socket has been closed, and whose it was is known.
    std::function<void(const SocketLife&)> on_closed;

    std::size_t size() const noexcept { return open_.size() + closed_.size(); }

private:
    struct Node;
    using Lives = std::list<Node>;
    using Index = std::multimap<std::uint64_t, Lives::iterator>;
    struct Node {
        SocketLife life;
        Index::iterator by_ports{};  ///< Where it stands in the indexes.
        std::array<Index::iterator, 5> by_remote_port{};
        std::size_t remote_ports = 0;
    };

    Lives::iterator node_of(const socket_event& event, EventTime at);
    void index(Lives::iterator node);
    void unindex(Lives::iterator node);
    void close(Lives::iterator node, EventTime at);
    void make_room();
    std::vector<const SocketLife*> candidates(const SocketQuestion& question, bool with_afterlife) const;
    SocketOwner listener_at(const SocketLife& connection) const;

    std::size_t most_;
    EventTime last_;  ///< Of the newest event.
    Lives open_, closed_;
    std::unordered_map<std::uint64_t, Lives::iterator> by_cookie_;  ///< Open ones.
    Index by_ports_;                                                ///< Local and remote port.
    Index by_remote_port_;
};

}  // namespace wiresage
