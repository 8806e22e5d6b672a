// A cursor over bytes that arrived from a stranger.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/bytes.hpp"

namespace wiresage {

/// A whole header of a known size.  Fields are named by their offset, and an offset beyond the header does not compile.
/// Borrows the bytes.
template <std::size_t Size>
class Fields {
public:
    explicit Fields(Bytes header) noexcept : at_{header.size() >= Size ? header.data() : zeros.data()} {}

    template <std::size_t Offset>
    std::uint8_t u8() const noexcept {
        return load<std::uint8_t, Offset>();
    }
    template <std::size_t Offset>
    std::uint16_t u16() const noexcept {
        return load<std::uint16_t, Offset>();
    }
    template <std::size_t Offset>
    std::uint32_t u32() const noexcept {
        return load<std::uint32_t, Offset>();
    }
    template <std::size_t Offset, std::size_t Count>
    std::span<const std::uint8_t, Count> bytes() const noexcept {
        static_assert(Offset + Count <= Size);
        return std::span<const std::uint8_t, Count>{at_ + Offset, Count};
    }

private:
    static constexpr std::array<std::uint8_t, Size> zeros{};

    template <typename Number, std::size_t Offset>
    Number load() const noexcept {
        static_assert(Offset + sizeof(Number) <= Size);
        Number value;
        std::memcpy(&value, at_ + Offset, sizeof value);
        if constexpr (std::endian::native == std::endian::little) {
            if constexpr (sizeof value == 2) value = __builtin_bswap16(value);
            if constexpr (sizeof value == 4) value = __builtin_bswap32(value);
        }
        return value;
    }

    const std::uint8_t* at_;
};

/// Reads big-endian fields from the front of a byte view and never past its end.
///
/// A read that does not fit returns zero and spoils the reader for good: decoders
/// read a whole header in straight lines and ask ok() once, before trusting any
/// of it.  Borrows the bytes; owns nothing; costs two words.
class Reader {
public:
    explicit Reader(Bytes bytes) noexcept : rest_{bytes} {}

    std::uint8_t u8() noexcept { return header<1>().u8<0>(); }
    std::uint16_t u16() noexcept { return header<2>().u16<0>(); }
    std::uint32_t u32() noexcept { return header<4>().u32<0>(); }

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

    /// A whole header with one check of its size; where it does not fit, all zero and a spoilt reader.
    template <std::size_t Size>
    Fields<Size> header() noexcept {
        return Fields<Size>{take(Size)};
    }

    /// Forgets what lies beyond the next `count` bytes.
    void keep(std::size_t count) noexcept {
        if (count < rest_.size()) rest_ = rest_.first(count);
    }

    bool ok() const noexcept { return ok_; }
    std::size_t left() const noexcept { return rest_.size(); }
    /// What has not been read yet.
    Bytes rest() const noexcept { return rest_; }

private:
    Bytes rest_;
    bool ok_ = true;
};

}  // namespace wiresage
