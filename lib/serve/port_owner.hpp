// Which program listens on a port, for the message when we cannot.
#pragma once

#include <cstdint>
#include <string>

namespace wiresage {

/// "nginx (pid 812)"; empty where it cannot be seen (another user's program, /proc hidden).  Start-up only: it reads
/// every process' descriptors.
std::string port_owner(std::uint16_t port);

}  // namespace wiresage
