// IP addresses in queries and forms.
#include "app/named_addresses.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace wiresage {

namespace {

constexpr std::size_t most_value_bytes = 80;
constexpr std::size_t most_parts = 64;

int hex(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// Percent-decoded into `buffer` (RFC 3986, 2.1); as much as fits.
std::string_view decoded(std::string_view value, std::array<char, most_value_bytes>& buffer) noexcept {
    std::size_t used = 0;
    for (std::size_t i = 0; i < value.size() && used < buffer.size(); ++i) {
        char c = value[i];
        if (c == '%' && i + 2 < value.size() && hex(value[i + 1]) >= 0 && hex(value[i + 2]) >= 0) {
            c = static_cast<char>(hex(value[i + 1]) * 16 + hex(value[i + 2]));
            i += 2;
        }
        buffer[used++] = c;
    }
    return {buffer.data(), used};
}

/// The host part: without scheme, path, port and brackets.
std::string_view host_of(std::string_view text) noexcept {
    const auto scheme = text.find("://");
    if (scheme != std::string_view::npos) text.remove_prefix(scheme + 3);
    text = text.substr(0, std::min(text.find_first_of("/?#,"), text.size()));
    if (!text.empty() && text.front() == '[') {
        const auto end = text.find(']');
        return end == std::string_view::npos ? std::string_view{} : text.substr(1, end - 1);
    }
    const auto colon = text.find(':');
    const bool one_colon = colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos;
    return one_colon ? text.substr(0, colon) : text;
}

bool read_address(std::string_view text, Address& out) noexcept {
    if (text.size() < 2 || text.size() > INET6_ADDRSTRLEN - 1) return false;
    char zero_ended[INET6_ADDRSTRLEN] = {};
    std::memcpy(zero_ended, text.data(), text.size());
    std::array<std::uint8_t, 16> raw{};
    if (text.find('.') != std::string_view::npos && inet_pton(AF_INET, zero_ended, raw.data()) == 1) {
        out = ipv4(raw[0], raw[1], raw[2], raw[3]);
        return true;
    }
    if (text.find(':') == std::string_view::npos || inet_pton(AF_INET6, zero_ended, raw.data()) != 1) return false;
    out = Address::v6(raw);
    return true;
}

}  // namespace

std::size_t named_addresses(std::string_view form, std::array<Address, most_named>& out) noexcept {
    std::size_t found = 0;
    std::array<char, most_value_bytes> buffer;
    for (std::size_t part = 0; part < most_parts && !form.empty() && found < out.size(); ++part) {
        const auto end = std::min(form.find_first_of("&;"), form.size());
        auto value = form.substr(0, end);
        form.remove_prefix(std::min(end + 1, form.size()));
        value.remove_prefix(std::min(value.find('=') + 1, value.size()));  // Without '=' the whole part.
        if (value.size() < 2 || value.size() > 3 * most_value_bytes) continue;
        Address address;
        if (!read_address(host_of(decoded(value, buffer)), address)) continue;
        if (address.is_unspecified() || address.is_loopback()) continue;
        out[found++] = address;
    }
    return found;
}

}  // namespace wiresage
