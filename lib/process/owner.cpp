// Who owns a socket: what several agree on, and what a cgroup's path says.

#include "process/owner.hpp"

#include <algorithm>
#include <string_view>

namespace wiresage {

namespace {

constexpr std::size_t container_id_digits = 64;

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

/// In these live processes of whoever; a socket made here tells of nobody.
bool is_everybodys(std::string_view part) { return part == "init.scope" || part.starts_with("session-"); }

}  // namespace

SocketOwner agreed(const std::vector<SocketOwner>& owners) {
    if (owners.empty()) return {};
    auto common = owners.front();
    for (const auto& owner : owners) {
        if (owner.pid != common.pid) common.pid.reset();
        if (owner.name != common.name) common.name.clear();
        if (owner.uid != common.uid) common.uid.reset();
        if (owner.user != common.user) common.user.clear();
        if (owner.unit != common.unit) common.unit.clear();
        if (owner.container != common.container) common.container.clear();
    }
    return common;
}

std::string unit_of_cgroup(const std::string& path) {
    std::string unit;
    for (std::size_t begin = 0; begin < path.size();) {
        const auto end = std::min(path.find('/', begin), path.size());
        const auto part = std::string_view{path}.substr(begin, end - begin);
        const bool is_unit = part.ends_with(".service") || part.ends_with(".scope") || part.ends_with(".socket");
        if (is_unit && !is_everybodys(part) && !part.starts_with("user@")) unit = part;
        begin = end + 1;
    }
    return unit;
}

std::string container_of_cgroup(const std::string& path) {
    std::string container;
    std::size_t run = 0;
    for (std::size_t i = 0; i <= path.size(); ++i) {
        if (i < path.size() && is_hex(path[i])) {
            ++run;
            continue;
        }
        if (run == container_id_digits) container = path.substr(i - run, run);
        run = 0;
    }
    return container;
}

}  // namespace wiresage
