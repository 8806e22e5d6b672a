// A cursor over bytes that arrived from a stranger.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"

namespace wiresage {

/// Reads big-endian fields from the front of a byte view and never past its end.
///
/// A read that does not fit returns zero and spoils the reader for good: decoders
/// read a whole header in straight lines and ask ok() once, before trusting any
/// of it.  Borrows the bytes; owns nothing; costs two words.
class Reader {
public:
    explicit Reader(Bytes bytes) noexcept : rest_{bytes} {}

    std::uint8_t u8() noexcept { return static_cast<std::uint8_t>(big_endian<1>()); }
    std::uint16_t u16() noexcept { return static_cast<std::uint16_t>(big_endian<2>()); }
    std::uint32_t u32() noexcept { return static_cast<std::uint32_t>(big_endian<4>()); }

    /// Exactly `count` bytes, or an empty view and a spoilt reader.
    Bytes take(std::size_t count) noexcept {
        if (count > rest_.size()) {
            ok_ = false;
            rest_ = {};
            return {};
        }
        const auto taken = rest_.first(count);
        rest_ = rest_.subspan(count);
        return taken;
    }

    bool ok() const noexcept { return ok_; }
    std::size_t left() const noexcept { return rest_.size(); }
    /// What has not been read yet.
    Bytes rest() const noexcept { return rest_; }

private:
    template <std::size_t Count>
    std::uint64_t big_endian() noexcept {
        std::uint64_t value = 0;
        for (const auto byte : take(Count)) value = value << 8 | byte;
        return value;
    }

    Bytes rest_;
    bool ok_ = true;
};

}  // namespace wiresage
