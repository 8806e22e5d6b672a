// The subcommands: each returns the exit status (0 done, 1 the input or the system failed it, 2 the command line or the
// configuration is wrong) and may throw StartupError before it begins.
#pragma once

#include <string>
#include <vector>

namespace wiresage {

struct RunOptions {
    std::string config_path;               ///< Empty: all defaults.
    std::vector<std::string> interfaces;   ///< Replace the configuration's.
};

struct ReadOptions {
    enum class Output { text, json, stats, flows };
    std::string config_path;
    Output output = Output::text;
    std::vector<std::string> files;        ///< "-" is standard input.
    std::string processes_path;            ///< What `process.file` of a daemon says; empty: none.
    bool applications = true;              ///< Application protocols are read.
};

struct CompareCommandOptions {
    enum class Output { text, json, sessions };
    std::string config_path;
    Output output = Output::text;
    std::string near;
    std::string far;
};

int run_command(const RunOptions& options);
int read_command(const ReadOptions& options);
int compare_command(const CompareCommandOptions& options);
int check_command(const std::string& config_path);
int rules_command(bool json, const std::string& id);
int test_receiver_command(const std::string& config_path, const std::string& receiver);

}  // namespace wiresage
