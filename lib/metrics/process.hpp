// What the daemon costs: its own figures from /proc/self.
#pragma once

#include <cstdint>
#include <optional>

#include "metrics/exposition.hpp"

namespace wiresage {

/// proc(5).  A figure that cannot be read (a hidden /proc, a process that is not dumpable) is absent.
struct ProcessFigures {
    std::optional<double> cpu_seconds;
    std::optional<double> start_time_seconds;  ///< Unix time, from the kernel's boot time: no clock is read.
    std::optional<std::uint64_t> resident_bytes;
    std::optional<std::uint64_t> virtual_bytes;
    std::optional<std::uint64_t> open_fds;
    std::optional<std::uint64_t> max_fds;
    std::optional<std::uint64_t> threads;
};

ProcessFigures process_figures();

/// Adds what is known as process_*.
void add_process(MetricsSnapshot& snapshot, const ProcessFigures& figures);

}  // namespace wiresage
