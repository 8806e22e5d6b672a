// How the live interfaces fare, as other threads may read it.
#pragma once

#include <cstdint>
#include <string>

namespace wiresage {

/// What was seen and what was lost on one interface since the start, over all handles that it had.
struct LossCounters {
    std::uint64_t captured = 0;         ///< Given out by next_batch().
    std::uint64_t kernel_received = 0;  ///< ps_recv: what passed the filter, drops included (Linux).
    std::uint64_t kernel_dropped = 0;  ///< ps_drop: no room in the kernel's ring; and what it held when a handle broke.
    std::uint64_t interface_dropped = 0;  ///< ps_ifdrop: by the network card or its driver, as libpcap sees it.
    std::uint64_t link_packets = 0;       ///< The link's own counters (IFLA_STATS64), 0 on "any": rx_packets,
    std::uint64_t link_dropped = 0;       ///< rx_dropped,
    std::uint64_t link_errors = 0;        ///< rx_errors,
    std::uint64_t link_missed = 0;        ///< rx_missed_errors.
};

/// One configured interface.
struct InterfaceStatus {
    enum class State : std::uint8_t {
        up,       ///< Packets come, if there are any.
        down,     ///< It exists and is down; packets come again by themselves.
        missing,  ///< No interface of this name; opened when it appears.
        refused,  ///< It exists, but cannot be opened: `error` says why.  Tried again.
    };

    std::string name;
    State state = State::missing;
    std::string error;              ///< Why it is not `up`, in words; while `up` empty, unless it was renamed.
    bool lacks_permission = false;  ///< `refused` for want of CAP_NET_RAW (capture_permission_help()).
    bool required = false;          ///< As configured.
    std::uint64_t opened = 0;       ///< How often it was opened; every time after the first, it had gone.
    std::uint64_t changes = 0;      ///< Counts changes of `state`, so that one can see that something happened.
    LossCounters loss;
};

constexpr const char* state_name(InterfaceStatus::State state) noexcept {
    constexpr const char* names[] = {"up", "down", "missing", "refused"};
    return names[static_cast<std::size_t>(state)];
}

}  // namespace wiresage
