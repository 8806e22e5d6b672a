// The command line: subcommands and their options.
#pragma once

namespace wiresage {

/// Parses, runs the subcommand, returns its exit status; 2 where the command line is wrong.
int run_command_line(int argc, char** argv);

}  // namespace wiresage
