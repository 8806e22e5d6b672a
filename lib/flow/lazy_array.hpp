// An array of zeroes that costs nothing until it is touched.
#pragma once

#include <cstddef>
#include <type_traits>

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
    explicit LazyArray(std::size_t count);
    ~LazyArray() { unmap_pages(values_, count_ * sizeof(T)); }
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
};

/// Throws std::bad_alloc where `pages` is null, else gives it back.
void* checked_pages(void* pages);

template <typename T>
LazyArray<T>::LazyArray(std::size_t count)
    : count_{count}, values_{static_cast<T*>(checked_pages(map_zero_pages(count * sizeof(T))))} {}

}  // namespace wiresage
