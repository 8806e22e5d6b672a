// An array of zeroes that costs nothing until it is touched.
#pragma once

#include <cstddef>
#include <type_traits>

#include "flow/page_arena.hpp"

namespace wiresage {

/// Anonymous pages from the kernel: zero, page-aligned, and not resident before the first touch.  Null where the
/// kernel has none.
void* map_zero_pages(std::size_t bytes) noexcept;
void unmap_pages(void* pages, std::size_t bytes) noexcept;

/// `count` values whose every byte is zero.  Never grows.  Throws std::bad_alloc at construction only.
template <typename T>
class LazyArray {
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>,
                  "zero pages are values of it");

public:
    /// Out of `arena` where there is one and it has room, else pages of its own.
    explicit LazyArray(std::size_t count, PageArena* arena = nullptr);
    ~LazyArray() {
        if (is_mapped_) unmap_pages(values_, count_ * sizeof(T));
    }
    LazyArray(const LazyArray&) = delete;
    LazyArray& operator=(const LazyArray&) = delete;

    T& operator[](std::size_t at) noexcept { return values_[at]; }
    const T& operator[](std::size_t at) const noexcept { return values_[at]; }
    T* data() noexcept { return values_; }
    const T* data() const noexcept { return values_; }
    std::size_t size() const noexcept { return count_; }

private:
    std::size_t count_;
    T* values_;
    bool is_mapped_;
};

/// Throws std::bad_alloc where `pages` is null, else gives it back.
void* checked_pages(void* pages);

template <typename T>
LazyArray<T>::LazyArray(std::size_t count, PageArena* arena)
    : count_{count},
      values_{static_cast<T*>(arena == nullptr ? nullptr : arena->take(count * sizeof(T)))},
      is_mapped_{values_ == nullptr} {
    if (is_mapped_) values_ = static_cast<T*>(checked_pages(map_zero_pages(count * sizeof(T))));
}

}  // namespace wiresage
