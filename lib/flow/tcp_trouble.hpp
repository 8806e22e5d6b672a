// What goes wrong within TCP connections: segments resent, missing, refused room; kept only while there is trouble.
#pragma once

#include <array>
#include <cstdint>

#include "fact/loss.hpp"
#include "flow/flow.hpp"
#include "flow/tcp_analysis.hpp"

namespace wiresage {

/// One segment of a connection in trouble, in hand.  `tcp` is as it stands after the analysis of the segment.
struct TroubledSegment {
    const Flow& flow;
    const TcpFlow& tcp;
    Side from;
    const TcpHeader& segment;
    std::uint16_t findings;
    std::uint32_t next_before;  ///< The sender's next_sequence before this segment.
    const Moment& now;

    const TcpSide& sender() const noexcept { return tcp.sides[from]; }
    const TcpSide& receiver() const noexcept { return tcp.sides[1 - from]; }
    bool is(std::uint16_t finding) const noexcept { return (findings & finding) != 0; }
    std::uint32_t end() const noexcept { return segment.sequence + segment.payload_bytes; }
    std::uint32_t frame() const noexcept { return static_cast<std::uint32_t>(now.frame); }
    /// How many segments this is on the wire, where offload shows several as one (RFC 9293, 3.7.1).
    std::uint32_t segments() const noexcept { return segments_of(segment.payload_bytes); }
    std::uint32_t segments_of(std::uint32_t bytes) const noexcept {
        const std::uint32_t most = receiver().mss != 0 ? receiver().mss : 1460;
        return bytes <= most ? 1 : (bytes + most - 1) / most;
    }
};

/// When something began: event time, own stamp, number in the capture.
struct Beginning {
    EventTime time;
    EventTime stamp;
    std::uint32_t frame = 0;
};

/// The segment at the receiver's edge, sent again and again.
struct ResentSegment {
    static constexpr std::size_t most_ratios = 8;
    Beginning began;  ///< The first sending, as far as it is known; the frame is the first copy's.
    EventTime last_copy;
    Duration gap{};  ///< Before the last copy.
    std::uint32_t sequence = 0;
    std::uint32_t payload_bytes = 0;
    std::uint16_t copies = 0;
    std::uint16_t growing = 0;  ///< Gaps in a row that each were half as long again as the one before ...
    std::uint16_t most_growing = 0;
    std::array<std::uint16_t, most_ratios> ratios{};  ///< Thousandths.
    std::uint8_t ratio_count = 0;
    bool open = false;
    bool told = false;

    /// A copy of the segment that the receiver waits for.
    void copy(const TroubledSegment& seen) noexcept;
    /// Three time-outs (field notes), and time enough for a lost one to be repaired.
    bool is_stall(EventTime now) const noexcept;
    std::uint16_t backoff_ratio() const noexcept;
};

/// Bytes that were not seen, between others that were.
struct Hole {
    Beginning began;
    EventTime acked_at;
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    std::uint32_t dup_acks = 0;
    bool sacked = false;  ///< What lies beyond has been told as received.
    bool acked = false;   ///< Received after all: the capture lacks it, or it is about to come.

    std::uint32_t bytes() const noexcept { return end - begin; }
};

/// The first holes of one side, by sequence number.
struct Holes {
    static constexpr std::size_t most = 4;
    std::array<Hole, most> list{};
    std::uint8_t count = 0;

    /// One more; where there is no room it is forgotten.
    void add(const Hole& hole) noexcept;
    void erase(std::size_t at) noexcept;
    /// What bytes that come after all were to the holes.
    enum class Filled : std::uint8_t { none, missing, acked };
    Filled fill(std::uint32_t begin, std::uint32_t end) noexcept;
    /// What the receiver of the data says: its acknowledgment and SACK blocks.
    void acknowledge(const TroubledSegment& seen) noexcept;
};

/// A side that takes no more data.
struct ClosedWindow {
    Beginning since;  ///< The present episode.
    Beginning began;  ///< The first one that was not told yet.
    EventTime told_at;
    Duration stalled{};  ///< Of episodes that are over and not told yet.
    Duration told{};     ///< Of the present episode, what was told.
    Duration longest{};
    std::uint32_t episodes = 0;
    std::uint32_t probes = 0;
    std::uint32_t probes_told = 0;
    bool closed = false;
    bool counted = false;  ///< The present episode is in `episodes`.
    bool full = false;     ///< The sender filled the window before it closed.
    bool told_once = false;
};

/// What one side sent, and what came of it.
struct SideTrouble {
    ResentSegment resent;
    Holes holes;
    ClosedWindow window;  ///< Of this side as a receiver.
    LossTally::Side tally;
    Beginning first_loss;
    std::uint64_t gap_bytes = 0;  ///< Acknowledged, never seen, not told yet.
    Beginning gap_began;
    std::array<std::uint32_t, SegmentStall::most_edges> sack{};  ///< Edges told for the present acknowledgment.
    std::uint32_t sack_for = 0;                                  ///< That acknowledgment.
    std::uint32_t largest_sacked = 0;                            ///< Bytes of the largest block of it.
    std::uint64_t packets_told = 0;
    std::uint64_t payload_told = 0;
    std::uint32_t gaps = 0;
    std::uint16_t icmp_mtu = 0;
    std::uint8_t sack_count = 0;
    bool icmp_seen = false;
    bool stall_told = false;  ///< Once at least, of this connection; and so on.
    bool hole_told = false;
    bool gap_told = false;
};

/// A handshake whose numbers do not fit.
struct OddNumbers {
    Beginning began;
    std::uint32_t payload_bytes = 0;
    std::uint32_t observed_ack = 0;
    std::uint16_t syn_acks = 0;  ///< With payload, not told yet.
    bool payload = false;        ///< A SYN-ACK had some.
    bool ack_seen = false;
    bool equals_padding = false;
    bool mismatch = false;  ///< The client's first acknowledgment is another; the server has not spoken yet.
    bool confirmed = false;
    bool told = false;
};

/// All that is kept of one connection in trouble.
struct Trouble {
    FlowIndex flow = no_flow;
    std::uint16_t place = 0;  ///< In the list of those in use.
    EventTime last;           ///< Of trouble, event time.
    EventTime tally_told_at;
    std::array<SideTrouble, 2> sides{};
    OddNumbers odd;
    bool tally_told = false;
};

static_assert(std::is_trivially_copyable_v<Trouble>);

}  // namespace wiresage
