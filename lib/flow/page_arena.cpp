// Large pages.
#include "flow/page_arena.hpp"

#include <sys/mman.h>

#include <memory>
#include <new>

namespace wiresage {

namespace {

constexpr std::size_t huge_page = std::size_t{2} << 20;
constexpr std::size_t page = 4096;

constexpr std::size_t rounded(std::size_t bytes, std::size_t to) noexcept { return (bytes + to - 1) / to * to; }

}  // namespace

PageArena::PageArena(std::size_t bytes)
    : mapped_bytes_{rounded(bytes, huge_page) + huge_page},
      mapped_{
          mmap(nullptr, mapped_bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)} {
    if (mapped_ == MAP_FAILED) throw std::bad_alloc{};
    void* begin = mapped_;
    left_ = mapped_bytes_;
    std::align(huge_page, rounded(bytes, huge_page), begin, left_);
    next_ = static_cast<char*>(begin);
    madvise(begin, rounded(bytes, huge_page), MADV_HUGEPAGE);  // A wish: without it all is the same, but slower.
}

PageArena::~PageArena() { munmap(mapped_, mapped_bytes_); }

void* PageArena::take(std::size_t bytes) noexcept {
    const std::size_t size = rounded(bytes, page);
    if (size > left_) return nullptr;
    char* const taken = next_;
    next_ += size;
    left_ -= size;
    return taken;
}

}  // namespace wiresage
