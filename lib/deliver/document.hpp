// Reading from alert documents what receivers show of them.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace wiresage {

/// A number, boolean, text or list as text; empty: null or an object.
std::string value_text(const nlohmann::json& value);

/// What stands at a JSON pointer ("/source/ip"), as text; empty: nothing does.
std::string text_at(const nlohmann::json& document, const char* pointer);

/// "10.0.0.1:443", "10.0.0.1", or the MAC; empty: the end is not known.  `side` is "source" or "destination".
std::string end_text(const nlohmann::json& document, const char* side);

}  // namespace wiresage
