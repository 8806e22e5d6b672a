// Which program listens on a port: /proc/net/tcp gives the socket's inode, /proc/<pid>/fd who holds it (proc(5)).

#include "serve/port_owner.hpp"

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <vector>

#include "base/log.hpp"

namespace wiresage {

namespace {

/// Targets of links to listening sockets on this port: "socket:[4711]".
void listening_sockets(const char* table, std::uint16_t port, std::set<std::string>& sockets) {
    std::ifstream file{table};
    std::string line;
    std::getline(file, line);  // The heading.
    while (std::getline(file, line)) {
        std::istringstream fields{line};
        std::vector<std::string> row;
        for (std::string field; fields >> field;) row.push_back(field);
        constexpr std::size_t local = 1, state = 3, inode = 9;
        if (row.size() <= inode || row[state] != "0A") continue;  // 0A: LISTEN.
        const auto colon = row[local].rfind(':');
        if (colon == std::string::npos || std::stoul(row[local].substr(colon + 1), nullptr, 16) != port) continue;
        sockets.insert("socket:[" + row[inode] + "]");
    }
}

bool holds_one_of(const std::filesystem::path& process, const std::set<std::string>& sockets) {
    std::error_code error;
    std::filesystem::directory_iterator entries{process / "fd", error};
    for (; !error && entries != std::filesystem::directory_iterator{}; entries.increment(error)) {
        std::error_code gone;
        if (sockets.contains(std::filesystem::read_symlink(entries->path(), gone).string())) return true;
    }
    return false;
}

}  // namespace

std::string port_owner(std::uint16_t port) {
    std::set<std::string> sockets;
    listening_sockets("/proc/net/tcp", port, sockets);
    listening_sockets("/proc/net/tcp6", port, sockets);
    if (sockets.empty()) return {};

    std::error_code error;
    std::filesystem::directory_iterator processes{"/proc", error};
    for (; !error && processes != std::filesystem::directory_iterator{}; processes.increment(error)) {
        const auto pid = processes->path().filename().string();
        if (pid.find_first_not_of("0123456789") != std::string::npos || !holds_one_of(processes->path(), sockets))
            continue;
        std::ifstream file{processes->path() / "comm"};
        std::string name;
        std::getline(file, name);
        return printable(name, 32) + " (pid " + pid + ")";
    }
    return {};
}

}  // namespace wiresage
