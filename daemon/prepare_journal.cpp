// What only root can do for the journal, before the daemon is root no longer.

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>

#include "daemon/setup.hpp"
#include "journal/ledger.hpp"

namespace wiresage {

namespace {

/// Without following a link: a folder that others may write to could hold one that points anywhere.
void give(const std::string& path, const passwd& account) {
    struct stat facts {};
    if (lstat(path.c_str(), &facts) != 0 || S_ISLNK(facts.st_mode) || facts.st_uid == account.pw_uid) return;
    [[maybe_unused]] const int ignored = lchown(path.c_str(), account.pw_uid, account.pw_gid);  // The journal itself says what it cannot do.
}

}  // namespace

std::optional<std::string> prepare_journal(const Configuration& configuration) {
    namespace fs = std::filesystem;
    if (geteuid() != 0 || configuration.user == "root" || configuration.user.empty()) return {};
    const passwd* account = getpwnam(configuration.user.c_str());
    if (account == nullptr) account = getpwnam("nobody");
    if (account == nullptr) return {};
    std::error_code ignored;
    const auto& path = configuration.journal.path;
    const auto folder = fs::absolute(path, ignored).parent_path();
    if (fs::create_directories(folder, ignored)) give(folder.string(), *account);
    struct stat facts {};
    if (stat(folder.c_str(), &facts) != 0 || facts.st_uid != 0) return {};  // Its own: it makes the file itself.
    if (fs::is_symlink(fs::symlink_status(path, ignored))) return {};
    Ledger ledger{{path, configuration.journal.size_bytes,
                   std::chrono::duration_cast<std::chrono::seconds>(configuration.journal.keep).count()}};
    auto found = ledger.open(std::time(nullptr));
    ledger.close();
    for (const char* part : {"", "-wal"}) give(path + part, *account);
    return found;
}

}  // namespace wiresage
