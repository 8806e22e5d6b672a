// Bytes of capture files: see byte_input.hpp.

#include "capture/byte_input.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace wiresage {

namespace {

constexpr std::size_t compressed_bytes = std::size_t{256} * 1024;
constexpr int gzip_window_bits = MAX_WBITS + 16;  // zlib's way to say: a gzip header, nothing else.

std::string system_words(int error) { return std::generic_category().message(error); }

}  // namespace

DescriptorInput::DescriptorInput(const std::string& path) {
    if (path == "-") {
        descriptor_ = STDIN_FILENO;
        owned_ = false;
    } else {
        descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
    }
    if (descriptor_ < 0) {
        error_ = system_words(errno);
        return;
    }
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0) return;
    if (S_ISREG(status.st_mode)) {
        total_ = static_cast<std::uint64_t>(status.st_size);
        ::posix_fadvise(descriptor_, 0, 0, POSIX_FADV_SEQUENTIAL);
    }
}

DescriptorInput::~DescriptorInput() {
    if (owned_ && descriptor_ >= 0) ::close(descriptor_);
}

std::size_t DescriptorInput::read(std::span<std::uint8_t> into) {
    if (descriptor_ < 0) return 0;
    for (;;) {
        const auto got = ::read(descriptor_, into.data(), into.size());
        if (got >= 0) {
            taken_ += static_cast<std::uint64_t>(got);
            return static_cast<std::size_t>(got);
        }
        if (errno == EINTR) continue;
        error_ = system_words(errno);
        return 0;
    }
}

std::size_t MemoryInput::read(std::span<std::uint8_t> into) {
    const auto count = std::min({into.size(), rest_.size(), most_});
    std::copy_n(rest_.begin(), count, into.begin());
    rest_ = rest_.subspan(count);
    taken_ += count;
    return count;
}

struct GzipInput::Inflater {
    z_stream stream{};
};

GzipInput::GzipInput(std::unique_ptr<ByteInput> inner, Bytes start)
    : inner_{std::move(inner)},
      inflater_{std::make_unique<Inflater>()},
      compressed_(std::max(compressed_bytes, start.size())) {
    std::copy(start.begin(), start.end(), compressed_.begin());
    inflater_->stream.next_in = compressed_.data();
    inflater_->stream.avail_in = static_cast<uInt>(start.size());
    if (::inflateInit2(&inflater_->stream, gzip_window_bits) != Z_OK) {
        error_ = "no memory to inflate it";
        ended_ = true;
    }
}

GzipInput::~GzipInput() { ::inflateEnd(&inflater_->stream); }

/// True when there is compressed input to go on with.
bool GzipInput::refill() {
    auto& stream = inflater_->stream;
    if (stream.avail_in > 0) return true;
    const auto got = inner_->read(compressed_);
    stream.next_in = compressed_.data();
    stream.avail_in = static_cast<uInt>(got);
    return got > 0;
}

/// True when another member follows; what follows otherwise (zeros on tapes, a signature) is no part of the data.
bool GzipInput::next_member() {
    if (!refill() || inflater_->stream.next_in[0] != 0x1f) return false;
    return ::inflateReset(&inflater_->stream) == Z_OK;
}

std::size_t GzipInput::read(std::span<std::uint8_t> into) {
    auto& stream = inflater_->stream;
    const auto wanted = std::min(into.size(), std::size_t{1} << 30);
    stream.next_out = into.data();
    stream.avail_out = static_cast<uInt>(wanted);
    while (!ended_ && stream.avail_out == wanted) {
        if (!refill()) {
            error_ = inner_->error().empty() ? "the gzip around it is cut short" : inner_->error();
            ended_ = true;
            break;
        }
        const int result = ::inflate(&stream, Z_NO_FLUSH);
        if (result == Z_STREAM_END) {
            ended_ = !next_member();
        } else if (result != Z_OK && result != Z_BUF_ERROR) {
            error_ = "the gzip around it is damaged";
            ended_ = true;
        }
    }
    return wanted - stream.avail_out;
}

}  // namespace wiresage
