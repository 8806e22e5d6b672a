// What a parser of an application protocol is, and how protocols are recognised by what is said.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <string_view>

#include "app/context.hpp"
#include "base/bytes.hpp"
#include "stream/in_order.hpp"

namespace wiresage {

/// Reads one TCP connection.  Lives in a place of `most_bytes`; is made when the protocol is recognised and destroyed
/// when the connection has ended, or when it says `stop`.
///
/// Bytes are shown in order and without copies where a segment holds whole messages.  What is not used is kept (up to
/// InOrder::most_unused) and shown again with what follows it, so that a parser waits for a whole message or head by
/// using nothing; a body is passed over with `skip` and costs nothing.  `stop` gives the connection up for good.
class StreamParser {
public:
    static constexpr std::size_t most_bytes = 1024;

    virtual ~StreamParser() = default;
    virtual Consumed bytes(From from, Bytes shown, AppContext& context) noexcept = 0;
    /// After `unused` so many bytes are missing for good.  Sequence numbers go on after them.
    virtual Consumed gap(From from, Bytes unused, std::uint64_t missing, AppContext& context) noexcept = 0;
    /// fin: this side will say no more.  rst: it ended the connection.  timeout, evicted, none: the flow went without
    /// either (`from` then means nothing).  What was seen may be judged now.
    virtual void ended(From from, EndedBy how, AppContext& context) noexcept = 0;
    /// The last call of all, also after `stop`: buffers go back.
    virtual void release(AppContext&) noexcept {}
};

enum class Match : std::uint8_t { no, maybe, yes };

/// What both sides have said so far, from the beginning; what is not yet there is empty.
struct FirstBytes {
    Bytes client;
    Bytes server;
    std::uint16_t client_port = 0;
    std::uint16_t server_port = 0;
    bool joined = false;  ///< The connection's beginning was not seen: they may lie anywhere in it.
};

/// A protocol over TCP.
struct StreamProtocol {
    std::string_view name;
    /// `maybe`: more is needed.  Where all say `no`, the flow is given up; so it is after `most_undecided` bytes.
    /// Cheap: it is asked for every connection of whatever kind.
    Match (*recognise)(const FirstBytes& said) noexcept;
    StreamParser* (*make)(void* place) noexcept;
};

inline constexpr std::size_t most_undecided = 1024;

template <typename T>
constexpr StreamProtocol stream_protocol(std::string_view name, Match (*recognise)(const FirstBytes&) noexcept) {
    static_assert(sizeof(T) <= StreamParser::most_bytes, "a parser has a place of this size");
    static_assert(alignof(T) <= 64);
    return {name, recognise, [](void* place) noexcept -> StreamParser* { return ::new (place) T; }};
}

/// A protocol over UDP.  What it must remember from one datagram to the next lies in AppShared.
struct DatagramProtocol {
    std::string_view name;
    /// The first datagram of a flow, from either side; false: not of this protocol.
    bool (*recognise)(From from, Bytes payload, const Conversation& talk) noexcept;
    /// Every datagram of a flow that was recognised, the first one too.  `wire_bytes`: its payload on the wire, which
    /// may be more than was captured.  False: it makes no sense, the flow is given up.
    bool (*read)(From from, Bytes payload, std::size_t wire_bytes, AppContext& context) noexcept;
};

}  // namespace wiresage
