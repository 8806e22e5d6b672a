// Base64, as logins carry it.
#pragma once

#include <cstddef>
#include <string_view>

namespace wiresage {

/// Decodes base64 (RFC 4648, 4) up to what is no letter of it; what does not fit is left out.  How many bytes came out.
std::size_t decode_base64(std::string_view text, char* out, std::size_t room) noexcept;

}  // namespace wiresage
