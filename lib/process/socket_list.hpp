// The host's sockets, asked of the kernel over sock_diag(7).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/address.hpp"

namespace wiresage {

/// One socket of this network namespace.
struct HostSocket {
    bool is_tcp = false;
    bool listens = false;     ///< TCP in LISTEN, or UDP that is bound and not connected.
    Endpoint local;           ///< Unspecified address: any.
    Endpoint remote;          ///< Port 0: none.
    std::uint32_t inode = 0;  ///< 0: no process holds it any more (TIME_WAIT).
    std::uint32_t uid = 0;
    std::uint64_t cgroup = 0;  ///< Its id, which is the inode of its folder; 0: not known.
    std::uint64_t cookie = 0;  ///< The kernel's own name for it, never used twice.
};

enum class SocketChoice : std::uint8_t { all, listening };

/// All TCP and UDP sockets, or those that listen, IPv4 and IPv6; no privilege is needed.  At most `most`.  Nothing, and
/// `error` where the kernel cannot be asked.  Any thread; some ten milliseconds for thousands of sockets.
std::vector<HostSocket> list_sockets(std::size_t most, std::string& error, SocketChoice choice = SocketChoice::all);

}  // namespace wiresage
