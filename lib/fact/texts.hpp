// Texts that travel beside a fact: names, URIs, agents, as the sender wrote them.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/hash.hpp"

namespace wiresage {

/// The most bytes of texts beside one fact.
inline constexpr std::size_t most_text_bytes_of_fact = 2048;

/// Names a text in facts and tables.
inline std::uint64_t text_hash(std::string_view text) noexcept {
    return keyed_hash({static_cast<const std::uint8_t*>(static_cast<const void*>(text.data())), text.size()}, 0);
}

/// Fields in a fixed order, each with its length in front (two bytes).  What does not fit is left empty, so that the
/// order holds.  The bytes are a stranger's: they are made printable where an alert becomes a document.
class TextWriter {
public:
    /// At most `most` bytes of it are kept.
    TextWriter& add(std::string_view text, std::size_t most = 512) noexcept {
        std::size_t count = std::min(text.size(), most);
        if (used_ + 2 + count > bytes_.size()) count = 0;
        if (used_ + 2 > bytes_.size()) return *this;
        bytes_[used_] = static_cast<char>(count & 0xff);
        bytes_[used_ + 1] = static_cast<char>(count >> 8);
        if (count > 0) std::memcpy(bytes_.data() + used_ + 2, text.data(), count);
        used_ += 2 + count;
        return *this;
    }

    std::string_view written() const noexcept { return {bytes_.data(), used_}; }
    /// A further field of this length would be kept.
    bool has_room_for(std::size_t count) const noexcept { return used_ + 2 + count <= bytes_.size(); }

private:
    std::array<char, most_text_bytes_of_fact> bytes_;
    std::size_t used_ = 0;
};

/// Reads them back in order; beyond the last field all are empty.
class TextReader {
public:
    explicit TextReader(std::string_view written) noexcept : rest_{written} {}

    std::string_view next() noexcept {
        if (rest_.size() < 2) return {};
        const std::size_t count =
            static_cast<std::uint8_t>(rest_[0]) | static_cast<std::size_t>(static_cast<std::uint8_t>(rest_[1])) << 8;
        if (count > rest_.size() - 2) {
            rest_ = {};
            return {};
        }
        const auto field = rest_.substr(2, count);
        rest_.remove_prefix(2 + count);
        return field;
    }
    bool at_end() const noexcept { return rest_.size() < 2; }

private:
    std::string_view rest_;
};

}  // namespace wiresage
