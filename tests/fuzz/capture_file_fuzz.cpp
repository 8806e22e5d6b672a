// Fuzz target: FileSource over any bytes.  Whatever they are, reading ends, every view lies within what was read, and
// the size of the pieces in which the bytes arrive changes nothing.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <utility>
#include <vector>

#include "base/hash.hpp"
#include "capture/byte_input.hpp"
#include "capture/file_source.hpp"

namespace {

using namespace wiresage;

void require(bool holds) {
    if (!holds) std::abort();
}

struct Outcome {
    std::uint64_t packets = 0;
    std::uint64_t digest = 0;  ///< Of all that every view says.
    std::size_t inputs = 0;
    std::vector<FileError> errors;
};

void add(Outcome& outcome, const PacketView& view) {
    ++outcome.packets;
    require(view.wire_bytes >= view.bytes.size());
    require(view.bytes.size() <= longest_packet);
    require(view.frame >= outcome.packets);  // One file: blocks that are no packets may take a number too.
    const std::uint64_t facts[] = {static_cast<std::uint64_t>(unix_nanoseconds(view.stamp)),
                                   view.frame,
                                   view.wire_bytes,
                                   view.input,
                                   static_cast<std::uint64_t>(view.link),
                                   static_cast<std::uint64_t>(view.direction),
                                   view.checksum_not_ready,
                                   keyed_hash(view.bytes, 1)};  // Touches every byte.
    for (const auto fact : facts) outcome.digest = spread(outcome.digest + fact);
}

Outcome read(Bytes bytes, std::size_t at_once, std::size_t piece_bytes) {
    std::vector<FileSource::Part> parts;
    parts.push_back({"fuzz", std::make_unique<MemoryInput>(bytes, at_once), bytes.size()});
    FileSource source{std::move(parts), {.filter = {}, .piece_bytes = piece_bytes}};
    Outcome outcome;
    for (auto batch = source.next_batch(); batch.state == Batch::State::packets; batch = source.next_batch()) {
        require(!batch.packets.empty() && batch.packets.size() <= Source::batch_packets);
        for (const auto& view : batch.packets) add(outcome, view);
    }
    outcome.inputs = source.inputs().size();
    outcome.errors = source.errors();
    require(!source.has_refusal() || outcome.packets == 0);
    return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes bytes{data, size};
    const auto whole = read(bytes, SIZE_MAX, 65'536);
    const auto pieces = read(bytes, 1 + size % 61, 128);
    require(whole.packets == pieces.packets && whole.digest == pieces.digest && whole.inputs == pieces.inputs);
    require(whole.errors.size() == pieces.errors.size());
    for (std::size_t i = 0; i < whole.errors.size(); ++i) {
        require(whole.errors[i].message() == pieces.errors[i].message());
    }
    return 0;
}
