// From the configuration to the pipeline's options.

#include "daemon/setup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "base/error.hpp"
#include "capture/host.hpp"
#include "rules/registry.hpp"

namespace wiresage {

Configuration load_configuration(const std::string& path) {
    if (path.empty()) return default_configuration(all_rules());
    auto result = read_configuration(path, all_rules());
    if (result.ok()) return std::move(result.configuration);
    std::string lines;
    for (const auto& error : result.errors) lines += error.text() + '\n';
    throw StartupError{StartupError::Kind::configuration, fmt::format("{}{} error{} in the configuration", lines, result.errors.size(),
                                                                      result.errors.size() == 1 ? "" : "s")};
}

void resolve_host_values(Configuration& configuration, const std::vector<std::string>& interfaces) {
    if (!interfaces.empty()) {
        configuration.interfaces.clear();
        for (const auto& name : interfaces) configuration.interfaces.push_back({.name = name, .filter = ""});
    }
    if (configuration.interfaces.empty()) configuration.interfaces.push_back({.name = default_route_interface(), .filter = ""});
    if (configuration.local_addresses_auto) {
        const auto addresses = local_addresses();
        configuration.site.local_addresses.emplace(addresses.begin(), addresses.end());
    }
}

CorrelatorOptions correlator_options(const Configuration& configuration, const std::string& observer) {
    CorrelatorOptions options;
    for (const auto* const entry : all_rules()) {
        if (entry->about->kind == RuleKind::pair) continue;  // They need two captures: daemon/compare.cpp.
        options.rules.push_back({entry, configuration.rule(entry->about->id)});
    }
    options.site = configuration.site;
    options.gate.observer = observer;
    options.gate.repeat_every = configuration.alerting.repeat_every;
    options.gate.suppress = configuration.alerting.suppress;
    options.most_hosts = configuration.limits.hosts;
    return options;
}

EngineOptions engine_options(const Configuration& configuration, const std::string& observer) {
    EngineOptions options;
    const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
    options.workers = configuration.pipeline.workers != 0 ? configuration.pipeline.workers : std::max(1U, cores - 1);
    options.ring_bytes = configuration.pipeline.ring_bytes;
    options.flows = configuration.limits.flows;
    options.correlator = correlator_options(configuration, observer);
    return options;
}

ObserverView observer_view(const Configuration& configuration, const std::string& observer) {
    ObserverView view;
    view.name = observer;
    view.version = WIRESAGE_VERSION;
    view.labels.assign(configuration.sensor.labels.begin(), configuration.sensor.labels.end());
    return view;
}

std::uint64_t ring_drops_of(const DispatcherStats& stats, const InputList& inputs, const std::string& interface) {
    const std::size_t known = std::min(inputs.size(), stats.ring_drops_of.size());
    std::uint64_t drops = 0;
    for (std::size_t i = 0; i < known; ++i) {
        if (inputs[i].interface == interface) drops += stats.ring_drops_of[i].load(std::memory_order_relaxed);
    }
    return drops;
}

std::string input_name(const InputList& inputs, std::size_t input) {
    if (input >= inputs.size() || inputs[input].interface.empty()) return {};
    const std::string& name = inputs[input].interface;
    for (std::size_t i = 0; i < input; ++i) {
        if (inputs[i].interface == name) return fmt::format("{} (input {})", name, input + 1);
    }
    return name;
}

void refresh(ObserverView& view, const InputList& inputs) {
    for (std::size_t i = view.inputs.size(); i < inputs.size(); ++i) view.inputs.push_back({inputs[i].file, inputs[i].interface});
}

}  // namespace wiresage
