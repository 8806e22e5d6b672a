// Room for bytes that must wait: a fixed number of buffers of four sizes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/bytes.hpp"

namespace wiresage {

/// A buffer by its number in its pool.
struct BufferId {
    std::uint16_t number = 0;
    std::uint8_t size_class = 0;
    bool taken = false;
    explicit operator bool() const noexcept { return taken; }
};

/// One for each shard.  All memory is reserved by the constructor and resident only once it was used.
class BufferPool {
public:
    static constexpr std::array<std::size_t, 4> sizes{1024, 4096, 16384, 65536};
    static constexpr std::size_t largest = sizes.back();

    /// `bytes`: of the whole pool, shared evenly among the four sizes.
    explicit BufferPool(std::size_t bytes);

    /// Room for at least `bytes`; none where there is none left (counted).
    BufferId take(std::size_t bytes) noexcept;
    void give_back(BufferId& id) noexcept;

    std::uint8_t* at(BufferId id) noexcept;
    const std::uint8_t* at(BufferId id) const noexcept;
    static std::size_t size(BufferId id) noexcept { return id.taken ? sizes[id.size_class] : 0; }

    std::uint64_t refused() const noexcept { return refused_; }
    std::size_t used_bytes() const noexcept { return used_bytes_; }

private:
    struct Class {
        std::unique_ptr<std::uint8_t[]> bytes;
        std::unique_ptr<std::uint16_t[]> free;  ///< A stack of numbers that were used before.
        std::uint16_t count = 0;
        std::uint16_t touched = 0;  ///< Numbers below this one were used.
        std::uint16_t free_count = 0;
    };

    std::array<Class, sizes.size()> classes_;
    std::uint64_t refused_ = 0;
    std::size_t used_bytes_ = 0;
};

}  // namespace wiresage
