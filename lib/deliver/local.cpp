// Receivers on this machine.

#include "deliver/local.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "deliver/request.hpp"

namespace wiresage {

namespace {

/// Facility daemon (RFC 5424, 6.2.1), severity by the alert's.
int priority_of(const Delivery& delivery) {
    constexpr int daemon = 3 * 8;
    if (delivery.state == AlertState::resolved) return daemon + 5;
    switch (delivery.severity) {
        case Severity::critical:
            return daemon + 2;
        case Severity::error:
            return daemon + 3;
        case Severity::warning:
            return daemon + 4;
        case Severity::info:
            break;
    }
    return daemon + 6;
}

TryResult failed(const std::string& what) {
    return {TryResult::Kind::connect, 0, fmt::format("{}: {}", what, std::strerror(errno)), {}};
}

}  // namespace

bool is_local(ReceiverType type) noexcept { return type == ReceiverType::file || type == ReceiverType::syslog; }

LocalWriter::~LocalWriter() { reopen(); }

void LocalWriter::reopen() noexcept {
    if (file_ >= 0) ::close(file_);
    file_ = -1;
}

TryResult LocalWriter::write(const ReceiverOptions& receiver, const Delivery& delivery) {
    const auto& settings = receiver.settings;
    if (settings.type == ReceiverType::file) return write_file(settings.path, delivery.document + "\n");
    return write_syslog(settings.path.empty() ? "/dev/log" : settings.path, delivery);
}

TryResult LocalWriter::write_file(const std::string& path, const std::string& line) {
    if (path != open_path_) reopen();
    open_path_ = path;
    if (file_ < 0) file_ = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
    if (file_ < 0) return failed(path);
    const auto before = ::lseek(file_, 0, SEEK_END);
    std::size_t done = 0;
    while (done < line.size()) {
        const auto wrote = ::write(file_, line.data() + done, line.size() - done);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote <= 0) {
            auto result = failed(path);
            // Half a line would spoil the next one too.
            if (done > 0 && before >= 0 && ::ftruncate(file_, before) != 0) result.error += " (half a line stays)";
            reopen();
            return result;
        }
        done += static_cast<std::size_t>(wrote);
    }
    return {};
}

TryResult LocalWriter::write_syslog(const std::string& path, const Delivery& delivery) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        return {TryResult::Kind::connect, 0, path + " is too long for a socket", {}};
    std::memcpy(address.sun_path, path.data(), path.size());
    const int log = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (log < 0) return failed("no socket");
    // Local syslog has no host name; journald takes the time itself, and other daemons their own.
    const auto line =
        fmt::format("<{}>wiresage[{}]: {}", priority_of(delivery), ::getpid(), line_of(delivery.document));
    const auto sent = ::sendto(log, line.data(), line.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                               reinterpret_cast<const sockaddr*>(&address), sizeof address);
    auto result = sent < 0 ? failed(path) : TryResult{};
    ::close(log);
    return result;
}

}  // namespace wiresage
