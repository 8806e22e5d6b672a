// Two captures of the same traffic, read side by side: their sessions, paired, and what happened between the points.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "capture/file_source.hpp"
#include "compare/clock_match.hpp"
#include "compare/copy_filter.hpp"
#include "compare/session.hpp"
#include "compare/summary.hpp"
#include "detect/bounded_map.hpp"

namespace wiresage {

/// Takes sessions as they end.
class SessionSink {
public:
    virtual ~SessionSink() = default;
    virtual void write(const SessionSummary& session) = 0;
};

struct CompareOptions {
    std::array<std::string, 2> files;  ///< Near and far; each is read twice, so it cannot be standard input.
    std::uint64_t secret = 0;          ///< Keys hashes; fixed, so that the same files give the same bytes.
    std::size_t most_sessions = 262'144;
    std::size_t most_pieces = 1'048'576;  ///< Segments that wait for their counterpart, over all sessions.
};

/// What one point saw in all.
struct PointStats {
    std::uint64_t packets = 0;
    std::uint64_t copies_dropped = 0;  ///< The same packet twice (guard G1).
    Coverage coverage;                 ///< By the near clock.
};

struct CompareStats {
    std::array<PointStats, 2> points;
    std::uint64_t sessions = 0;          ///< Paired ones and those of one point.
    std::uint64_t sessions_evicted = 0;  ///< Ended early for want of room.
    std::uint64_t pieces_refused = 0;    ///< Segments that there was no room to remember.
};

/// Reads each capture twice: first for the clocks (compare/clock_match.hpp), then both at the same pace by one clock,
/// so that memory holds open sessions and what is under way between the points, never the captures.  One thread.
class Comparison {
public:
    Comparison(CompareOptions options, SessionSink& sink);
    ~Comparison();

    /// Returns early when `stop` becomes true.
    void run(const std::atomic<bool>& stop);

    /// One of the files is no capture at all: nothing was compared (see errors()).
    bool is_refused() const noexcept;

    const ClockModel& clock() const noexcept { return clock_; }
    const CompareStats& stats() const noexcept { return stats_; }
    /// Inputs of both, near first: a Sighting's input is an index into this.
    const InputList& inputs() const noexcept { return inputs_; }
    const std::vector<FileError>& errors() const noexcept { return errors_; }

private:
    struct Reader;
    struct Seen {
        std::uint32_t slot = 0;
        std::uint64_t serial = 0;
        bool from_client = false;
        bool shared = false;  ///< Several sessions have it: it tells none of them.
    };
    struct Sign {
        std::uint64_t feature = 0;
        bool weak = false;
    };
    struct KeyHash {
        std::size_t operator()(const FlowKey& key) const noexcept { return hash(key, 0); }
    };
    struct FeatureHash {
        std::size_t operator()(std::uint64_t feature) const noexcept { return feature; }
    };
    using Table = BoundedMap<FlowKey, std::uint32_t, KeyHash>;
    using Features = BoundedMap<std::uint64_t, Seen, FeatureHash>;

    ClockSketch sketch(Point point, const std::atomic<bool>& stop);
    void take(Point point, const PacketView& view, EventTime at);
    std::uint32_t session_of(Point point, const FlowKey& key, const Packet& packet, const Sighting& seen);
    std::uint32_t partner_of(Point point, const FlowKey& key, const Packet& packet, const Sighting& seen,
                             bool& from_client);
    static std::array<Sign, 2> signs_of(const Packet& packet) noexcept;
    const Seen* find_sign(Point point, const Sign& sign, EventTime now);
    void leave_signs(Point point, std::uint32_t slot, const Packet& packet, bool from_client);
    void look_for_partner(Point point, std::uint32_t slot, const Packet& packet, const Sighting& seen);
    std::uint32_t new_slot(Transport transport);
    void sweep(EventTime now);
    void end(std::uint32_t slot);

    CompareOptions options_;
    SessionSink& sink_;
    ClockModel clock_;
    CompareStats stats_;
    InputList inputs_;
    std::vector<FileError> errors_;
    std::size_t near_inputs_ = 0;
    std::vector<std::unique_ptr<Session>> slots_;
    std::vector<std::uint32_t> free_;
    std::array<Table, 2> tables_;
    std::array<Features, 2> features_;
    std::array<CopyFilter, 2> copies_;
    PieceBudget budget_;
    std::array<Coverage, 2> coverage_;
    EventTime next_sweep_ = EventTime::min();
    std::uint64_t serial_ = 0;
    Packet packet_;
};

}  // namespace wiresage
