// What the host says of its own network.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/address.hpp"

namespace wiresage {

/// The interface of the default route, IPv4 before IPv6, the smallest metric first; "lo" where there is none.
std::string default_route_interface();

/// The host's own addresses as they are now, sorted, each once.
std::vector<Address> local_addresses();

/// All interfaces, sorted; without "any".
std::vector<std::string> interface_names();

/// Nothing where this thread may open capture sockets; else one line that names the capability and the ways to give it.
std::optional<std::string> capture_permission_problem();

/// The three ways to give CAP_NET_RAW, for messages.
std::string capture_permission_help();

}  // namespace wiresage
