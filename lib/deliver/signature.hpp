// Standard Webhooks: who sent a document, and that it is whole (https://www.standardwebhooks.com/, "Signature scheme").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wiresage {

/// The key's bytes: after "whsec_" the base64 undone, else the text as it is.  Nothing where that is no base64.
std::optional<std::string> signing_key(std::string_view secret);

/// "v1," and the base64 of HMAC-SHA256 over "id.timestamp.body".
std::string webhook_signature(std::string_view key, std::string_view id, std::int64_t unix_seconds,
                              std::string_view body);

}  // namespace wiresage
