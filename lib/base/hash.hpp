// Keyed hashes of small values.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace wiresage {

/// XXH3 of the bytes under a key.  For tables whose probe length is bounded; the key is random in `run`, so that a
/// sender cannot aim at one slot, and fixed in `read`, so that the same file gives the same answers.
std::uint64_t keyed_hash(Bytes bytes, std::uint64_t key) noexcept;

/// Spreads the bits of a number (the finaliser of splitmix64); a bijection.
constexpr std::uint64_t spread(std::uint64_t value) noexcept {
    value ^= value >> 30;
    value *= 0xbf58476d1ce4e5b9ULL;
    value ^= value >> 27;
    value *= 0x94d049bb133111ebULL;
    return value ^ (value >> 31);
}

}  // namespace wiresage
