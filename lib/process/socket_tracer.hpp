// The kernel's side of who owns a socket: loads socket_trace.bpf.c, and reads what it tells.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "process/socket_event.h"

namespace wiresage {

/// Tracepoints and cgroup programs through libbpf CO-RE.  Needs CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN (or root) while
/// it is opened, and none afterwards.  One thread at a time.
class SocketTracer {
public:
    SocketTracer();
    ~SocketTracer();

    /// Empty: it runs.  Else why it does not, one line: kernel, privilege, or built without it.  `partly` is then what
    /// of it does not work although it runs: without a cgroup v2 hierarchy datagrams are not followed.
    std::string open(std::string& partly);
    bool is_open() const noexcept;
    /// Everything told since; returns how many events were lost since the last call.
    std::uint64_t read(const std::function<void(const socket_event&)>& take);

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace wiresage
