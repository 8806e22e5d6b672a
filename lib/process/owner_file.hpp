// Whose the sockets were, on disk: written by the daemon, read beside captures of the same time.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "process/owner_table.hpp"

namespace wiresage {

/// JSON lines.  The first of a file names the host's own addresses; each other one is a socket: `transport`, `ip`,
/// `port`, `remote_ip`, `remote_port`, `sent_to`, `listens`, `start`, `end`, and what is known of its owner.  One
/// thread.
class OwnerFile {
public:
    /// At `most_bytes` the file becomes PATH.1, replacing an older one, and a new one is begun.
    OwnerFile(std::string path, std::uint64_t most_bytes, std::vector<Address> local);

    /// Empty: written.  Else what is wrong; the lines are then lost.
    std::string write(const std::vector<SocketLife>& lives);

private:
    struct Close {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };

    std::string open();

    std::string path_;
    std::uint64_t most_bytes_, bytes_ = 0;
    std::vector<Address> local_;
    std::unique_ptr<std::FILE, Close> file_;
};

/// What a file of these says.
struct KnownOwners {
    std::vector<Address> local;  ///< The host's own addresses.
    OwnerTable table{1'000'000};
};

/// Reads PATH.1, if it is there, and PATH.  What is wrong with a line passes over the line; `error` is set where PATH
/// cannot be read at all.
std::unique_ptr<KnownOwners> read_owner_file(const std::string& path, std::string& error);

}  // namespace wiresage
