// Time stamps of a pcapng interface, in whatever unit and from whatever zero.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/time.hpp"

namespace wiresage {

/// if_tsresol and if_tsoffset of an interface (draft-ietf-opsawg-pcapng, 4.2).  No input overflows.
class StampScale {
public:
    /// Microseconds since 1970, what an interface means that says nothing.
    StampScale() noexcept : StampScale{6, 0} {}

    /// `resolution`: the option's byte, a negative power of 10, or of 2 where its highest bit is set.
    /// `offset_seconds` is added to every stamp.
    StampScale(std::uint8_t resolution, std::int64_t offset_seconds) noexcept : offset_{offset_seconds} {
        exponent_ = resolution & 0x7f;
        is_binary_ = (resolution & 0x80) != 0;
        if (is_binary_) return;
        for (unsigned i = exponent_; i < 9; ++i) multiply_ *= 10;
        for (unsigned i = 9; i < exponent_; ++i) divide_ = divide_ > UINT64_MAX / 10 ? 0 : divide_ * 10;
    }

    /// A count of ticks as a moment, held within 1970 to 2262; `clamped` counts up where it had to be.
    EventTime at(std::uint64_t ticks, std::uint64_t& clamped) const noexcept {
        const Wide nanoseconds = since_zero(ticks) + Wide{offset_} * 1'000'000'000;
        if (nanoseconds < 0) {
            ++clamped;
            return event_time(0);
        }
        if (nanoseconds > INT64_MAX) {
            ++clamped;
            return latest_event_time;
        }
        return event_time(static_cast<std::int64_t>(nanoseconds));
    }

    /// Saturates: no file is that fine.
    std::uint64_t ticks_per_second() const noexcept {
        if (is_binary_) return std::uint64_t{1} << std::min(exponent_, 63U);
        std::uint64_t ticks = 1;
        for (unsigned i = 0; i < std::min(exponent_, 19U); ++i) ticks *= 10;
        return ticks;
    }

private:
    __extension__ using Wide = __int128;

    /// At most 2^64 * 10^9, which Wide holds.
    Wide since_zero(std::uint64_t ticks) const noexcept {
        if (is_binary_) return Wide{ticks} * 1'000'000'000 >> exponent_;
        if (divide_ == 1) return Wide{ticks} * multiply_;
        return divide_ == 0 ? 0 : ticks / divide_;
    }

    std::int64_t offset_ = 0;
    std::uint64_t divide_ = 1;  // 0 stands for what no number of ticks reaches.
    std::int64_t multiply_ = 1;
    unsigned exponent_ = 6;
    bool is_binary_ = false;
};

}  // namespace wiresage
