// Keyed hashes, by xxHash.

#include "base/hash.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace wiresage {

std::uint64_t keyed_hash(Bytes bytes, std::uint64_t key) noexcept {
    return XXH3_64bits_withSeed(bytes.data(), bytes.size(), key);
}

}  // namespace wiresage
