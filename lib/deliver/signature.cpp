// Standard Webhooks signatures.

#include "deliver/signature.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <vector>

namespace wiresage {

namespace {

const unsigned char* octets(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::string base64(const unsigned char* bytes, std::size_t count) {
    std::vector<unsigned char> encoded((count + 2) / 3 * 4 + 1);  // EVP_EncodeBlock ends it with NUL.
    const int length = EVP_EncodeBlock(encoded.data(), bytes, static_cast<int>(count));
    return {encoded.begin(), encoded.begin() + length};
}

std::optional<std::string> base64_undone(std::string text) {
    if (text.empty() || text.size() > 8192) return {};
    while (text.size() % 4 != 0) text += '=';  // Some tools leave the padding out.
    const auto padding = text.size() - (text.find_last_not_of('=') + 1);
    if (padding > 2) return {};
    std::vector<unsigned char> decoded(text.size() / 4 * 3);
    const int length = EVP_DecodeBlock(decoded.data(), octets(text), static_cast<int>(text.size()));
    if (length < 0) return {};
    return std::string{decoded.begin(), decoded.begin() + length - static_cast<int>(padding)};
}

}  // namespace

std::optional<std::string> signing_key(std::string_view secret) {
    constexpr std::string_view prefix = "whsec_";
    if (!secret.starts_with(prefix)) return std::string{secret};
    return base64_undone(std::string{secret.substr(prefix.size())});
}

std::string webhook_signature(std::string_view key, std::string_view id, std::int64_t unix_seconds,
                              std::string_view body) {
    const auto signed_text = fmt::format("{}.{}.{}", id, unix_seconds, body);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), octets(signed_text), signed_text.size(), digest.data(),
         &length);
    return "v1," + base64(digest.data(), length);
}

}  // namespace wiresage
