// Builds small capture files byte by byte, in every format and byte order, and reads them back.
#pragma once

#include <bit>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "capture/byte_input.hpp"
#include "capture/file_source.hpp"

namespace wiresage::testing {

using FileBytes = std::vector<std::uint8_t>;

/// Integers one after the other in one byte order.
class FileBuilder {
public:
    explicit FileBuilder(std::endian order) : order_{order} {}

    template <typename Number>
    FileBuilder& put(Number value) {
        for (std::size_t i = 0; i < sizeof value; ++i) {
            const auto byte = order_ == std::endian::little ? i : sizeof value - 1 - i;
            bytes_.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> (8 * byte)));
        }
        return *this;
    }
    FileBuilder& u8(std::uint8_t value) { return put(value); }
    FileBuilder& u16(std::uint16_t value) { return put(value); }
    FileBuilder& u32(std::uint32_t value) { return put(value); }
    FileBuilder& u64(std::uint64_t value) { return put(value); }
    FileBuilder& fill(std::size_t count, std::uint8_t with = 0) {
        bytes_.insert(bytes_.end(), count, with);
        return *this;
    }
    FileBuilder& append(std::span<const std::uint8_t> more) {
        bytes_.insert(bytes_.end(), more.begin(), more.end());
        return *this;
    }
    FileBuilder& text(std::string_view words) {
        bytes_.insert(bytes_.end(), words.begin(), words.end());
        return *this;
    }
    FileBuilder& pad() { return fill((4 - bytes_.size() % 4) % 4); }

    const FileBytes& bytes() const { return bytes_; }
    std::size_t size() const { return bytes_.size(); }
    std::endian order() const { return order_; }

private:
    std::endian order_;
    FileBytes bytes_;
};

// pcap

inline FileBuilder pcap_header(std::endian order, std::uint32_t magic = 0xa1b2c3d4, std::uint32_t link_type = 1,
                               std::uint16_t major = 2, std::uint16_t minor = 4) {
    FileBuilder file{order};
    file.u32(magic).u16(major).u16(minor).u32(0).u32(0).u32(65535).u32(link_type);
    return file;
}

/// `captured` bytes of value `fill`.
inline void pcap_record(FileBuilder& file, std::uint32_t seconds, std::uint32_t fraction, std::uint32_t captured,
                        std::uint32_t wire, std::uint8_t fill = 0) {
    file.u32(seconds).u32(fraction).u32(captured).u32(wire).fill(captured, fill);
}

// pcapng

/// Wraps a body as a block and appends it.
inline void block(FileBuilder& file, std::uint32_t type, const FileBuilder& body) {
    auto padded = body;
    padded.pad();
    const auto length = static_cast<std::uint32_t>(padded.size() + 12);
    file.u32(type).u32(length).append(padded.bytes()).u32(length);
}

inline void section(FileBuilder& file, std::uint16_t major = 1) {
    FileBuilder body{file.order()};
    body.u32(0x1a2b3c4d).u16(major).u16(0).u64(UINT64_MAX);
    block(file, 0x0a0d0d0a, body);
}

struct Option {
    std::uint16_t code;
    FileBytes value;
};

inline void put_options(FileBuilder& body, const std::vector<Option>& options) {
    if (options.empty()) return;
    for (const auto& option : options) {
        body.u16(option.code).u16(static_cast<std::uint16_t>(option.value.size())).append(option.value).pad();
    }
    body.u16(0).u16(0);
}

inline FileBytes bytes_of(std::string_view words) { return {words.begin(), words.end()}; }

inline void interface(FileBuilder& file, std::uint16_t link_type = 1, const std::vector<Option>& options = {},
                      std::uint32_t snaplen = 0) {
    FileBuilder body{file.order()};
    body.u16(link_type).u16(0).u32(snaplen);
    put_options(body, options);
    block(file, 1, body);
}

inline void enhanced_packet(FileBuilder& file, std::uint32_t id, std::uint64_t ticks, std::uint32_t captured,
                            std::uint32_t wire, const std::vector<Option>& options = {}) {
    FileBuilder body{file.order()};
    body.u32(id).u32(static_cast<std::uint32_t>(ticks >> 32)).u32(static_cast<std::uint32_t>(ticks));
    body.u32(captured).u32(wire).fill(captured, 0xee).pad();
    put_options(body, options);
    block(file, 6, body);
}

inline void simple_packet(FileBuilder& file, std::uint32_t captured, std::uint32_t wire) {
    FileBuilder body{file.order()};
    body.u32(wire).fill(captured, 0xdd);
    block(file, 3, body);
}

// Reading

/// A view that owns its bytes.
struct Kept {
    PacketView view;
    FileBytes bytes;
};

struct Outcome {
    std::vector<Kept> packets;
    std::vector<FileError> errors;
    std::vector<Input> inputs;

    /// The kinds of errors, for comparisons.
    std::vector<FileError::Kind> kinds() const {
        std::vector<FileError::Kind> all;
        for (const auto& error : errors) all.push_back(error.kind);
        return all;
    }
};

inline Outcome drain(FileSource& source) {
    Outcome outcome;
    for (auto batch = source.next_batch(); batch.state == Batch::State::packets; batch = source.next_batch()) {
        for (const auto& view : batch.packets) {
            outcome.packets.push_back({view, {view.bytes.begin(), view.bytes.end()}});
        }
    }
    outcome.errors = source.errors();
    for (std::size_t i = 0; i < source.inputs().size(); ++i) outcome.inputs.push_back(source.inputs()[i]);
    return outcome;
}

/// Several files from memory, named "a", "b", ..., read in pieces of `at_once` bytes.
inline Outcome read_files(const std::vector<FileBytes>& files, const std::string& filter = {},
                          std::size_t at_once = SIZE_MAX, std::size_t piece_bytes = 65'536) {
    std::vector<FileSource::Part> parts;
    for (const auto& file : files) {
        const std::string name(1, static_cast<char>('a' + parts.size()));
        parts.push_back({"folder/" + name, std::make_unique<MemoryInput>(file, at_once), file.size()});
    }
    FileSource source{std::move(parts), {.filter = filter, .piece_bytes = piece_bytes}};
    return drain(source);
}

inline Outcome read_file(const FileBytes& file) { return read_files({file}); }

}  // namespace wiresage::testing
