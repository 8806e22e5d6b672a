// Zero pages from the kernel.
#include "flow/lazy_array.hpp"

#include <sys/mman.h>

#include <new>

namespace wiresage {

void* map_zero_pages(std::size_t bytes) noexcept {
    void* pages = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return pages == MAP_FAILED ? nullptr : pages;
}

void unmap_pages(void* pages, std::size_t bytes) noexcept {
    if (pages != nullptr) munmap(pages, bytes);
}

void* checked_pages(void* pages) {
    if (pages == nullptr) throw std::bad_alloc{};
    return pages;
}

}  // namespace wiresage
