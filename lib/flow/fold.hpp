// The mixing step of hashes that every packet needs.
#pragma once

#include <cstdint>

namespace wiresage {

/// The two halves of a product, folded: every bit of both factors reaches every bit of it (as wyhash and XXH3 do).
/// Keyed where a secret is in both factors.
inline std::uint64_t fold(std::uint64_t a, std::uint64_t b) noexcept {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

}  // namespace wiresage
