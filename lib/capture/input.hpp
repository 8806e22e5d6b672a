// Where a packet was seen: a file's interface or a live one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace wiresage {

/// What PacketView::input stands for.  Plain facts, fixed once added.
struct Input {
    std::string file;             ///< Without its folder ("a.pcap", "-" for standard input); empty live.
    std::string interface;        ///< pcapng if_name, or the live interface; empty where a file does not say.
    std::uint32_t link_type = 0;  ///< LINKTYPE_ number as the file or the handle gives it.
    std::uint32_t snaplen = 0;    ///< Bytes kept of each packet; 0: no limit known.
    std::uint64_t ticks_per_second = 1'000'000'000;  ///< Resolution of its stamps.
    bool is_live = false;
};

/// What a capture file says of packets that whoever wrote it did not get (pcapng, Interface Statistics Block).
struct InputLoss {
    std::uint64_t received = 0;           ///< By the interface, as far as told.
    std::uint64_t interface_dropped = 0;  ///< isb_ifdrop.
    std::uint64_t kernel_dropped = 0;     ///< isb_osdrop.
};

/// The inputs of a source, by index.  Only grows; at most 65,536 (PacketView::input has 16 bits).
/// add() belongs to the source's thread, reading to any; a reference stays valid as long as the list.
class InputList {
public:
    static constexpr std::size_t most = 65'536;

    /// False, and nothing is added, where the list is full.
    bool add(Input input) {
        const std::lock_guard lock{mutex_};
        if (inputs_.size() >= most) return false;
        inputs_.push_back(std::move(input));
        return true;
    }

    /// The totals of an input's capture; a later statement replaces an earlier one.
    void set_loss(std::size_t index, const InputLoss& loss) {
        const std::lock_guard lock{mutex_};
        losses_[index] = loss;
    }

    /// What set_loss() was told; zeroes where nothing was.
    InputLoss loss(std::size_t index) const {
        const std::lock_guard lock{mutex_};
        const auto found = losses_.find(index);
        return found == losses_.end() ? InputLoss{} : found->second;
    }

    std::size_t size() const {
        const std::lock_guard lock{mutex_};
        return inputs_.size();
    }

    const Input& operator[](std::size_t index) const {
        const std::lock_guard lock{mutex_};
        return inputs_[index];
    }

private:
    mutable std::mutex mutex_;  // Taken when an interface is met and when a document names one, never for a packet.
    std::map<std::size_t, InputLoss> losses_;
    std::deque<Input> inputs_;  // A deque: growing moves no element.
};

}  // namespace wiresage
