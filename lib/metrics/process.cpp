// The daemon's own figures from /proc/self, proc(5).

#include "metrics/process.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace wiresage {

namespace {

std::string content_of(const char* path) {
    std::ifstream file{path, std::ios::binary};
    std::ostringstream content;
    content << file.rdbuf();
    return std::move(content).str();
}

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end == text.data()) return {};
    return value;
}

/// The fields of /proc/self/stat from the third on: the second, the program's name, may hold spaces and brackets.
std::vector<std::string> stat_fields() {
    const auto stat = content_of("/proc/self/stat");
    const auto name_end = stat.rfind(')');
    if (name_end == std::string::npos) return {};
    std::istringstream rest{stat.substr(name_end + 1)};
    std::vector<std::string> fields;
    for (std::string field; rest >> field;) fields.push_back(field);
    return fields;
}

/// "btime 1700000000" in /proc/stat: when the kernel started, Unix time.
std::optional<std::uint64_t> boot_time() {
    std::ifstream file{"/proc/stat"};
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("btime ")) return number(std::string_view{line}.substr(6));
    }
    return {};
}

std::optional<std::uint64_t> open_fds() {
    std::error_code error;
    std::filesystem::directory_iterator entries{"/proc/self/fd", error};
    if (error) return {};
    std::uint64_t count = 0;
    for (; entries != std::filesystem::directory_iterator{}; entries.increment(error)) {
        if (error) return {};
        ++count;
    }
    return count - 1;  // The one that read this list.
}

}  // namespace

ProcessFigures process_figures() {
    ProcessFigures figures;
    figures.open_fds = open_fds();
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) figures.max_fds = limit.rlim_cur;

    // Numbers are those of proc(5), less three for the fields that are cut off.
    const auto fields = stat_fields();
    constexpr std::size_t utime = 14 - 3, stime = 15 - 3, threads = 20 - 3, start = 22 - 3, vsize = 23 - 3,
                          rss = 24 - 3;
    if (fields.size() <= rss) return figures;

    const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
    const auto user = number(fields[utime]);
    const auto system = number(fields[stime]);
    if (user && system) figures.cpu_seconds = static_cast<double>(*user + *system) / ticks;
    figures.threads = number(fields[threads]);
    figures.virtual_bytes = number(fields[vsize]);
    if (const auto pages = number(fields[rss])) {
        figures.resident_bytes = *pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    }
    const auto boot = boot_time();
    const auto started = number(fields[start]);
    if (boot && started)
        figures.start_time_seconds = static_cast<double>(*boot) + static_cast<double>(*started) / ticks;
    return figures;
}

void add_process(MetricsSnapshot& snapshot, const ProcessFigures& figures) {
    const auto add = [&](Metric metric, const auto& figure) {
        if (figure) snapshot.add(metric, *figure);
    };
    add(Metric::process_cpu, figures.cpu_seconds);
    add(Metric::process_resident_memory, figures.resident_bytes);
    add(Metric::process_virtual_memory, figures.virtual_bytes);
    add(Metric::process_open_fds, figures.open_fds);
    add(Metric::process_max_fds, figures.max_fds);
    add(Metric::process_start_time, figures.start_time_seconds);
    add(Metric::process_threads, figures.threads);
}

}  // namespace wiresage
