// The check subcommand: everything that is wrong with the configuration and with where it is to run, at once.

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/secret.hpp"
#include "capture/host.hpp"
#include "capture/packet_filter.hpp"
#include "daemon/commands.hpp"
#include "rules/registry.hpp"
#include "serve/port_owner.hpp"
#include "settings/configuration.hpp"

namespace wiresage {

namespace {

/// What is wrong, with the place of the key where the file gives it.
class Problems {
public:
    Problems(std::string file, const ReadResult& read) : file_{std::move(file)}, read_{read} {
        for (const auto& error : read.errors) lines_.push_back({{error.line, error.column}, error.text()});
        configuration_ = read.errors.size();
    }

    void configuration(const std::string& key, const std::string& message) {
        add(key, message);
        ++configuration_;
    }
    void environment(const std::string& key, const std::string& message) { add(key, message); }
    /// About no key at all.
    void environment(const std::string& message) { lines_.push_back({{}, message}); }

    /// The operator wrote it, and it could be read: only then is there something to try out.
    bool has(const std::string& key) const {
        return read_.places.contains(key) && std::none_of(read_.errors.begin(), read_.errors.end(),
                                                          [&](const auto& error) { return error.key == key; });
    }

    /// In the order of the text.
    int print() {
        std::stable_sort(lines_.begin(), lines_.end(), [](const Line& a, const Line& b) {
            return std::pair{a.place.line, a.place.column} < std::pair{b.place.line, b.place.column};
        });
        for (const auto& line : lines_) std::fprintf(stderr, "%s\n", line.text.c_str());
        if (configuration_ > 0) return 2;
        return lines_.empty() ? 0 : 1;
    }

private:
    struct Line {
        TextPlace place;
        std::string text;
    };

    void add(const std::string& key, const std::string& message) {
        const auto found = read_.places.find(key);
        const auto place = found == read_.places.end() ? TextPlace{} : found->second;
        lines_.push_back({place, ConfigurationError{file_, place.line, place.column, key, message}.text()});
    }

    std::string file_;
    const ReadResult& read_;
    std::vector<Line> lines_;
    std::size_t configuration_ = 0;
};

/// By the account that runs the check.
bool can_write(const std::string& path) { return faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) == 0; }

/// The account that the daemon will write as: this one, or as root the one it drops to.
struct Writer {
    std::optional<passwd> account;  ///< Absent: the one that runs the check.

    explicit Writer(const std::string& user) {
        if (geteuid() != 0) return;
        const passwd* found = getpwnam(user.c_str());
        if (found == nullptr) found = getpwnam("nobody");
        if (found != nullptr) account = *found;
    }

    bool may_write(const std::string& path) const {
        struct stat facts {};
        if (!account) return can_write(path);
        if (stat(path.c_str(), &facts) != 0) return false;
        if (facts.st_uid == account->pw_uid) return (facts.st_mode & S_IWUSR) != 0;
        if (facts.st_gid == account->pw_gid) return (facts.st_mode & S_IWGRP) != 0;
        return (facts.st_mode & S_IWOTH) != 0;
    }

