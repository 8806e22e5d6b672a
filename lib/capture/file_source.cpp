// Capture files, merged: see file_source.hpp.

#include "capture/file_source.hpp"

#include <algorithm>
#include <utility>

#include "packet/packet.hpp"

namespace wiresage {

namespace {

constexpr std::size_t smallest_share = std::size_t{1} << 16;
constexpr std::size_t all_pieces = std::size_t{64} << 20;  // Many files share this.

// With more files than this, one is closed again until its turn comes: descriptors and memory are limited.
constexpr std::size_t most_open = 64;

}  // namespace

FileSource::FileSource(const std::vector<std::string>& paths, Options options) : options_{std::move(options)} {
    for (const auto& path : paths) {
        auto input = std::make_unique<DescriptorInput>(path);
        const auto size = input->bytes_total();
        add({path, std::move(input), size}, paths.size());
    }
}

FileSource::FileSource(std::vector<Part> parts, Options options) : options_{std::move(options)} {
    for (auto& part : parts) add(std::move(part), 1);
}

void FileSource::add(Part part, std::size_t parts) {
    piece_bytes_ = std::min(options_.piece_bytes, std::max(all_pieces / parts, smallest_share));
    all_sizes_known_ = all_sizes_known_ && part.size > 0;
    bytes_total_ = all_sizes_known_ ? bytes_total_ + part.size : 0;

    const bool parks = parts > most_open && part.size > 0;  // A pipe cannot be opened twice.
    InputList first_look;                                   // What is found now is found again when its turn comes.
    auto file =
        std::make_unique<CaptureFile>(part.path, std::move(part.bytes), parks ? first_look : inputs_, piece_bytes_);
    auto& slot = slots_.emplace_back(Slot{.path = std::move(part.path), .file = std::move(file)});
    if (!refill(slot)) return;
    if (parks) park(slot);
    enter(slots_.size() - 1);
}

/// Closes a file that has shown its first packet.
void FileSource::park(Slot& slot) {
    bytes_read_.fetch_sub(std::exchange(slot.bytes_seen, 0), std::memory_order_relaxed);
    slot.queue = {};
    slot.file.reset();
    slot.is_parked = true;
}

void FileSource::unpark(Slot& slot) {
    slot.is_parked = false;
    slot.file =
        std::make_unique<CaptureFile>(slot.path, std::make_unique<DescriptorInput>(slot.path), inputs_, piece_bytes_);
}

/// The order of the merge, the other way round, as std::push_heap keeps the largest in front.
bool FileSource::is_later(std::size_t left, std::size_t right) const noexcept {
    const auto left_head = slots_[left].head;
    const auto right_head = slots_[right].head;
    return left_head != right_head ? left_head > right_head : left > right;
}

void FileSource::enter(std::size_t index) {
    heap_.push_back(index);
    std::push_heap(heap_.begin(), heap_.end(), [this](auto left, auto right) { return is_later(left, right); });
}

/// Takes out the slot whose packet comes next.
std::size_t FileSource::leave() {
    std::pop_heap(heap_.begin(), heap_.end(), [this](auto left, auto right) { return is_later(left, right); });
    const auto index = heap_.back();
    heap_.pop_back();
    return index;
}

void FileSource::count_bytes(Slot& slot) {
    const auto taken = slot.file->bytes_taken();
    bytes_read_.fetch_add(taken - slot.bytes_seen, std::memory_order_relaxed);
    slot.bytes_seen = taken;
}

/// True when the slot has packets again; at its end the file is closed and its memory given back.
bool FileSource::refill(Slot& slot) {
    if (!slot.file) return false;
    do {
        slot.queue = slot.file->next();
        count_bytes(slot);
        if (slot.queue.empty() || !filter(slot)) {
            if (slot.file->error()) errors_.push_back(*slot.file->error());
            if (const auto notice = slot.file->notice()) errors_.push_back(*notice);
            slot.stamps_clamped = slot.file->stamps_clamped();
            slot.file.reset();
            return false;
        }
    } while (slot.queue.empty());
    slot.head = slot.queue.front().stamp;
    return true;
}

/// Leaves in the queue what the filter takes; false where it does not compile for this file.
bool FileSource::filter(Slot& slot) {
    if (options_.filter.empty()) return true;
    const std::string* problem = nullptr;
    const auto kept = std::remove_if(slot.queue.begin(), slot.queue.end(), [&](const PacketView& view) {
        const auto& chosen = wanted(view.link);
        if (!chosen.problem.empty()) problem = &chosen.problem;
        return !chosen.filter || !chosen.filter->matches(view);
    });
    slot.queue = slot.queue.first(static_cast<std::size_t>(kept - slot.queue.begin()));
    if (!problem) return true;
    errors_.push_back({FileError::Kind::filter, slot.path, *problem, 0});
    slot.queue = {};
    return false;
}

const FileSource::Wanted& FileSource::wanted(LinkType link) {
    const auto [place, is_new] = wanted_.try_emplace(link);
    auto& chosen = place->second;
    const auto link_type = static_cast<std::uint32_t>(link);
    if (is_new && is_known_link_type(link_type)) {
        std::string words;
        chosen.filter = PacketFilter::compile(options_.filter, link_type, words);
        if (!chosen.filter) {
            chosen.problem = "the filter \"" + options_.filter + "\" does not fit link type " +
                             std::string{link_type_name(link_type)} + ": " + words;
        }
    }
    return chosen;
}

Batch FileSource::next_batch() {
    if (spent_) {
        const auto index = *std::exchange(spent_, std::nullopt);
        if (refill(slots_[index])) enter(index);
    }
    batch_.clear();
    while (!heap_.empty() && batch_.size() < batch_packets) {
        const auto index = leave();
        auto& slot = slots_[index];
        if (slot.is_parked) {
            unpark(slot);
            if (refill(slot)) enter(index);
            continue;
        }
        if (heap_.empty() && batch_.empty()) {  // One file left: what it has parsed is a batch as it stands.
            spent_ = index;
            return {Batch::State::packets, std::exchange(slot.queue, {})};
        }
        batch_.push_back(slot.queue.front());
        slot.queue = slot.queue.subspan(1);
        if (slot.queue.empty()) {  // To read on would move the bytes that this batch borrows.
            spent_ = index;
            break;
        }
        slot.head = slot.queue.front().stamp;
        enter(index);
    }
    if (batch_.empty()) return {Batch::State::end, {}};
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
