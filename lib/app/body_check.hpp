// Whether a compressed body decompresses.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "fact/http.hpp"
#include "stream/buffer_pool.hpp"

namespace wiresage {

/// One body, judged as it comes by: gzip (RFC 1952), or deflate, which is zlib (RFC 1950) or, as many send it, bare
/// (RFC 1951).  At most 64 KiB in and 1 MiB out, then it is not judged.  Its memory is one buffer of the pool.
class BodyCheck {
public:
    static constexpr std::uint32_t most_in = 64 << 10;
    static constexpr std::uint32_t most_out = 1 << 20;

    bool is_on() const noexcept { return static_cast<bool>(arena_); }
    /// False where there is no room: not judged.
    bool start(bool deflate, BufferPool& pool) noexcept;
    /// More of the body.
    void add(Bytes bytes, BufferPool& pool) noexcept;
    /// The body is whole: its verdict, if it can be judged.  Ends the check.
    bool finish(BodyError& error, BufferPool& pool) noexcept;
    /// Not to be judged after all.
    void stop(BufferPool& pool) noexcept;

    std::uint32_t body_bytes() const noexcept { return in_; }
    std::uint32_t offset_bytes() const noexcept { return offset_; }

private:
    struct Arena;

    Arena* arena(BufferPool& pool) noexcept;
    void inflate_some(Bytes bytes, Arena& of) noexcept;
    void fail(BodyError error, Bytes left) noexcept;

    BufferId arena_;
    std::uint32_t in_ = 0;
    std::uint32_t out_ = 0;
    std::uint32_t offset_ = 0;
    BodyError error_ = BodyError::none;
    bool deflate_ = false;
    bool begun_ = false;
    bool ended_ = false;  ///< The stream is whole.
    bool too_much_ = false;
    std::uint8_t head_count_ = 0;
    std::uint8_t head_[2] = {};  ///< The first two bytes tell zlib from bare deflate.
};

}  // namespace wiresage
