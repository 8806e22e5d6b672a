// TCP by turns: who waits for whom in a conversation of any protocol, and what responses pause at.
#pragma once

#include <array>
#include <cstdint>

#include "flow/flow_table.hpp"
#include "flow/lazy_array.hpp"
#include "flow/service_waits.hpp"
#include "flow/tail_delays.hpp"
#include "flow/teller.hpp"
#include "packet/packet.hpp"

namespace wiresage {

/// One for each shard.
///
/// A turn is what one side sends until the other sends something.  A turn of the client and one of the server after it
/// are an exchange.  Whose turn it is is a flag of the side, and when it spoke last is known to the tracker anyway, so
/// a segment within a turn costs a comparison, and an exchange the sum of its service.  Only connections with a long
/// round trip or long waits are watched one by one: at most one in sixteen of the shard's flows, the one watched
/// longest makes room.
class Turns {
public:
    Turns(std::uint32_t flows, FlowTable& table, Teller& teller);

    /// A segment with payload, before the tracker has seen it: the two sides stand as they were.
    void segment(FlowIndex at, Side from, const Packet& packet) noexcept {
        if (packet.tcp->payload_bytes == 0 || packet.tcp->has(tcp_flag::syn | tcp_flag::rst)) return;
        Flow& flow = table_[at];
        TcpFlow& tcp = table_.tcp(at);
        TcpSide& sender = tcp.sides[from];
        const std::uint32_t sequence = packet.tcp->sequence;
        if (sequence == sender.next_sequence && sender.has(side_flag::has_turn) && !flow.watched &&
            teller_.moment().stamp - sender.next_stamp < pause_) {
            return;  // On and on, as nearly always.
        }
        look(at, from, packet);
    }

    /// The flow goes: what is known of it is told.
    void leaves(FlowIndex at) noexcept {
        if (table_[at].watched) forget(at);
    }

    /// Sums leave every five seconds of event time, in all shards on the same tick.
    void tick() noexcept;
    /// There are sums that have yet to leave.
    bool has_sums() const noexcept { return services_.has_sums(); }

private:
    struct Watch {
        FlowIndex flow = no_flow;
        std::uint32_t next_free = 0;
        EventTime began;  ///< First packet since what was told last.
        std::uint32_t began_frame = 0;
        std::uint32_t exchanges = 0;
        std::uint64_t server_us = 0;
        std::uint64_t client_us = 0;
        std::uint32_t server_waits = 0;
        std::uint32_t client_waits = 0;
        std::array<std::uint16_t, Exchanges::most> last_server_waits{};
        std::array<std::uint16_t, Exchanges::most> last_client_waits{};
        std::array<TailWatch, 2> tails;
    };
    struct Seen;

    void look(FlowIndex at, Side from, const Packet& packet) noexcept;
    void turn(const Seen& seen) noexcept;
    void within(const Seen& seen) noexcept;
    void answer(const Seen& seen, Microseconds waited) noexcept;
    void think(const Seen& seen, Microseconds waited) noexcept;
    Watch* watch_of(FlowIndex at) noexcept;
    Watch& watch(FlowIndex at) noexcept;
    void forget(FlowIndex at) noexcept;
    void tell(Watch& watch) noexcept;
    void tell_tail(const Flow& flow, Side sender, TailWatch& tail) noexcept;

    static constexpr Duration pause_ = std::chrono::microseconds{TailWatch::least_pause};

    FlowTable& table_;
    Teller& teller_;
    ServiceTally services_;
    std::uint32_t most_watched_;
    std::uint32_t watched_ = 0;  ///< Places ever used ...
    std::uint32_t hand_ = 0;     ///< ... and the next to make room.
    std::uint32_t free_ = 0;     ///< A place that is free again, plus one.
    std::uint32_t slow_told_ = 0;
    LazyArray<Watch> watches_;
    LazyArray<std::uint32_t> watch_of_flow_;  ///< Number of the watch plus one.
};

}  // namespace wiresage
