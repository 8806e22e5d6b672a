// From a connection's ends to who owns the socket.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/address.hpp"
#include "process/owner.hpp"
#include "process/socket_list.hpp"

namespace wiresage {

/// What is asked: a local end, and what is known of the other.
struct SocketQuestion {
    bool is_tcp = false;
    Address local;
    std::uint16_t local_port = 0;  ///< 0: not known.
    std::optional<Address> remote;
    std::uint16_t remote_port = 0;  ///< 0: not known.
};

/// The sockets that a question fits.  A connection's own socket, if it is there; else, for a service, who listens.
std::vector<const HostSocket*> fitting(const std::vector<HostSocket>& sockets, const SocketQuestion& question);

/// What all of them agree on; a part in which they differ is absent.
SocketOwner agreed(const std::vector<SocketOwner>& owners);

/// Looks sockets and processes up, and remembers for a moment: a storm of questions costs one look.  One thread.
///
/// A socket's process is one that holds it (/proc/PID/fd, as far as this account may read), or the only one of its
/// cgroup where the socket's and the process's users are the same.  Where several processes hold it, what they have in
/// common is told.  A socket that is gone has no owner.
class ProcessFinder {
public:
    static constexpr std::chrono::milliseconds remembered{1'000};
    static constexpr std::size_t most_sockets = 65'536;

    explicit ProcessFinder(std::string proc = "/proc", std::string cgroups = "/sys/fs/cgroup");

    /// `now`: the monotonic clock's.  Empty: not known.
    SocketOwner find(const SocketQuestion& question, std::chrono::milliseconds now);
    /// For a table of flows: looks at once for all, whatever is remembered.
    void refresh(std::chrono::milliseconds now);

    const std::string& error() const noexcept { return error_; }

private:
    SocketOwner owner_of(const HostSocket& socket);
    void read_holders();
    std::string cgroup_path(std::uint64_t id);
    std::vector<std::int32_t> processes_of(const std::string& path) const;
    std::string text_of(const std::string& path, std::size_t most) const;

    std::string proc_, cgroups_;
    std::vector<HostSocket> sockets_;
    std::optional<std::chrono::milliseconds> looked_at_;
    bool holders_read_ = false;
    std::unordered_map<std::uint32_t, std::vector<std::int32_t>> holders_;  ///< By socket inode.
    std::unordered_map<std::uint64_t, std::string> paths_;                  ///< Of cgroups, by id.
    std::map<std::uint32_t, SocketOwner> owners_;                           ///< By socket inode.
    std::string error_;
};

}  // namespace wiresage
