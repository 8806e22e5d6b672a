// What can go wrong before the work begins.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace wiresage {

/// The command line or the configuration is wrong (exit status 2), or the system refuses something at start (1).
/// Thrown at start-up and reload only, caught once by the subcommand.  `what()` is one line: what, where, what to do.
class StartupError : public std::runtime_error {
public:
    enum class Kind { configuration, system };

    StartupError(Kind kind, const std::string& message) : std::runtime_error{message}, kind_{kind} {}

    Kind kind() const noexcept { return kind_; }
    int exit_status() const noexcept { return kind_ == Kind::configuration ? 2 : 1; }

private:
    Kind kind_;
};

}  // namespace wiresage
