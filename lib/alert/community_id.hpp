// Community ID: one name of a flow that all tools agree on.
#pragma once

#include <cstdint>
#include <string>

#include "base/address.hpp"

namespace wiresage {

/// Community ID version 1 with seed 0 (github.com/corelight/community-id-spec): "1:" and base64 of SHA-1.
/// For TCP, UDP and SCTP; the order of the ends does not matter.
std::string community_id(std::uint8_t ip_protocol, const Endpoint& a, const Endpoint& b);

}  // namespace wiresage
