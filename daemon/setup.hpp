// From the configuration to the pipeline's options: what `run` and `read` share.
#pragma once

#include <optional>
#include <string>

#include "alert/alert.hpp"
#include "capture/input.hpp"
#include "engine/engine.hpp"
#include "settings/configuration.hpp"

namespace wiresage {

/// Reads it, or gives the defaults where the path is empty.  Throws StartupError with every error, a line each, and
/// how many there are in the last line.
Configuration load_configuration(const std::string& path);

/// Fills in what `run` learns from the host: its own addresses where the configuration says auto, the interface of the
/// default route where it names none; `interfaces` from the command line replace the configuration's.
void resolve_host_values(Configuration& configuration, const std::vector<std::string>& interfaces);

/// As root only, before privileges are dropped: makes the journal's folder and file where root's folder holds them, and
/// gives them to the user that the daemon becomes.  What was wrong with the file, a sentence; nothing: all is well.
std::optional<std::string> prepare_journal(const Configuration& configuration);

/// The rules, site and gate of a configuration; `observer` is the sensor's name.
CorrelatorOptions correlator_options(const Configuration& configuration, const std::string& observer);

/// workers (auto: cores less one, at least 1), ring, limits.
EngineOptions engine_options(const Configuration& configuration, const std::string& observer);

/// Name, version, labels; inputs are added by `refresh`.
ObserverView observer_view(const Configuration& configuration, const std::string& observer);

/// Packets of the interface that found no room in a worker's ring: captured, but never numbered.
std::uint64_t ring_drops_of(const DispatcherStats& stats, const InputList& inputs, const std::string& interface);

/// What alerts about an input call it: its interface's name, with the number where another one has the same; empty where
/// it has none.
std::string input_name(const InputList& inputs, std::size_t input);

/// Adds the inputs that have appeared since.
void refresh(ObserverView& view, const InputList& inputs);

}  // namespace wiresage
