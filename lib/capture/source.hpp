// Where packets come from, files or live interfaces alike.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "capture/input.hpp"
#include "packet/packet_view.hpp"

namespace wiresage {

/// What one call of Source::next_batch() gives.
struct Batch {
    enum class State : std::uint8_t {
        packets,  ///< At least one packet.
        idle,     ///< Live only: nothing came until the poll time-out or wake(); ask again.
        end,      ///< Files only: nothing will come any more; also when the source refuses to go on (see its errors).
    };

    State state = State::idle;
    std::span<const PacketView> packets;  ///< In order; empty unless `packets`.  Valid until the next call.
};

/// Gives packets in batches.  Used by one thread.
class Source {
public:
    /// A batch never holds more than this many packets.
    static constexpr std::size_t batch_packets = 64;

    Source() = default;
    Source(const Source&) = delete;
    Source& operator=(const Source&) = delete;
    virtual ~Source() = default;

    /// The next packets; the views and their bytes are valid until the next call.
    /// A file gives them in the order of stamps over all files (and in its own order within one), and never idle;
    /// live, it waits for at most the poll time-out.
    virtual Batch next_batch() = 0;

    /// What PacketView::input means.  Grows while reading: a view's input is there before its batch is returned.
    /// May be read by any thread.
    virtual const InputList& inputs() const noexcept = 0;
};

}  // namespace wiresage
