// Packets of capture files, merged by their stamps.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "capture/capture_file.hpp"
#include "capture/packet_filter.hpp"
#include "capture/source.hpp"

namespace wiresage {

/// pcap, pcapng and gzip of either, from files or standard input ("-"), one packet after the other by stamp; equal
/// stamps in the order in which the files were given; within one file always its own order.
///
/// A file that is refused (FileError::is_refusal) gives nothing, and is known once the constructor returns: the caller
/// decides whether the others are worth reading.  One that breaks later has given what stood before.
/// Of many files only those are held open whose turn it is.
class FileSource final : public Source {
public:
    struct Options {
        std::string filter;  ///< In the language of tcpdump; empty takes all.  frame still counts every packet.
        std::size_t piece_bytes = std::size_t{1} << 20;  ///< Read at once; larger is no faster.  Many files get less.
    };

    /// One thing to read, under a name for messages and inputs.
    struct Part {
        std::string path;
        std::unique_ptr<ByteInput> bytes;
        std::uint64_t size = 0;  ///< 0: not known.
    };

    /// Opens all of them and reads each up to its first packet (so it may wait on standard input).
    FileSource(const std::vector<std::string>& paths, Options options);
    FileSource(std::vector<Part> parts, Options options);

    Batch next_batch() override;
    const InputList& inputs() const noexcept override { return inputs_; }

    /// What was wrong with which file, in the order in which it was met.  Complete at Batch::State::end.
    const std::vector<FileError>& errors() const noexcept { return errors_; }
    /// True when at least one file was refused.
    bool has_refusal() const noexcept;

    /// For a progress bar; any thread.  Of a gzip the compressed bytes; total is 0 where a size is not known.
    std::uint64_t bytes_read() const noexcept { return bytes_read_.load(std::memory_order_relaxed); }
    std::uint64_t bytes_total() const noexcept { return bytes_total_; }

    /// Stamps outside 1970 to 2262, which were set to the nearest end.
    std::uint64_t stamps_clamped() const noexcept;

private:
    struct Slot {
        std::string path;
        std::unique_ptr<CaptureFile> file;  // Null at the end, and while parked.
        std::span<PacketView> queue{};      // Parsed and not given out yet; borrowed from `file`.
        EventTime head{};                   // Stamp of what comes next; of a parked file its first packet's.
        bool is_parked = false;
        std::uint64_t bytes_seen = 0;
        std::uint64_t stamps_clamped = 0;
    };

    struct Wanted {
        std::optional<PacketFilter> filter;  // None: nothing is wanted, as the link type is not known, or
        std::string problem;                 // for this reason.
    };

    void add(Part part, std::size_t parts);
    void park(Slot& slot);
    void unpark(Slot& slot);
    bool refill(Slot& slot);
    bool filter(Slot& slot);
    const Wanted& wanted(LinkType link);
    void count_bytes(Slot& slot);
    bool is_later(std::size_t left, std::size_t right) const noexcept;
    void enter(std::size_t index);
    std::size_t leave();

    Options options_;
    InputList inputs_;
    std::vector<Slot> slots_;
    std::vector<std::size_t> heap_;     // Slots with a packet, the earliest in front (std::push_heap).
    std::optional<std::size_t> spent_;  // The slot whose queue the last batch has emptied, and may still borrow.
    std::vector<PacketView> batch_;
    std::map<LinkType, Wanted> wanted_;
    std::size_t piece_bytes_ = 0;
    bool all_sizes_known_ = true;
    std::vector<FileError> errors_;
    std::atomic<std::uint64_t> bytes_read_{0};
    std::uint64_t bytes_total_ = 0;
};

}  // namespace wiresage