    std::string name() const { return account ? account->pw_name : "that runs this check"; }
};

/// A file to write, or a folder to write into.  Folders that are not there are made at start, while the daemon still is
/// who started it; those that are must be writable by the account that it becomes.
void check_writable(Problems& problems, const Writer& writer, const std::string& key, const std::string& path) {
    namespace fs = std::filesystem;
    std::error_code ignored;
    if (path.empty() || !problems.has(key)) return;
    const auto parent = fs::absolute(path, ignored).parent_path();
    auto above = fs::exists(path, ignored) ? fs::path{path} : parent;
    while (!fs::exists(above, ignored) && above.has_relative_path()) above = above.parent_path();

    const bool is_path = above == fs::path{path};
    const bool is_made_at_start = !is_path && above != parent;
    if (!is_path && !fs::is_directory(above, ignored)) {
        return problems.environment(key, fmt::format("{} cannot be made: {} is no folder", path, above.string()));
    }
    if (is_made_at_start && !can_write(above.string())) {
        problems.environment(key, fmt::format("{} cannot be made: make {} first and give it to the daemon's user", path,
                                              parent.string()));
    }
    if (is_made_at_start || writer.may_write(above.string())) return;
    const auto what = is_path ? fmt::format("{} cannot", path)
                              : fmt::format("{} cannot be made: the folder {} cannot", path, above.string());
    problems.environment(
        key, fmt::format("{} be written by the user {}; give it to that user (chown)", what, writer.name()));
}

void check_readable(Problems& problems, const std::string& key, const std::string& path) {
    if (path.empty() || faccessat(AT_FDCWD, path.c_str(), R_OK, AT_EACCESS) == 0) return;
    problems.environment(key, fmt::format("{} cannot be read: {}", path, std::strerror(errno)));
}

void check_secret(Problems& problems, const std::string& key, const std::string& path) {
    if (path.empty()) return;
    try {
        read_secret(path);
    } catch (const StartupError& error) {
        problems.environment(key, error.what());
    }
}

void check_interfaces(Problems& problems, const Configuration& configuration) {
    if (const auto missing = capture_permission_problem()) problems.environment(*missing);
    const auto names = interface_names();
    for (std::size_t i = 0; i < configuration.interfaces.size(); ++i) {
        const auto& interface = configuration.interfaces[i];
        const auto key = fmt::format("interfaces[{}]", i);
        const bool is_there =
            interface.name == "any" || std::find(names.begin(), names.end(), interface.name) != names.end();
        if (!interface.name.empty() && !is_there) {
            problems.environment(key + ".name", fmt::format("there is no interface {}; there are: {}", interface.name,
                                                            fmt::join(names, ", ")));
        }
        if (interface.filter.empty()) continue;
        if (const auto wrong = filter_problem(interface.filter)) {
            problems.configuration(key + ".filter", fmt::format("libpcap cannot compile it: {}", *wrong));
        }
    }
}

/// The errno of trying to listen there; 0 where it works.
int try_to_listen(const Endpoint& end) {
    const int domain = end.ip.is_v4() ? AF_INET : AF_INET6;
    const int probe = ::socket(domain, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (probe < 0) return errno;
    const int yes = 1;
    ::setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_storage storage{};
    socklen_t length = 0;
    if (end.ip.is_v4()) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(end.port);
        address.sin_addr.s_addr = htonl(end.ip.v4_value());
        length = sizeof address;
        std::memcpy(&storage, &address, length);
    } else {
        sockaddr_in6 address{};
        address.sin6_family = AF_INET6;
        address.sin6_port = htons(end.port);
        std::memcpy(&address.sin6_addr, end.ip.bytes.data(), end.ip.bytes.size());
        length = sizeof address;
        std::memcpy(&storage, &address, length);
    }
    const bool works =
        ::bind(probe, reinterpret_cast<const sockaddr*>(&storage), length) == 0 && ::listen(probe, 1) == 0;
    const int why = works ? 0 : errno;
    ::close(probe);
    return why;
}

void check_http(Problems& problems, const HttpSettings& http) {
    const int why = try_to_listen(http.listen);
    if (why == EADDRINUSE) {
        const auto owner = port_owner(http.listen.port);
        // A daemon that runs already is no mistake: one checks the file before a reload.
        if (!owner.starts_with("wiresage ")) {
            problems.environment(
                "http.listen", fmt::format("{} is in use{}; stop that program or choose another port",
                                           http.listen.text(), owner.empty() ? " by another program" : " by " + owner));
        }
    } else if (why != 0) {
        problems.environment("http.listen",
                             fmt::format("cannot listen on {}: {}", http.listen.text(), std::strerror(why)));
    }
    check_secret(problems, "http.token_file", http.token_file);
    check_readable(problems, "http.tls.cert_file", http.cert_file);
    check_readable(problems, "http.tls.key_file", http.key_file);
}

void check_receivers(Problems& problems, const Writer& writer, const std::vector<ReceiverSettings>& receivers) {
    for (std::size_t i = 0; i < receivers.size(); ++i) {
        const auto& receiver = receivers[i];
        const auto key = fmt::format("alerting.receivers[{}]", i);
        check_secret(problems, key + ".secret_file", receiver.secret_file);
        check_readable(problems, key + ".ca_file", receiver.ca_file);
        if (receiver.type == ReceiverType::file) check_writable(problems, writer, key + ".path", receiver.path);
    }
}

}  // namespace

int check_command(const std::string& config_path) {
    auto read = config_path.empty() ? ReadResult{default_configuration(all_rules()), {}, {}}
                                    : read_configuration(config_path, all_rules());
    const auto& configuration = read.configuration;
    Problems problems{config_path.empty() ? "defaults" : config_path, read};
    const Writer writer{configuration.user};

    check_interfaces(problems, configuration);
    check_readable(problems, "tls.keylog", configuration.tls_keylog);
    check_receivers(problems, writer, configuration.alerting.receivers);
    check_writable(problems, writer, "journal.path", configuration.journal.path);
    if (configuration.recorder.memory_bytes > 0)
        check_writable(problems, writer, "recorder.path", configuration.recorder.path);
    if (!configuration.process.file.empty()) check_writable(problems, writer, "process.file", configuration.process.file);
    check_http(problems, configuration.http);

    const int status = problems.print();
    if (status == 0) std::printf("configuration is fine\n");
    return status;
}

}  // namespace wiresage
