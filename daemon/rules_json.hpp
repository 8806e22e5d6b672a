// The rules as JSON, for `rules -o json` and /api/v1/rules.
#pragma once

#include <string>
#include <string_view>

#include "settings/configuration.hpp"

namespace wiresage {

/// An array of objects with id, name, severity, kind, settings, evidence, and the three columns of the ends.
/// `only`: that rule alone; empty: all.
std::string rules_as_json(const Configuration& configuration, std::string_view only = {});

}  // namespace wiresage
