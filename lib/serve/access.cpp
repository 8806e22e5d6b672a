// Who may ask.

#include "serve/access.hpp"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace wiresage {

namespace {

std::string lower(std::string_view text) {
    std::string made{text};
    std::ranges::transform(made, made.begin(), [](unsigned char c) { return c < 0x80 ? std::tolower(c) : c; });
    return made;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return {};
    return port;
}

struct NameAndPort {
    std::string name;
    std::string_view port;  ///< Empty: none given.
    bool bracketed = false;
};

/// "name", "name:port", "[v6]", "[v6]:port".
std::optional<NameAndPort> split_host(std::string_view text) {
    if (text.starts_with('[')) {
        const auto close = text.find(']');
        if (close == std::string_view::npos) return {};
        const auto rest = text.substr(close + 1);
        if (!rest.empty() && (rest[0] != ':' || rest.size() == 1)) return {};
        return NameAndPort{lower(text.substr(1, close - 1)), rest.empty() ? rest : rest.substr(1), true};
    }
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) return NameAndPort{lower(text), {}, false};
    if (colon + 1 == text.size()) return {};
    return NameAndPort{lower(text.substr(0, colon)), text.substr(colon + 1), false};
}

bool loopback_name(std::string_view name) {
    return name == "localhost" || name == "localhost." || name.ends_with(".localhost") || name == "ip6-localhost";
}

}  // namespace

std::optional<std::string> host_name(std::string_view host_field) {
    auto parts = split_host(host_field);
    if (!parts || parts->name.empty()) return {};
    if (!parts->port.empty() && !parse_port(parts->port)) return {};
    if (parts->bracketed && !Address::parse(parts->name)) return {};
    return std::move(parts->name);
}

bool host_allowed(std::string_view host_field, const Endpoint& listen, const std::vector<std::string>& allowed) {
    const auto name = host_name(host_field);
    if (!name) return false;
    if (loopback_name(*name)) return true;
    if (const auto ip = Address::parse(*name)) {
        // A browser that was given an address shows that address: it was not led here by a name.
        if (ip->is_loopback() || *ip == listen.ip || listen.ip.is_unspecified()) return true;
    }
    return std::ranges::any_of(
        allowed, [&](const auto& entry) { return lower(entry) == *name || lower(entry) == lower(host_field); });
}

bool token_matches(std::string_view authorization, std::string_view token) {
    constexpr std::string_view scheme = "bearer ";
    if (authorization.size() < scheme.size() || lower(authorization.substr(0, scheme.size())) != scheme) return false;
    const auto given =
        authorization.substr(authorization.find_first_not_of(' ', scheme.size() - 1) == std::string_view::npos
                                 ? authorization.size()
                                 : authorization.find_first_not_of(' ', scheme.size() - 1));
    // Digests have one length, so not even the token's length shows in the time taken.
    const auto digest = [](std::string_view text) {
        std::array<unsigned char, SHA256_DIGEST_LENGTH> made{};
        SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), made.data());
        return made;
    };
    const auto left = digest(given);
    const auto right = digest(token);
    return CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

bool from_another_site(std::string_view fetch_site, std::string_view origin, std::string_view host_field) {
    if (fetch_site == "cross-site" || fetch_site == "same-site") return true;
    if (origin.empty()) return false;
    const auto scheme_end = origin.find("://");
    return scheme_end == std::string_view::npos || lower(origin.substr(scheme_end + 3)) != lower(host_field);
}

}  // namespace wiresage
