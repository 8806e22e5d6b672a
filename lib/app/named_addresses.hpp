// IP addresses that a query or form names.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "base/address.hpp"

namespace wiresage {

/// At most this many of one request.
inline constexpr std::size_t most_named = 4;

/// The values of "a=1&b=2" (application/x-www-form-urlencoded; ';' parts too) that are an IP address, alone, with a
/// port, or as the host of a URL.  Gives how many.  Unspecified and loopback addresses are left out.
std::size_t named_addresses(std::string_view form, std::array<Address, most_named>& out) noexcept;

}  // namespace wiresage
