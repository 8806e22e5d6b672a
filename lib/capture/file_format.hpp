// What the readers of pcap and pcapng have in common.
#pragma once

#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>

#include "base/bytes.hpp"
#include "capture/file_error.hpp"
#include "capture/input.hpp"
#include "packet/packet_view.hpp"

namespace wiresage {

/// Longest packet that a file may hold: libpcap's MAXIMUM_SNAPLEN and Wireshark's limit for all link types that
/// wiresage knows.  More than that is damage.
inline constexpr std::size_t longest_packet = 262'144;

/// Integers of a file, whose byte order its own header tells.
class FileOrder {
public:
    FileOrder() = default;
    explicit FileOrder(std::endian order) : swapped_{order != std::endian::native} {}

    std::uint16_t u16(Bytes bytes, std::size_t at) const noexcept {
        const auto value = load<std::uint16_t>(bytes, at);
        return swapped_ ? __builtin_bswap16(value) : value;
    }
    std::uint32_t u32(Bytes bytes, std::size_t at) const noexcept {
        const auto value = load<std::uint32_t>(bytes, at);
        return swapped_ ? __builtin_bswap32(value) : value;
    }
    std::uint64_t u64(Bytes bytes, std::size_t at) const noexcept {
        const auto value = load<std::uint64_t>(bytes, at);
        return swapped_ ? __builtin_bswap64(value) : value;
    }

private:
    /// The caller has compared sizes; a mistake there ends the process instead of reading on.
    template <typename Number>
    static Number load(Bytes bytes, std::size_t at) noexcept {
        assert(bytes.size() >= sizeof(Number) && at <= bytes.size() - sizeof(Number));
        Number value;
        std::memcpy(&value, bytes.data() + at, sizeof value);
        return value;
    }

    bool swapped_ = false;
};

/// What parse() made of the bytes it was shown.
struct Parsed {
    enum class State : std::uint8_t {
        full,   ///< No room for more packets, or the input list ended it; ask again.
        more,   ///< The next record needs at least `needed` bytes in one piece.
        stuck,  ///< The next record is wrong or refused: `kind` and `problem` say why.
    };

    State state = State::full;
    std::size_t packets = 0;   ///< Written to the front of `out`.
    std::size_t consumed = 0;  ///< Bytes done with; may go beyond those shown, where a block is skipped.
    std::size_t needed = 0;
    FileError::Kind kind = FileError::Kind::corrupt;
    std::string problem;
};

/// Cuts a file's bytes into packets.  Knows nothing of reading.
class FileFormat {
public:
    FileFormat() = default;
    FileFormat(const FileFormat&) = delete;
    FileFormat& operator=(const FileFormat&) = delete;
    virtual ~FileFormat() = default;

    /// Cuts as many records off the front of `bytes` as there are and as fit in `out`; the views borrow `bytes`.
    virtual Parsed parse(Bytes bytes, std::span<PacketView> out) = 0;

    /// Stamps that lay outside 1970 to 2262 and were set to the nearest end.
    virtual std::uint64_t stamps_clamped() const noexcept { return 0; }

    /// A trouble that did not end the reading: packets of an unknown link type between others.  Empty where none.
    virtual std::string notice() const { return {}; }
};

/// The format that these bytes begin with, or null.  `file` is the name for inputs, without its folder.
/// `inputs` outlives the format.
std::unique_ptr<FileFormat> recognise(Bytes start, const std::string& file, InputList& inputs);

/// How many bytes recognise() wants to see.
inline constexpr std::size_t recognise_bytes = 12;

}  // namespace wiresage
