// One capture file being read: bytes in, packets out.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "capture/byte_input.hpp"
#include "capture/file_error.hpp"
#include "capture/file_format.hpp"
#include "capture/source.hpp"

namespace wiresage {

/// Reads in large pieces into one buffer; the views borrow it, so that a packet is copied only where it lies across
/// two pieces.  Used by one thread.
class CaptureFile {
public:
    /// `path` names it in errors.  `piece_bytes` are read at once.  `inputs` outlives the file.
    CaptureFile(std::string path, std::unique_ptr<ByteInput> bytes, InputList& inputs, std::size_t piece_bytes);

    /// The next packets, at most Source::batch_packets; empty at the end or when errors() got the reason.
    /// Valid until the next call.
    std::span<PacketView> next();

    const std::string& path() const noexcept { return path_; }
    const std::optional<FileError>& error() const noexcept { return error_; }
    /// What is to be said about a file that was read all the same.
    std::optional<FileError> notice() const;
    std::uint64_t bytes_taken() const noexcept { return bytes_->bytes_taken(); }
    std::uint64_t stamps_clamped() const noexcept { return format_ ? format_->stamps_clamped() : 0; }

private:
    bool fill(std::size_t needed);
    bool begin();
    void skip(std::size_t count);
    void end_with(FileError::Kind kind, std::string what);
    Bytes held() const noexcept { return Bytes{buffer_}.subspan(begin_, end_ - begin_); }

    std::string path_;
    std::unique_ptr<ByteInput> bytes_;
    InputList& inputs_;
    std::unique_ptr<FileFormat> format_;
    std::vector<std::uint8_t> buffer_;
    std::size_t piece_bytes_;
    std::size_t begin_ = 0;  // Of what has been read and not been cut up yet.
    std::size_t end_ = 0;
    std::size_t skipping_ = 0;  // Bytes to pass over before the next record.
    std::uint64_t offset_ = 0;  // Of begin_ in the file.
    bool ended_ = false;
    std::array<PacketView, Source::batch_packets> views_;
    std::optional<FileError> error_;
};

}  // namespace wiresage
