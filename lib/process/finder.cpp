// From a connection's ends to who owns the socket.

#include "process/finder.hpp"

#include <dirent.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>

namespace wiresage {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_cgroups = 20'000;
constexpr std::size_t most_owners = 4'096;

bool unspecified(const Address& address) {
    return address == Address{} || (address.is_v4() && address.v4_value() == 0);
}

bool local_fits(const HostSocket& socket, const SocketQuestion& question) {
    if (socket.is_tcp != question.is_tcp) return false;
    if (question.local_port != 0 && socket.local.port != question.local_port) return false;
    return unspecified(socket.local.ip) || socket.local.ip == question.local;
}

bool remote_fits(const HostSocket& socket, const SocketQuestion& question) {
    if (socket.remote.port == 0) return false;
    if (question.remote && socket.remote.ip != *question.remote) return false;
    return question.remote_port == 0 || socket.remote.port == question.remote_port;
}

std::optional<std::int32_t> pid_of(const char* name) {
    std::int32_t pid = 0;
    const auto* const end = name + std::char_traits<char>::length(name);
    const auto [at, error] = std::from_chars(name, end, pid);
    if (error != std::errc{} || at != end) return {};
    return pid;
}

/// The user of a process, by the owner of its folder.
std::optional<std::uint32_t> user_of(const std::string& folder) {
    struct stat facts {};
    if (stat(folder.c_str(), &facts) != 0) return {};
    return facts.st_uid;
}

std::string user_name(std::uint32_t uid) {
    std::array<char, 4096> buffer{};
    passwd entry{};
    passwd* found = nullptr;
    if (getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) return {};
    return found->pw_name;
}

}  // namespace

std::vector<const HostSocket*> fitting(const std::vector<HostSocket>& sockets, const SocketQuestion& question) {
    std::vector<const HostSocket*> connected, listening;
    for (const auto& socket : sockets) {
        if (socket.inode == 0 || !local_fits(socket, question)) continue;
        if (remote_fits(socket, question)) connected.push_back(&socket);
        if (socket.listens && question.local_port != 0) listening.push_back(&socket);
    }
    // Without a port, only what is connected to the other end can be meant; without that either, nothing can.
    if (!connected.empty() && (question.local_port != 0 || question.remote)) return connected;
    return listening;
}

ProcessFinder::ProcessFinder(RecentOwners* recent, std::string proc, std::string cgroups)
    : recent_{recent}, proc_{std::move(proc)}, cgroups_{std::move(cgroups)} {}

void ProcessFinder::refresh(std::chrono::milliseconds now) {
    sockets_ = list_sockets(most_sockets, error_);
    looked_at_ = now;
    holders_read_ = false;
    holders_.clear();
    owners_.clear();
}

SocketOwner ProcessFinder::find(const SocketQuestion& question, std::chrono::milliseconds now) {
    bool is_service = false;
    const auto recent = recent_ ? recent_->find(question, is_service) : SocketOwner{};
    if (!recent.empty() && !is_service) return with_user(recent);
    if (!looked_at_ || now - *looked_at_ >= remembered || now < *looked_at_) refresh(now);
    std::vector<SocketOwner> owners;
    for (const auto* socket : fitting(sockets_, question)) {
        // It may have been somebody else's port when the traffic began.
        if (socket->listens && recent_ && question.from != EventTime::max() &&
            !recent_->listened_at(*socket, question.from))
            continue;
        auto known = owners_.find(socket->inode);
        if (known == owners_.end()) known = owners_.emplace(socket->inode, owner_of(*socket)).first;
        owners.push_back(known->second);
        if (owners_.size() > most_owners) break;
    }
    const auto now_there = agreed(owners);
    return now_there.pid || recent.empty() ? now_there : with_user(recent);
}

SocketOwner ProcessFinder::with_user(SocketOwner owner) {
    if (!owner.uid) return owner;
    if (users_.size() > most_owners) users_.clear();
    const auto [known, is_new] = users_.try_emplace(*owner.uid);
    if (is_new) known->second = user_name(*owner.uid);
    owner.user = known->second;
    return owner;
}

