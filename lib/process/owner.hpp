// Who owns a socket: what is known of it, and nothing that is only likely.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace wiresage {

/// What is not known is empty or absent.  Names come from processes: show them through printable() only.
struct SocketOwner {
    std::optional<std::int32_t> pid;
    std::string name;  ///< /proc/PID/comm, at most 15 bytes.
    std::optional<std::uint32_t> uid;
    std::string user;       ///< Name of the uid.
    std::string unit;       ///< systemd's: "nginx.service".
    std::string container;  ///< Its id, 64 hex digits.

    bool empty() const noexcept { return !pid && name.empty() && !uid && unit.empty() && container.empty(); }
    friend bool operator==(const SocketOwner&, const SocketOwner&) = default;
};

/// What all of them agree on; a part in which they differ is absent.
SocketOwner agreed(const std::vector<SocketOwner>& owners);

/// The unit that a cgroup's path names: its last part that ends in .service, .scope or .socket, but for systemd's own
/// scopes.  "/system.slice/nginx.service" -> "nginx.service".
std::string unit_of_cgroup(const std::string& path);

/// The container's id in a cgroup's path: the last run of exactly 64 hex digits (docker-<id>.scope,
/// cri-containerd-<id>, /docker/<id>, kubepods/.../<id>).
std::string container_of_cgroup(const std::string& path);

}  // namespace wiresage
