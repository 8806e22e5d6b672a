// Less and less privilege, by capset(2) and prctl(2).

#include "daemon/privileges.hpp"

#include <fmt/format.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

#include "base/error.hpp"

namespace wiresage {

namespace {

constexpr std::uint64_t net_raw = std::uint64_t{1} << CAP_NET_RAW;

struct Sets {
    std::uint64_t effective = 0;
    std::uint64_t permitted = 0;
};

/// The calling thread's.
Sets thread_sets() {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct data[2]{};
    if (syscall(SYS_capget, &header, data) != 0) return {};
    return {data[0].effective | static_cast<std::uint64_t>(data[1].effective) << 32,
            data[0].permitted | static_cast<std::uint64_t>(data[1].permitted) << 32};
}

bool set_thread_sets(const Sets& sets) {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct data[2]{};
    data[0].effective = static_cast<std::uint32_t>(sets.effective);
    data[0].permitted = static_cast<std::uint32_t>(sets.permitted);
    data[1].effective = static_cast<std::uint32_t>(sets.effective >> 32);
    data[1].permitted = static_cast<std::uint32_t>(sets.permitted >> 32);
    return syscall(SYS_capset, &header, data) == 0;
}

[[noreturn]] void refuse(const std::string& what) {
    throw StartupError{StartupError::Kind::system, fmt::format("{}: {}; privileges could not be dropped, so nothing was started", what, std::strerror(errno))};
}

std::string become(const std::string& user) {
    const passwd* account = getpwnam(user.c_str());
    if (account == nullptr) account = getpwnam("nobody");
    if (account == nullptr) refuse(fmt::format("neither the user {} nor nobody exists", user));
    const std::string name = account->pw_name;
    const uid_t uid = account->pw_uid;
    const gid_t gid = account->pw_gid;
    // Opening interfaces has left CAP_NET_RAW alone effective: becoming another user needs the others once more.
    const auto held = thread_sets().permitted;
    if (!set_thread_sets({held, held})) refuse("using the capabilities of root");
    for (int capability = 0; prctl(PR_CAPBSET_READ, capability) >= 0; ++capability) {
        if (capability != CAP_NET_RAW && capability != CAP_SETPCAP) prctl(PR_CAPBSET_DROP, capability);
    }
    prctl(PR_CAPBSET_DROP, CAP_SETPCAP);
    prctl(PR_SET_KEEPCAPS, 1);
    if (setgroups(0, nullptr) != 0 || setresgid(gid, gid, gid) != 0 || setresuid(uid, uid, uid) != 0) refuse(fmt::format("becoming {}", name));
    prctl(PR_SET_KEEPCAPS, 0);
    uid_t real = 0, effective = 0, saved = 0;
    gid_t real_group = 0, effective_group = 0, saved_group = 0;
    if (getresuid(&real, &effective, &saved) != 0 || real != uid || effective != uid || saved != uid) refuse("the user after dropping");
    if (getresgid(&real_group, &effective_group, &saved_group) != 0 || real_group != gid || effective_group != gid || saved_group != gid) refuse("the group after dropping");
    return name;
}

}  // namespace

bool has_capture_capability() { return (thread_sets().permitted & net_raw) != 0; }

std::string drop_privileges(const std::string& user) {
    const bool may_capture = has_capture_capability();
    const std::string name = geteuid() == 0 && !user.empty() && user != "root" ? become(user) : "";
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) refuse("no-new-privileges");
    const Sets wanted{0, may_capture ? net_raw : 0};
    if (!set_thread_sets(wanted)) refuse("clearing capabilities");
    const auto now = thread_sets();
    if (now.effective != wanted.effective || now.permitted != wanted.permitted) refuse("capabilities after dropping");
    return fmt::format("{}; of all capabilities {} is kept", name.empty() ? "user unchanged" : "runs as " + name, may_capture ? "CAP_NET_RAW" : "none");
}

void raise_capture_capability(bool effective) {
    const auto now = thread_sets();
    set_thread_sets({effective ? now.permitted & net_raw : 0, now.permitted});
}

void drop_thread_capabilities() { set_thread_sets({}); }

}  // namespace wiresage
