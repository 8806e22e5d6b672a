// Receivers on this machine: a file of JSON lines, the system's log.
#pragma once

#include <string>

#include "deliver/outbox.hpp"
#include "deliver/receiver.hpp"

namespace wiresage {

/// Whether the type is written to by write(2) or send(2) instead of HTTP.
bool is_local(ReceiverType type) noexcept;

/// Writes one document.  May block as long as the disk does.  One thread.
class LocalWriter {
public:
    LocalWriter() = default;
    ~LocalWriter();
    LocalWriter(const LocalWriter&) = delete;
    LocalWriter& operator=(const LocalWriter&) = delete;

    TryResult write(const ReceiverOptions& receiver, const Delivery& delivery);
    /// The file may have been moved away (logrotate): the next write opens it anew.
    void reopen() noexcept;

private:
    TryResult write_file(const std::string& path, const std::string& line);
    TryResult write_syslog(const std::string& path, const Delivery& delivery);

    int file_ = -1;
    std::string open_path_;
};

}  // namespace wiresage
