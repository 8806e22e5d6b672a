// Fields of messages whose numbers come least significant byte first.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"

namespace wiresage {

/// Fields by their offset in a message of a stranger.  What lies beyond its end reads as zero and spoils it: a decoder
/// reads a whole header in straight lines and asks ok() once.
class LittleEndian {
public:
    explicit LittleEndian(Bytes bytes) noexcept : bytes_{bytes} {}

    std::uint8_t u8(std::size_t at) noexcept { return static_cast<std::uint8_t>(number(at, 1)); }
    std::uint16_t u16(std::size_t at) noexcept { return static_cast<std::uint16_t>(number(at, 2)); }
    std::uint32_t u32(std::size_t at) noexcept { return static_cast<std::uint32_t>(number(at, 4)); }
    std::uint64_t u64(std::size_t at) noexcept { return number(at, 8); }

    /// Exactly `count` bytes, or none and a spoilt message.
    Bytes take(std::size_t at, std::size_t count) noexcept {
        if (at > bytes_.size() || count > bytes_.size() - at) {
            ok_ = false;
            return {};
        }
        return bytes_.subspan(at, count);
    }

    /// What there is of `count` bytes: messages may be shown cut.
    Bytes up_to(std::size_t at, std::size_t count) const noexcept {
        if (at >= bytes_.size()) return {};
        const auto rest = bytes_.subspan(at);
        return rest.first(count < rest.size() ? count : rest.size());
    }

    bool ok() const noexcept { return ok_; }
    std::size_t size() const noexcept { return bytes_.size(); }

private:
    std::uint64_t number(std::size_t at, std::size_t count) noexcept {
        std::uint64_t value = 0;
        const Bytes field = take(at, count);
        for (std::size_t i = field.size(); i > 0; --i) value = value << 8 | field[i - 1];
        return value;
    }

    Bytes bytes_;
    bool ok_ = true;
};

}  // namespace wiresage
