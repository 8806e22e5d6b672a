// One stretch of large pages for the tables that every packet looks into.
#pragma once

#include <cstddef>

namespace wiresage {

/// Zero memory, handed out piece by piece and given back as a whole.  The kernel is asked for huge pages: tables of
/// many megabytes that are looked into at random then cost no walk through page tables.  Where it has none, they are
/// ordinary pages; none is resident before its first touch.
class PageArena {
public:
    /// Throws std::bad_alloc.
    explicit PageArena(std::size_t bytes);
    ~PageArena();
    PageArena(const PageArena&) = delete;
    PageArena& operator=(const PageArena&) = delete;

    /// A piece that begins at an ordinary page, or null where nothing is left.  At start-up only.
    void* take(std::size_t bytes) noexcept;

private:
    std::size_t mapped_bytes_;
    void* mapped_;
    char* next_;
    std::size_t left_;
};

}  // namespace wiresage
