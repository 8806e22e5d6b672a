// Capture files, merged: see file_source.hpp.

#include "capture/file_source.hpp"

#include <algorithm>
#include <utility>

#include "packet/packet.hpp"

namespace wiresage {

namespace {

constexpr std::size_t smallest_share = std::size_t{1} << 16;
constexpr std::size_t all_pieces = std::size_t{64} << 20;  // Many files share this.

std::vector<FileSource::Part> open_all(const std::vector<std::string>& paths) {
    std::vector<FileSource::Part> parts;
    for (const auto& path : paths) {
        auto input = std::make_unique<DescriptorInput>(path);
        const auto size = input->bytes_total();
        parts.push_back({path, std::move(input), size});
    }
    return parts;
}

}  // namespace

FileSource::FileSource(const std::vector<std::string>& paths, Options options)
    : FileSource{open_all(paths), std::move(options)} {}

FileSource::FileSource(std::vector<Part> parts, Options options) : options_{std::move(options)} {
    batch_.reserve(batch_packets);
    open(std::move(parts));
}

void FileSource::open(std::vector<Part> parts) {
    const auto share = std::max(all_pieces / std::max<std::size_t>(parts.size(), 1), smallest_share);
    const auto piece = std::min(options_.piece_bytes, share);
    const bool all_sizes_known =
        std::all_of(parts.begin(), parts.end(), [](const Part& part) { return part.size > 0; });
    for (auto& part : parts) {
        if (all_sizes_known) bytes_total_ += part.size;
        auto file = std::make_unique<CaptureFile>(std::move(part.path), std::move(part.bytes), inputs_, piece);
        slots_.push_back({std::move(file), {}, 0, 0});
    }
    for (std::size_t i = 0; i < slots_.size(); ++i) enter(i);
}

/// The order of the merge, the other way round, as std::push_heap keeps the largest in front.
bool FileSource::is_later(std::size_t left, std::size_t right) const noexcept {
    const auto left_stamp = slots_[left].queue.front().stamp;
    const auto right_stamp = slots_[right].queue.front().stamp;
    return left_stamp != right_stamp ? left_stamp > right_stamp : left > right;
}

/// Puts a slot into the heap, if it has anything to give.
void FileSource::enter(std::size_t index) {
    auto& slot = slots_[index];
    if (slot.queue.empty() && !refill(slot)) return;
    heap_.push_back(index);
    std::push_heap(heap_.begin(), heap_.end(), [this](auto left, auto right) { return is_later(left, right); });
}

/// True when the slot has packets again; at its end the file is closed and its memory given back.
bool FileSource::refill(Slot& slot) {
    if (!slot.file) return false;
    do {
        slot.queue = slot.file->next();
        const auto taken = slot.file->bytes_taken();
        bytes_read_.fetch_add(taken - slot.bytes_seen, std::memory_order_relaxed);
        slot.bytes_seen = taken;
        if (slot.queue.empty() || !filter(slot)) {
            if (slot.file->error()) errors_.push_back(*slot.file->error());
            if (const auto notice = slot.file->notice()) errors_.push_back(*notice);
            slot.stamps_clamped = slot.file->stamps_clamped();
            slot.file.reset();
            return false;
        }
    } while (slot.queue.empty());
    return true;
}

/// Leaves in the queue what the filter takes; false where it does not compile for this file.
bool FileSource::filter(Slot& slot) {
    if (options_.filter.empty()) return true;
    const auto kept = std::remove_if(slot.queue.begin(), slot.queue.end(), [this](const PacketView& view) {
        const auto* wanted = filter_of(view);
        return !wanted || !wanted->matches(view);
    });
    slot.queue = slot.queue.first(static_cast<std::size_t>(kept - slot.queue.begin()));
    if (filter_problem_.empty()) return true;
    errors_.push_back({FileError::Kind::filter, slot.file->path(), std::exchange(filter_problem_, {}), 0});
    slot.queue = {};
    return false;
}

/// Null where there is none: it does not compile, or the link type is not known and nothing of it is wanted.
const PacketFilter* FileSource::filter_of(const PacketView& view) {
    if (view.input >= filters_.size()) filters_.resize(std::size_t{view.input} + 1);
    auto& wanted = filters_[view.input];
    const auto link_type = static_cast<std::uint32_t>(view.link);
    if (!wanted && is_known_link_type(link_type)) {
        std::string problem;
        wanted = PacketFilter::compile(options_.filter, link_type, problem);
        if (!wanted) {
            filter_problem_ = "the filter \"" + options_.filter + "\" does not fit link type " +
                              std::string{link_type_name(link_type)} + ": " + problem;
        }
    }
    return wanted ? &*wanted : nullptr;
}

Batch FileSource::next_batch() {
    if (spent_) enter(*std::exchange(spent_, std::nullopt));
    if (heap_.empty()) return {Batch::State::end, {}};

    const auto later = [this](auto left, auto right) { return is_later(left, right); };
    if (heap_.size() == 1) {  // One file left: what it has parsed is a batch as it stands.
        spent_ = heap_.front();
        heap_.clear();
        return {Batch::State::packets, std::exchange(slots_[*spent_].queue, {})};
    }
    batch_.clear();
    while (batch_.size() < batch_packets) {
        std::pop_heap(heap_.begin(), heap_.end(), later);
        auto& queue = slots_[heap_.back()].queue;
        batch_.push_back(queue.front());
        queue = queue.subspan(1);
        if (queue.empty()) {  // To read on would move the bytes that this batch borrows.
            spent_ = heap_.back();
            heap_.pop_back();
            break;
        }
        std::push_heap(heap_.begin(), heap_.end(), later);
    }
    return {Batch::State::packets, batch_};
}

bool FileSource::has_refusal() const noexcept {
    return std::any_of(errors_.begin(), errors_.end(), [](const FileError& error) { return error.is_refusal(); });
}

std::uint64_t FileSource::stamps_clamped() const noexcept {
    std::uint64_t sum = 0;
    for (const auto& slot : slots_) sum += slot.file ? slot.file->stamps_clamped() : slot.stamps_clamped;
    return sum;
}

}  // namespace wiresage
