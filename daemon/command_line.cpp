// The command line, by CLI11.

#include "daemon/command_line.hpp"

#include <CLI/CLI.hpp>

#include "daemon/commands.hpp"

namespace wiresage {

namespace {

constexpr int usage_status = 2;

struct Given {
    RunOptions run;
    ReadOptions read;
    CompareCommandOptions compare;
    std::string config_path;
    std::string output = "text";
    std::string name;
    bool stats = false;
    bool flows = false;
    bool sessions = false;
};

void add_run(CLI::App& app, Given& given) {
    auto* const run = app.add_subcommand("run", "the daemon, in the foreground");
    run->add_option("-c,--config", given.run.config_path, "configuration file (YAML); without one, all defaults")->type_name("FILE");
    run->add_option("-i,--interface", given.run.interfaces, "capture from this interface (again for more; `any` for all)")
        ->type_name("IFACE")
        ->allow_extra_args(false);
}

void add_read(CLI::App& app, Given& given) {
    auto* const read = app.add_subcommand("read", "the same rules over capture files, merged by timestamp");
    read->add_option("-c,--config", given.read.config_path, "configuration file (YAML)")->type_name("FILE");
    auto* const output = read->add_option("-o,--output", given.output, "text for people or json (one alert document a line)")
                             ->check(CLI::IsMember({"text", "json"}));
    auto* const stats = read->add_flag("--stats", given.stats, "no alerts: one JSON object of what was counted");
    auto* const flows = read->add_flag("--flows", given.flows, "no alerts: one JSON line for each flow");
    read->add_option("--processes", given.read.processes_path, "with --flows: whose the sockets were, a daemon's process.file of the same time")
        ->type_name("FILE")
        ->needs(flows);
    stats->excludes(flows)->excludes(output);
    // Not for users: what application protocols cost is measured with it.
    read->add_flag("!--without-applications", given.read.applications)->group("");
    flows->excludes(output);
    read->add_option("FILE", given.read.files, "pcap or pcapng, gzip too; - is standard input")->required();
}

void add_compare(CLI::App& app, Given& given) {
    auto* const compare = app.add_subcommand("compare", "two captures of the same traffic from two points: what was lost, altered or delayed between");
    compare->add_option("-c,--config", given.compare.config_path, "configuration file (YAML)")->type_name("FILE");
    auto* const output = compare->add_option("-o,--output", given.output, "text: a report for people; json: one alert document a line")
                             ->check(CLI::IsMember({"text", "json"}));
    compare->add_flag("--sessions", given.sessions, "no alerts: one JSON line for each session")->excludes(output);
    compare->add_option("NEAR", given.compare.near, "capture of one point")->required();
    compare->add_option("FAR", given.compare.far, "capture of the other point")->required();
}

int dispatch(const CLI::App& app, Given& given) {
    if (app.got_subcommand("run")) return run_command(given.run);
    if (app.got_subcommand("check")) return check_command(given.config_path);
    if (app.got_subcommand("rules")) return rules_command(given.output == "json", given.name);
    if (app.got_subcommand("test-receiver")) return test_receiver_command(given.config_path, given.name);
    if (app.got_subcommand("compare")) {
        using Kind = CompareCommandOptions::Output;
        given.compare.output = given.sessions ? Kind::sessions : given.output == "json" ? Kind::json : Kind::text;
        return compare_command(given.compare);
    }
    using Output = ReadOptions::Output;
    given.read.output = given.stats ? Output::stats : given.flows ? Output::flows : given.output == "json" ? Output::json : Output::text;
    return read_command(given.read);
}

}  // namespace

int run_command_line(int argc, char** argv) {
    CLI::App app{"wiresage watches a server's network traffic and says what is wrong, why, with which evidence, and what to do next."};
    app.set_version_flag("--version", "wiresage " WIRESAGE_VERSION);
    app.require_subcommand(1);
    Given given;
    add_run(app, given);
    add_read(app, given);
    add_compare(app, given);
    auto* const check = app.add_subcommand("check", "validates the configuration and the environment");
    check->add_option("-c,--config", given.config_path, "configuration file (YAML)")->type_name("FILE");
    auto* const rules = app.add_subcommand("rules", "lists the rules with their thresholds, or explains one");
    rules->add_option("-o,--output", given.output, "text or json")->check(CLI::IsMember({"text", "json"}));
    rules->add_option("ID", given.name, "the rule to explain");
    auto* const test = app.add_subcommand("test-receiver", "sends a marked test alert, prints what came back");
    test->add_option("-c,--config", given.config_path, "configuration file (YAML)")->type_name("FILE");
    test->add_option("NAME", given.name, "the receiver's name in the configuration")->required();
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : usage_status;
    }
    return dispatch(app, given);
}

}  // namespace wiresage
