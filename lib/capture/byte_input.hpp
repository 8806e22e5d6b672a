// Where a capture file's bytes come from: a descriptor, memory, or a gzip around either.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace wiresage {

/// A stream of bytes, read once from front to back.  Used by one thread.
class ByteInput {
public:
    ByteInput() = default;
    ByteInput(const ByteInput&) = delete;
    ByteInput& operator=(const ByteInput&) = delete;
    virtual ~ByteInput() = default;

    /// Fills some of `into`, which is not empty; returns how much.  0: the end, or an error, which error() then names.
    virtual std::size_t read(std::span<std::uint8_t> into) = 0;

    /// What ended the stream before its time; empty where nothing did.
    virtual const std::string& error() const noexcept = 0;

    /// Bytes taken from the disk so far, for a progress bar: of a gzip the compressed ones.
    virtual std::uint64_t bytes_taken() const noexcept = 0;
};

/// A file or standard input ("-").  Where it cannot be opened, read() gives 0 and error() says why.
class DescriptorInput final : public ByteInput {
public:
    explicit DescriptorInput(const std::string& path);
    ~DescriptorInput() override;

    std::size_t read(std::span<std::uint8_t> into) override;
    const std::string& error() const noexcept override { return error_; }
    std::uint64_t bytes_taken() const noexcept override { return taken_; }

    /// Size of a regular file; 0 where it is none.
    std::uint64_t bytes_total() const noexcept { return total_; }

private:
    int descriptor_ = -1;
    bool owned_ = true;
    std::string error_;
    std::uint64_t taken_ = 0;
    std::uint64_t total_ = 0;
};

/// Borrowed bytes, for tests and fuzzing.
class MemoryInput final : public ByteInput {
public:
    /// Gives at most `most_at_once` bytes a read, as a pipe does.
    explicit MemoryInput(Bytes bytes, std::size_t most_at_once = SIZE_MAX) : rest_{bytes}, most_{most_at_once} {}

    std::size_t read(std::span<std::uint8_t> into) override;
    const std::string& error() const noexcept override { return error_; }
    std::uint64_t bytes_taken() const noexcept override { return taken_; }

private:
    Bytes rest_;
    std::size_t most_;
    std::string error_;
    std::uint64_t taken_ = 0;
};

/// What a gzip (RFC 1952) holds, of one or several members; streamed, so its size does not matter.
class GzipInput final : public ByteInput {
public:
    /// `start` has been read from `inner` already.
    GzipInput(std::unique_ptr<ByteInput> inner, Bytes start);
    ~GzipInput() override;

    std::size_t read(std::span<std::uint8_t> into) override;
    const std::string& error() const noexcept override { return error_; }
    std::uint64_t bytes_taken() const noexcept override { return inner_->bytes_taken(); }

    static bool is_gzip(Bytes start) noexcept { return start.size() >= 2 && start[0] == 0x1f && start[1] == 0x8b; }

private:
    struct Inflater;

    bool refill();
    bool next_member();

    std::unique_ptr<ByteInput> inner_;
    std::unique_ptr<Inflater> inflater_;
    std::vector<std::uint8_t> compressed_;
    std::string error_;
    bool ended_ = false;
};

}  // namespace wiresage
