// Lines of protocols that are made of text.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"

namespace wiresage {

/// The same bytes as text.
inline std::string_view as_text(Bytes bytes) noexcept {
    return {static_cast<const char*>(static_cast<const void*>(bytes.data())), bytes.size()};
}

/// The longest line that is read (promises.md); a longer one makes no sense.
inline constexpr std::size_t most_line_bytes = 8192;

/// The first line without its end, which is LF with or without CR; nothing where the end has not come yet.
inline std::optional<Bytes> first_line(Bytes shown) noexcept {
    const auto end = std::find(shown.begin(), shown.end(), std::uint8_t{'\n'});
    if (end == shown.end()) return {};
    auto line = shown.first(static_cast<std::size_t>(end - shown.begin()));
    if (!line.empty() && line.back() == '\r') line = line.first(line.size() - 1);
    return line;
}

/// `use(line)` for every whole line shown, until it gives false; how many bytes those lines were.
template <typename Use>
std::size_t use_lines(Bytes shown, Use use) noexcept {
    std::size_t used = 0;
    while (used < shown.size()) {
        const auto rest = shown.subspan(used);
        const auto line = first_line(rest);
        if (!line) break;
        const auto end = std::find(rest.begin(), rest.end(), std::uint8_t{'\n'});
        used += static_cast<std::size_t>(end - rest.begin()) + 1;
        if (!use(as_text(*line))) break;
    }
    return used;
}

constexpr char lower(char letter) noexcept {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

/// Letters of ASCII in either case.
inline bool same_word(std::string_view a, std::string_view b) noexcept {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

inline bool begins_with_word(std::string_view text, std::string_view word) noexcept {
    return text.size() >= word.size() && same_word(text.substr(0, word.size()), word);
}

/// Takes the first word off the text, and the blanks around it.
inline std::string_view take_word(std::string_view& text) noexcept {
    const auto begin = std::min(text.find_first_not_of(" \t"), text.size());
    const auto end = std::min(text.find_first_of(" \t", begin), text.size());
    const auto word = text.substr(begin, end - begin);
    text.remove_prefix(std::min(text.find_first_not_of(" \t", end), text.size()));
    return word;
}

/// A whole number without sign; nothing where it is none, or above `most`.
inline std::optional<std::uint32_t> number_of(std::string_view digits, std::uint32_t most) noexcept {
    if (digits.empty() || digits.size() > 9) return {};
    std::uint32_t value = 0;
    for (const char digit : digits) {
        if (digit < '0' || digit > '9') return {};
        value = value * 10 + static_cast<std::uint32_t>(digit - '0');
    }
    if (value > most) return {};
    return value;
}

/// The three digits of a reply (RFC 959, 4.2; RFC 5321, 4.2); 0: it is no reply, or the middle of a longer one.
inline std::uint16_t reply_code(std::string_view line) noexcept {
    if (line.size() < 3 || (line.size() > 3 && line[3] != ' ')) return 0;
    return static_cast<std::uint16_t>(number_of(line.substr(0, 3), 999).value_or(0));
}

}  // namespace wiresage
