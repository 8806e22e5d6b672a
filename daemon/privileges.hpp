// Less and less privilege: what is not needed any more goes (promises, "Privilege").
#pragma once

#include <string>

namespace wiresage {

/// Whether this process may open capture sockets at all.
bool has_capture_capability();

/// Before the first packet is decoded, while there is one thread: as root, groups, gid and uid become those of `user`
/// (nobody where it does not exist) and are read back; in any case no-new-privileges is set and every capability but
/// CAP_NET_RAW is cleared, which stays permitted and is not effective.  StartupError where anything is not as it should be.
/// Returns a sentence for the log.
std::string drop_privileges(const std::string& user);

/// CAP_NET_RAW effective in this thread, or not: only around the opening of capture sockets.
void raise_capture_capability(bool effective);

/// This thread never needs a capability again.
void drop_thread_capabilities();

}  // namespace wiresage
