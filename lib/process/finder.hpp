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
#include "process/recent_owners.hpp"
#include "process/socket_list.hpp"

namespace wiresage {

/// The sockets that a question fits.  A connection's own socket, if it is there; else, for a service, who listens.
std::vector<const HostSocket*> fitting(const std::vector<HostSocket>& sockets, const SocketQuestion& question);

/// Looks sockets and processes up, and remembers for a moment: a storm of questions costs one look.  One thread.
///
/// A socket's process is one that holds it (/proc/PID/fd, as far as this account may read), or the only one of its
/// cgroup where the socket's and the process's users are the same.  Where several processes hold it, what they have in
/// common is told.  What the kernel told of it (`recent`) comes first: it also has sockets that are gone.  Otherwise a
/// socket that is gone has no owner, and one that listens is an answer only for what came after it began to.
class ProcessFinder {
public:
    static constexpr std::chrono::milliseconds remembered{1'000};
    static constexpr std::size_t most_sockets = 65'536;

    explicit ProcessFinder(RecentOwners* recent = nullptr, std::string proc = "/proc",
                           std::string cgroups = "/sys/fs/cgroup");

    /// `now`: the monotonic clock's.  Empty: not known.
    SocketOwner find(const SocketQuestion& question, std::chrono::milliseconds now);
    /// For a table of flows: looks at once for all, whatever is remembered.
    void refresh(std::chrono::milliseconds now);

    const std::string& error() const noexcept { return error_; }

private:
    SocketOwner with_user(SocketOwner owner);
    SocketOwner owner_of(const HostSocket& socket);
    void read_holders();
    std::string cgroup_path(std::uint64_t id);
    std::vector<std::int32_t> processes_of(const std::string& path) const;
    std::string text_of(const std::string& path, std::size_t most) const;

    RecentOwners* recent_;  ///< Or null.
    std::string proc_, cgroups_;
    std::map<std::uint32_t, std::string> users_;
    std::vector<HostSocket> sockets_;
    std::optional<std::chrono::milliseconds> looked_at_;
    bool holders_read_ = false;
    std::unordered_map<std::uint32_t, std::vector<std::int32_t>> holders_;  ///< By socket inode.
    std::unordered_map<std::uint64_t, std::string> paths_;                  ///< Of cgroups, by id.
    std::map<std::uint32_t, SocketOwner> owners_;                           ///< By socket inode.
    std::string error_;
};

}  // namespace wiresage
