// A compared session as one line of JSON.
#pragma once

#include <string>

#include "compare/summary.hpp"

namespace wiresage {

/// One object without its line feed: ends at both points, what each direction lost and when, changes, delays, waits.
/// Times are by the near clock; a part that is not known is left out.
std::string session_json(const SessionSummary& session);

}  // namespace wiresage
