// The target of a request, taken apart.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wiresage {

/// Path and query of an origin-form target (RFC 9112, 3.2.1), percent-decoded (RFC 3986, 2.1).
struct Target {
    std::string path;
    std::vector<std::pair<std::string, std::string>> query;  ///< In the order sent; '+' in a value is a space.
};

/// Nothing where it does not begin with '/', or an escape is not two hex digits or stands for NUL.
std::optional<Target> parse_target(std::string_view text);

/// "%3A" and the like undone; nothing as above.
std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space);

}  // namespace wiresage
