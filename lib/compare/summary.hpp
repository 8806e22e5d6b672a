// What is left to say of a session once it is over.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "compare/session.hpp"
#include "fact/path.hpp"

namespace wiresage {

/// One direction, from its sender's point to the receiver's.
struct OneWay {
    std::uint64_t sent = 0;        ///< Segments or datagrams at the sender's point; offload makes them few and large.
    std::uint64_t sent_bytes = 0;  ///< Their payload, repeats included; TCP only.
    std::uint64_t received = 0;    ///< At the receiver's point.
    std::uint64_t received_bytes = 0;
    std::uint64_t lost = 0;      ///< Copies that stayed away from the receiver's point, of TCP those repaired and not.
    std::uint64_t repaired = 0;  ///< Of those, copies of which another one arrived.
    std::uint64_t missing_bytes = 0;       ///< That never arrived, by any copy.
    std::uint64_t missed_by_receiver = 0;  ///< Bytes that the receiver acknowledged and its point did not show.
    std::uint64_t missed_by_sender = 0;    ///< Bytes that only the receiver's point showed.
    std::uint64_t uncovered = 0;    ///< Copies that the other point could not have seen, as it was not listening.
    std::uint64_t forgotten = 0;    ///< Copies that there was no room to remember.
    std::vector<LostRange> ranges;  ///< That never arrived, most copies first; at most 32.
    std::vector<Piece> repairs;     ///< Lost copies that were repaired, at most 64.
    bool arrived_smaller = false;   ///< Of the first range: only segments that are smaller arrived.
    bool went_on = false;           ///< More was sent after it.
    bool has_delay = false;
    Duration least_delay{};  ///< One way, from point to point: within the clocks' uncertainty.
    Duration middle_delay{};
    Duration most_delay{};

    bool is_doubtful() const noexcept { return missed_by_receiver > 0 || forgotten > 0; }
};

/// A reset that one point saw the peer send, and the peer's point did not: something between made it.
struct ForgedReset {
    Point seen_at = Point::near;
    bool from_client = false;
    Sighting seen;
};

struct Change {
    PathField field = PathField::payload_len;
    bool from_client = false;
    std::int64_t sent = 0;
    std::int64_t received = 0;
    std::uint32_t sequence = 0;  ///< Raw, at the sender's point.
    Sighting sent_at;
    Sighting received_at;
    std::uint64_t count = 0;
    bool equals_padding = false;
};

struct SessionSummary {
    std::uint64_t serial = 0;  ///< In the order of opening.
    Transport transport = Transport::none;
    Relation relation = Relation::alone;
    std::array<Half, 2> halves;
    bool client_is_near = true;
    bool is_translated = false;
    Sighting first;
    EventTime last;
    std::array<OneWay, 2> transfers;  ///< From the client, from the server.
    std::vector<Change> changes;
    std::vector<Control> control;
    std::vector<ForgedReset> forged_resets;
    std::uint64_t exchanges = 0;
    Duration round_trip{};
    Duration server_think{};
    Duration client_think{};
    std::uint32_t path_share = 0;
    Sighting first_turn;

    bool is_paired() const noexcept { return halves[0].present && halves[1].present; }
    /// The half that addresses are told of: the near one where there is one.
    const Half& shown() const noexcept { return halves[halves[0].present ? 0 : 1]; }
    Point sender_point(std::size_t direction) const noexcept {
        return (direction == 0) == client_is_near ? Point::near : Point::far;
    }
    /// SYNs of the client at this point.
    std::uint64_t syns_at(Point point) const noexcept;
};

/// Of a finished session.
SessionSummary summary_of(const Session& session, const std::array<Coverage, 2>& coverage);

}  // namespace wiresage
