// Bodies decompressed into nothing, to see whether it can be done.
#include "app/body_check.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <new>

namespace wiresage {

/// zlib's state and window, in one buffer: it asks for a state of some 10 KiB and a window of 32 KiB (zlib.h,
/// "inflateInit2"), once each.
struct BodyCheck::Arena {
    z_stream stream;
    std::size_t used;

    static void* take(void* self, unsigned items, unsigned size) noexcept {
        auto& arena = *static_cast<Arena*>(self);
        const std::size_t wanted = (std::size_t{items} * size + 15) / 16 * 16;
        if (arena.used + wanted > BufferPool::largest) return nullptr;
        auto* const at = static_cast<std::uint8_t*>(self) + arena.used;
        arena.used += wanted;
        return at;
    }
    static void give_back(void*, void*) noexcept {}
};

namespace {

constexpr int gzip_window = 15 + 16, zlib_window = 15, bare_window = -15;  // zlib.h, inflateInit2.

}  // namespace

BodyCheck::Arena* BodyCheck::arena(BufferPool& pool) noexcept {
    return std::launder(static_cast<Arena*>(static_cast<void*>(pool.at(arena_))));
}

bool BodyCheck::start(bool deflate, BufferPool& pool) noexcept {
    *this = BodyCheck{};
    deflate_ = deflate;
    arena_ = pool.take(BufferPool::largest);
    if (!arena_) return false;
    auto* const made = ::new (pool.at(arena_)) Arena{};
    made->used = (sizeof(Arena) + 15) / 16 * 16;
    made->stream.zalloc = &Arena::take;
    made->stream.zfree = &Arena::give_back;
    made->stream.opaque = made;
    return true;
}

void BodyCheck::stop(BufferPool& pool) noexcept { pool.give_back(arena_); }

void BodyCheck::fail(BodyError error, Bytes left) noexcept {
    error_ = error;
    offset_ = in_ - static_cast<std::uint32_t>(std::min<std::size_t>(left.size(), in_));
}

void BodyCheck::add(Bytes bytes, BufferPool& pool) noexcept {
    if (!arena_) return;
    Arena& of = *arena(pool);
    in_ += static_cast<std::uint32_t>(std::min<std::size_t>(bytes.size(), UINT32_MAX - in_));
    if (error_ != BodyError::none || ended_ || too_much_ || bytes.empty()) return;
    if (in_ > most_in) {
        too_much_ = true;
        return;
    }
    while (!begun_ && head_count_ < 2 && !bytes.empty()) {
        head_[head_count_++] = bytes.front();
        bytes = bytes.subspan(1);
    }
    if (!begun_) {
        if (head_count_ < 2) return;
        begun_ = true;
        const bool zlib = (head_[0] & 0x0f) == 8 && (head_[0] << 8 | head_[1]) % 31 == 0;  // RFC 1950, 2.2.
        if (!deflate_ && (head_[0] != 0x1f || head_[1] != 0x8b)) return fail(BodyError::not_gzip, {});
        if (inflateInit2(&of.stream, !deflate_ ? gzip_window : zlib ? zlib_window : bare_window) != Z_OK) {
            too_much_ = true;
            return;
        }
        inflate_some({head_, 2}, of);
    }
    inflate_some(bytes, of);
}

void BodyCheck::inflate_some(Bytes bytes, Arena& of) noexcept {
    std::array<std::uint8_t, 16384> nothing;
    auto& stream = of.stream;
    stream.next_in = const_cast<std::uint8_t*>(bytes.data());  // zlib.h: not const for old compilers; it only reads.
    stream.avail_in = static_cast<unsigned>(bytes.size());
    while (stream.avail_in > 0 && error_ == BodyError::none && !ended_ && !too_much_) {
        stream.next_out = nothing.data();
        stream.avail_out = static_cast<unsigned>(nothing.size());
        const unsigned before = stream.avail_in;
        const int made = inflate(&stream, Z_NO_FLUSH);
        const auto written = static_cast<std::uint32_t>(nothing.size() - stream.avail_out);
        out_ += written;
        if (out_ > most_out) too_much_ = true;
        const Bytes left = bytes.last(stream.avail_in);
        if (made == Z_STREAM_END) {
            // RFC 1952, 2.2: members may follow one another; what follows and is none is padding.
            const bool next = !deflate_ && left.size() >= 2 && left[0] == 0x1f && left[1] == 0x8b;
            if (next) {
                inflateReset(&stream);
            } else {
                ended_ = true;
            }
        } else if (made == Z_DATA_ERROR) {
            const char* const said = stream.msg == nullptr ? "" : stream.msg;
            fail(std::strstr(said, "data check") != nullptr     ? BodyError::crc
                 : std::strstr(said, "length check") != nullptr ? BodyError::length
                                                                : BodyError::bad_data,
                 left);
        } else if (made != Z_OK || (before == stream.avail_in && written == 0)) {
            too_much_ = true;  // A preset dictionary, no memory, no progress: not to be judged.
        }
    }
}

bool BodyCheck::finish(BodyError& error, BufferPool& pool) noexcept {
    const bool judged = is_on() && !too_much_ && in_ > 0;
    if (judged && error_ == BodyError::none && !ended_) fail(BodyError::length, {});
    error = error_;
    stop(pool);
    return judged;
}

}  // namespace wiresage
