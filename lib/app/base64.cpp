// Base64 (RFC 4648, 4).
#include "app/base64.hpp"

#include <cstdint>

namespace wiresage {

namespace {

int base64_value(char letter) noexcept {
    if (letter >= 'A' && letter <= 'Z') return letter - 'A';
    if (letter >= 'a' && letter <= 'z') return letter - 'a' + 26;
    if (letter >= '0' && letter <= '9') return letter - '0' + 52;
    if (letter == '+') return 62;
    return letter == '/' ? 63 : -1;
}

}  // namespace

std::size_t decode_base64(std::string_view text, char* out, std::size_t room) noexcept {
    std::size_t count = 0;
    std::uint32_t bits = 0;
    int bit_count = 0;
    for (const char letter : text) {
        const int value = base64_value(letter);
        if (value < 0) break;
        bits = bits << 6 | static_cast<std::uint32_t>(value);
        bit_count += 6;
        if (bit_count < 8) continue;
        bit_count -= 8;
        if (count == room) break;
        out[count++] = static_cast<char>(bits >> bit_count & 0xff);
    }
    return count;
}

}  // namespace wiresage
