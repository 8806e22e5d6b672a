// Bytes that belong to somebody else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace wiresage {

/// Borrowed bytes; valid as long as their owner says.
using Bytes = std::span<const std::uint8_t>;

/// What two threads must not share by accident; 64 on every x86-64 and most ARM machines.
inline constexpr std::size_t cache_line_bytes = 64;

}  // namespace wiresage
