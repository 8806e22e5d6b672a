// The run subcommand: the daemon, in the foreground.

#include "daemon/app.hpp"
#include "daemon/commands.hpp"
#include "daemon/setup.hpp"

namespace wiresage {

int run_command(const RunOptions& options) {
    auto configuration = load_configuration(options.config_path);
    resolve_host_values(configuration, options.interfaces);
    App app{options, std::move(configuration)};
    return app.run();
}

}  // namespace wiresage
