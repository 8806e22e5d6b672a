// Room for bytes that must wait.
#include "stream/buffer_pool.hpp"

#include <algorithm>

namespace wiresage {

BufferPool::BufferPool(std::size_t bytes) {
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        auto& of = classes_[i];
        of.count = static_cast<std::uint16_t>(std::clamp<std::size_t>(bytes / sizes.size() / sizes[i], 1, UINT16_MAX));
        of.bytes.reset(new std::uint8_t[of.count * sizes[i]]);  // Not touched: make_unique would fill it with zeroes.
        of.free.reset(new std::uint16_t[of.count]);
    }
}

BufferId BufferPool::take(std::size_t bytes) noexcept {
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        auto& of = classes_[i];
        if (sizes[i] < bytes) continue;
        std::uint16_t number = 0;
        if (of.free_count > 0) {
            number = of.free[--of.free_count];
        } else if (of.touched < of.count) {
            number = of.touched++;
        } else {
            continue;  // A larger one will do.
        }
        used_bytes_ += sizes[i];
        return BufferId{number, static_cast<std::uint8_t>(i), true};
    }
    ++refused_;
    return {};
}

void BufferPool::give_back(BufferId& id) noexcept {
    if (!id.taken) return;
    auto& of = classes_[id.size_class];
    of.free[of.free_count++] = id.number;
    used_bytes_ -= sizes[id.size_class];
    id = {};
}

std::uint8_t* BufferPool::at(BufferId id) noexcept {
    return classes_[id.size_class].bytes.get() + id.number * sizes[id.size_class];
}

const std::uint8_t* BufferPool::at(BufferId id) const noexcept {
    return classes_[id.size_class].bytes.get() + id.number * sizes[id.size_class];
}

}  // namespace wiresage
