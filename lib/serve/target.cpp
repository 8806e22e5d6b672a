// The target of a request, taken apart.

#include "serve/target.hpp"

#include <charconv>

namespace wiresage {

std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus_is_space) {
            decoded += ' ';
            continue;
        }
        if (text[i] != '%') {
            decoded += text[i];
            continue;
        }
        const auto digits = text.substr(i + 1, 2);
        unsigned value = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
        if (digits.size() != 2 || error != std::errc{} || end != digits.data() + 2 || value == 0) return {};
        decoded += static_cast<char>(value);
        i += 2;
    }
    return decoded;
}

std::optional<Target> parse_target(std::string_view text) {
    if (!text.starts_with('/')) return {};
    text = text.substr(0, text.find('#'));
    const auto mark = text.find('?');
    auto path = percent_decoded(text.substr(0, mark), false);
    if (!path) return {};

    Target target{std::move(*path), {}};
    auto rest = mark == std::string_view::npos ? std::string_view{} : text.substr(mark + 1);
    while (!rest.empty()) {
        const auto pair = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
        if (pair.empty()) continue;
        const auto equals = pair.find('=');
        auto key = percent_decoded(pair.substr(0, equals), true);
        auto value = percent_decoded(equals == std::string_view::npos ? "" : pair.substr(equals + 1), true);
        if (!key || !value) return {};
        target.query.emplace_back(std::move(*key), std::move(*value));
    }
    return target;
}

}  // namespace wiresage
