// One TCP or UDP session as two points saw it.
#pragma once

#include <array>
#include <cstdint>

#include "base/address.hpp"
#include "compare/control_ledger.hpp"
#include "compare/point.hpp"
#include "compare/segment_ledger.hpp"
#include "compare/turns.hpp"
#include "fact/fact.hpp"
#include "packet/flow_key.hpp"
#include "packet/packet.hpp"

namespace wiresage {

/// How the two sights of a session belong together.
enum class Relation : std::uint8_t {
    alone,       ///< Seen at one point only.
    same,        ///< The same sequence numbers at both.
    rewritten,   ///< Something between shifts sequence numbers and keeps the options.
    terminated,  ///< New initial sequence numbers with other options: two connections, joined by something between.
};

/// What one point saw of it.  Directions: 0 from the client, 1 from the server.
struct Half {
    bool present = false;
    FlowKey key;
    Endpoint client;
    Endpoint server;
    std::uint16_t vlan = 0;
    std::array<std::uint32_t, 2> base{};  ///< Sequence number of place 0: the initial one, or the one before the first.
    std::array<bool, 2> has_base{};
    std::array<bool, 2> knows_isn{};
    std::array<std::int64_t, 2> high{};  ///< The highest place so far.
    std::array<std::uint64_t, 2> packets{};
    std::array<bool, 2> fin{};
    bool reset = false;
    bool replaced = false;  ///< Its five-tuple was opened anew.
    ControlValues syn;
    Sighting first;
    EventTime last;

    bool is_closed() const noexcept { return reset || replaced || (fin[0] && fin[1]); }
};

class Session {
public:
    Session(Transport transport, std::uint64_t serial);

    /// A packet of it.  The point's half must have been opened.
    void see(Point point, const Packet& packet, const Sighting& seen, PieceBudget& budget);

    /// Begins what `point` saw.  `from_client` says whose first packet it is.
    void open(Point point, const FlowKey& key, const Packet& packet, bool from_client, const Sighting& seen);

    /// Takes over what `other`, seen at `point` only, has.
    void absorb(Point point, Session& other, PieceBudget& budget);

    /// The two may be the same session, as far as sequence numbers go; `packet` is the first at the new point.
    bool fits(const Packet& packet, bool from_client) const;

    void expire(EventTime before, const std::array<Coverage, 2>& coverage, PieceBudget& budget);
    void finish();

    bool is_from_client(Point point, const Packet& packet) const noexcept;
    bool is_paired() const noexcept { return halves_[0].present && halves_[1].present; }
    /// Nothing more is to be expected of it.
    bool is_over(EventTime now) const noexcept;
    bool has_pending() const noexcept { return data_[0].has_pending() || data_[1].has_pending(); }
    EventTime last() const noexcept;
    /// Addresses or ports differ.
    bool is_translated() const noexcept;
    /// The client is on the near side.
    bool client_is_near() const;

    Transport transport() const noexcept { return transport_; }
    Relation relation() const noexcept { return relation_; }
    std::uint64_t serial() const noexcept { return serial_; }
    Half& half(Point point) noexcept { return halves_[index_of(point)]; }
    const Half& half(Point point) const noexcept { return halves_[index_of(point)]; }
    /// 0 from the client, 1 from the server.
    const SegmentLedger& data(std::size_t direction) const noexcept { return data_[direction]; }
    const ControlLedger& control() const noexcept { return control_; }
    const TimedTurns& turns() const noexcept { return turns_; }

    std::uint8_t features_told = 0;  ///< How often it has been looked for by what stays the same.

private:
    void see_tcp(Point point, const Packet& packet, std::size_t direction, const Sighting& seen, PieceBudget& budget);
    void see_udp(Point point, const Packet& packet, std::size_t direction, const Sighting& seen, PieceBudget& budget);
    void see_control(Point point, const Packet& packet, std::size_t direction, std::int64_t place,
                     const Sighting& seen);
    void take_acknowledgments(Half& half, const TcpHeader& tcp, std::size_t direction);
    void know_base(Point point, std::size_t direction, std::uint32_t before_first, bool is_isn);
    std::int64_t place_of(const Half& half, std::size_t direction, std::uint32_t sequence) const noexcept;
    void relate(const ControlValues& ours, const ControlValues& theirs);

    Transport transport_;
    Relation relation_ = Relation::alone;
    std::uint64_t serial_;
    std::array<Half, 2> halves_;
    std::array<SegmentLedger, 2> data_;
    ControlLedger control_;
    TimedTurns turns_;
};

}  // namespace wiresage
