// Secrets come from files, are never logged, shown, or put in metrics.
#pragma once

#include <string>

namespace wiresage {

/// The file's content without white space at its end.  StartupError names the file (never the content) where it cannot
/// be read, is empty, longer than 64 KiB, or holds a line feed or NUL within.
/// "credential:NAME" is the file NAME of systemd's credentials.
std::string read_secret(const std::string& given);

}  // namespace wiresage
