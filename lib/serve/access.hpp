// Who may ask: the Host header, the token, the origin of a browser's request.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"

namespace wiresage {

/// The name or address of a Host field without port and brackets, in lower case; nothing where it is malformed.
std::optional<std::string> host_name(std::string_view host_field);

/// A page of another site can be made to resolve to our address (DNS rebinding), but it cannot forge this header.
/// Allowed: loopback names and addresses, the listen address (any address where that is unspecified), `allowed`.
bool host_allowed(std::string_view host_field, const Endpoint& listen, const std::vector<std::string>& allowed);

/// "Bearer <token>" (RFC 6750, 2.1), compared in constant time.
bool token_matches(std::string_view authorization, std::string_view token);

/// Whether a browser sent this on behalf of another site: Sec-Fetch-Site says so, or Origin names another host.
bool from_another_site(std::string_view fetch_site, std::string_view origin, std::string_view host_field);

}  // namespace wiresage
