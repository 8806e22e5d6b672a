// One capture file: see capture_file.hpp.

#include "capture/capture_file.hpp"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <utility>

#include "capture/pcap_format.hpp"
#include "capture/pcapng_format.hpp"
#include "capture/snoop_format.hpp"

namespace wiresage {

namespace {

/// What people hand over by mistake, by the first bytes.
std::string foreign_words(Bytes start) {
    constexpr std::pair<std::string_view, std::string_view> known[] = {
        {"\x28\xb5\x2f\xfd", "compressed with zstd"},
        {"\xfd"
         "7zXZ",
         "compressed with xz"},
        {"BZh", "compressed with bzip2"},
        {"\x04\x22\x4d\x18", "compressed with lz4"},
        {"PK\x03\x04", "a zip archive"},

    };
    const std::string_view text{reinterpret_cast<const char*>(start.data()), start.size()};
    for (const auto& [magic, words] : known) {
        if (text.starts_with(magic)) return "is " + std::string{words} + ", neither pcap nor pcapng: convert it first";
    }
    return "is neither pcap nor pcapng";
}

}  // namespace

std::unique_ptr<FileFormat> recognise(Bytes start, const std::string& file, InputList& inputs) {
    if (PcapFormat::is_pcap(start)) return std::make_unique<PcapFormat>(file, inputs);
    if (PcapngFormat::is_pcapng(start)) return std::make_unique<PcapngFormat>(file, inputs);
    if (SnoopFormat::is_snoop(start)) return std::make_unique<SnoopFormat>(file, inputs);
    return nullptr;
}

CaptureFile::CaptureFile(std::string path, std::unique_ptr<ByteInput> bytes, InputList& inputs, std::size_t piece_bytes)
    : path_{std::move(path)}, bytes_{std::move(bytes)}, inputs_{inputs}, piece_bytes_{piece_bytes} {}

std::optional<FileError> CaptureFile::notice() const {
    const auto words = format_ ? format_->notice() : std::string{};
    if (words.empty()) return {};
    return FileError{FileError::Kind::foreign_interface, path_, words, 0};
}

void CaptureFile::end_with(FileError::Kind kind, std::string what) {
    ended_ = true;
    error_ = FileError{kind, path_, std::move(what), offset_};
}

/// Reads until `needed` bytes are held; false at the end of the file.
bool CaptureFile::fill(std::size_t needed) {
    if (end_ - begin_ >= needed) return true;
    std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_),
              buffer_.begin() + static_cast<std::ptrdiff_t>(end_), buffer_.begin());
    end_ -= begin_;
    begin_ = 0;
    while (end_ < needed) {
        // Grows with what has arrived, not with what a header claims.
        if (buffer_.size() - end_ < piece_bytes_ / 2) buffer_.resize(end_ + piece_bytes_);
        const auto got = bytes_->read(std::span{buffer_}.subspan(end_));
        if (got == 0) return false;
        end_ += got;
    }
    return true;
}

/// Finds out what the file is; false where it cannot be read.
bool CaptureFile::begin() {
    fill(recognise_bytes);
    if (GzipInput::is_gzip(held())) {
        bytes_ = std::make_unique<GzipInput>(std::move(bytes_), held());
        begin_ = end_ = 0;
        fill(recognise_bytes);
    }
    const auto start = held();
    if (start.empty()) {
        const auto& error = bytes_->error();
        end_with(error.empty() ? FileError::Kind::empty : FileError::Kind::unreadable,
                 error.empty() ? "is empty" : "cannot be read: " + error);
        return false;
    }
    const auto name = path_ == "-" ? path_ : std::filesystem::path{path_}.filename().string();
    format_ = recognise(start, name, inputs_);
    if (!format_) end_with(FileError::Kind::foreign, foreign_words(start));
    return format_ != nullptr;
}

/// Passes over `count` bytes of what is held, and remembers what lies beyond.
void CaptureFile::skip(std::size_t count) {
    const auto here = std::min(count, end_ - begin_);
    begin_ += here;
    offset_ += here;
    skipping_ = count - here;
}

std::span<PacketView> CaptureFile::next() {
    if (!ended_ && !format_ && !begin()) return {};
    std::size_t needed = 1;
    while (!ended_) {
        if (!fill(needed)) {
            ended_ = true;
            if (!bytes_->error().empty()) {
                end_with(FileError::Kind::truncated, "cannot be read further: " + bytes_->error());
            } else if (end_ > begin_ || skipping_ > 0) {
                end_with(FileError::Kind::truncated,
                         "is cut short within a packet or block; what stands before was read");
            }
            break;
        }
        if (skipping_ > 0) {
            skip(skipping_);
            continue;
        }
        auto parsed = format_->parse(held(), views_);
        skip(parsed.consumed);
        needed = parsed.state == Parsed::State::more ? parsed.needed : 1;
        if (parsed.state == Parsed::State::stuck) end_with(parsed.kind, std::move(parsed.problem));
        if (parsed.packets > 0) return std::span{views_}.first(parsed.packets);
    }
    return {};
}

}  // namespace wiresage