SocketOwner ProcessFinder::owner_of(const HostSocket& socket) {
    if (auto told = recent_ ? recent_->of_open_socket(socket.cookie) : SocketOwner{}; !told.empty())
        return with_user(std::move(told));
    SocketOwner owner;
    owner.uid = socket.uid;
    owner = with_user(std::move(owner));
    const auto path = cgroup_path(socket.cgroup);
    owner.unit = unit_of_cgroup(path);
    owner.container = container_of_cgroup(path);
    if (!holders_read_) read_holders();
    const auto held = holders_.find(socket.inode);
    auto pids = held == holders_.end() ? std::vector<std::int32_t>{} : held->second;
    if (pids.empty() && (!owner.unit.empty() || !owner.container.empty())) {
        // Its holders may not be looked at; but a cgroup of one process, under the same user, leaves no choice.
        pids = processes_of(path);
        if (pids.size() != 1 || user_of(proc_ + "/" + std::to_string(pids[0])) != socket.uid) pids.clear();
    }
    std::vector<SocketOwner> candidates;
    for (const auto pid : pids) {
        auto candidate = owner;
        candidate.pid = pid;
        candidate.name = text_of(proc_ + "/" + std::to_string(pid) + "/comm", 64);
        candidates.push_back(std::move(candidate));
    }
    return candidates.empty() ? owner : agreed(candidates);
}

void ProcessFinder::read_holders() {
    holders_read_ = true;
    auto* const all = opendir(proc_.c_str());
    if (all == nullptr) return;
    while (const auto* process = readdir(all)) {
        const auto pid = pid_of(process->d_name);
        if (!pid) continue;
        const auto folder = proc_ + "/" + process->d_name + "/fd";
        auto* const open_files = opendir(folder.c_str());
        if (open_files == nullptr) continue;  // Another user's.
        while (const auto* file = readdir(open_files)) {
            std::array<char, 64> target{};
            const auto bytes = readlinkat(dirfd(open_files), file->d_name, target.data(), target.size() - 1);
            constexpr std::string_view mark = "socket:[";
            const std::string_view text{target.data(), static_cast<std::size_t>(std::max<ssize_t>(bytes, 0))};
            if (!text.starts_with(mark)) continue;
            std::uint32_t inode = 0;
            std::from_chars(text.data() + mark.size(), text.data() + text.size(), inode);
            auto& pids = holders_[inode];
            if (std::ranges::find(pids, *pid) == pids.end()) pids.push_back(*pid);
        }
        closedir(open_files);
    }
    closedir(all);
}

std::string ProcessFinder::cgroup_path(std::uint64_t id) {
    if (id == 0) return {};
    if (const auto known = paths_.find(id); known != paths_.end()) return known->second;
    if (paths_.size() > most_cgroups) paths_.clear();
    std::error_code wrong;
    // A version 2 cgroup's id is the inode of its folder.
    for (auto at = fs::recursive_directory_iterator{cgroups_, fs::directory_options::skip_permission_denied, wrong};
         !wrong && at != fs::recursive_directory_iterator{}; at.increment(wrong)) {
        if (!at->is_directory(wrong)) continue;
        struct stat facts {};
        if (stat(at->path().c_str(), &facts) != 0) continue;
        paths_[facts.st_ino] = at->path().string().substr(cgroups_.size());
        if (paths_.size() > most_cgroups) break;
    }
    return paths_.emplace(id, std::string{}).first->second;
}

std::vector<std::int32_t> ProcessFinder::processes_of(const std::string& path) const {
    std::vector<std::int32_t> pids;
    std::ifstream list{cgroups_ + path + "/cgroup.procs"};
    std::int32_t pid = 0;
    while (pids.size() < 2 && list >> pid) pids.push_back(pid);
    return pids;
}

std::string ProcessFinder::text_of(const std::string& path, std::size_t most) const {
    std::ifstream file{path, std::ios::binary};
    std::string text(most, '\0');
    file.read(text.data(), static_cast<std::streamsize>(most));
    text.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
    while (!text.empty() && (text.back() == '\n' || text.back() == '\0')) text.pop_back();
    return text;
}

}  // namespace wiresage
