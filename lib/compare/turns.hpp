// Who waits for whom in a session, by two points: the path's round trip, the server's and the client's thinking.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "compare/point.hpp"
#include "compare/samples.hpp"

namespace wiresage {

/// A turn is the first new byte of one side after the other has spoken; how long it took is seen at both points, each
/// by its own clock, so that no clock offset matters: what one point waits longer than the other is the path.
class TimedTurns {
public:
    /// A segment with data (a SYN counts as one byte), in the order of time at each point.
    void segment(Point point, bool from_client, std::int64_t begin, std::int64_t end, const Sighting& seen);
    void absorb(Point point, TimedTurns& other, std::array<std::int64_t, 2> shift);

    /// Some turn was seen at both points.
    bool has_met() const noexcept { return first_.frame != 0; }
    /// Answers wait longer at the client's point, requests at the server's.
    bool client_is_near() const noexcept { return imbalance_ >= Duration::zero(); }
    /// Round trips of the path between the points.
    Duration round_trip() const;
    /// At the point of the server, from the end of a request to the first byte of the answer.
    Duration server_think() const { return waits_[answer][index_of(server_point())].median(); }
    /// At the point of the client, from the end of an answer to the next request.
    Duration client_think() const { return waits_[request][index_of(client_point())].median(); }
    /// Of the time that the client waited for answers, what the path took; millionths.
    std::uint32_t path_share() const;
    /// Answers that were seen at both points, the handshake's not counted.
    std::uint64_t exchanges() const noexcept { return waits_[answer][0].count(); }
    const Sighting& first() const noexcept { return first_; }

private:
    enum Kind : std::uint8_t { request, answer };
    struct Turn {
        bool from_client = false;
        std::int64_t begin = 0;  ///< Where it begins in its direction, and
        std::int64_t other = 0;  ///< where the other direction stands.
        Duration wait{};
        Sighting seen;
    };
    struct State {
        std::array<std::int64_t, 2> next{};  ///< By direction: client first.
        std::array<EventTime, 2> last{};
        bool has_spoken = false;
        bool client_spoke = false;
        std::vector<Turn> open;  ///< Not seen at the other point yet, the oldest first.
    };
    static constexpr std::size_t most_open = 64;

    Point client_point() const noexcept { return client_is_near() ? Point::near : Point::far; }
    Point server_point() const noexcept { return opposite(client_point()); }
    void meet(Point point, const Turn& turn);

    std::array<State, 2> states_;
    std::array<std::array<Samples, 2>, 2> waits_;  // By kind and point; the handshake's not counted.
    Samples path_;                                 // Near wait less far wait for answers.
    Duration imbalance_{};
    Sighting first_;
};

}  // namespace wiresage
