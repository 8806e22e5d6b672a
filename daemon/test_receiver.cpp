// The test-receiver subcommand: one marked alert, and what came back.

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <ctime>

#include "base/error.hpp"
#include "base/log.hpp"
#include "daemon/commands.hpp"
#include "daemon/setup.hpp"
#include "deliver/receivers.hpp"

namespace wiresage {

int test_receiver_command(const std::string& config_path, const std::string& receiver) {
    const auto configuration = load_configuration(config_path);
    std::string known;
    for (const auto& settings : configuration.alerting.receivers) {
        known += (known.empty() ? "" : ", ") + settings.name;
        if (settings.name != receiver) continue;
        const auto options = receivers_of({settings}).front();
        const DeliverClocks clocks{[] { return std::int64_t{std::time(nullptr)}; }, [] {
                                       return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch());
                                   }};
        const auto answer = test_receiver(options, clocks, configuration.sensor.name.value_or("test"));
        if (!answer.head.empty()) std::printf("%s\n%s\n", printable(answer.head, 4096).c_str(), printable(answer.body, 4096).c_str());
        if (!answer.delivered) std::fprintf(stderr, "wiresage: %s did not take the test alert: %s\n", receiver.c_str(), answer.error.c_str());
        return answer.delivered ? 0 : 1;
    }
    throw StartupError{StartupError::Kind::configuration,
                       fmt::format("no receiver {} in the configuration; there {}", receiver, known.empty() ? "is none" : "are: " + known)};
}

}  // namespace wiresage
