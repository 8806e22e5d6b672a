// A flow as `read --flows` and /api/v1/flows tell it: a value, made when it ends or when somebody asks.
#pragma once

#include <cstdint>
#include <type_traits>

#include "base/address.hpp"
#include "base/time.hpp"
#include "fact/fact.hpp"
#include "packet/packet.hpp"

namespace wiresage {

enum class FlowState : std::uint8_t {
    opening,
    established,
    closing,
    closed,
    reset,
    refused,
    unanswered,
    active,
    answered
};

/// The name in JSON: "closed", "reset", ...  `active`: UDP and ICMP one way; `answered`: both ways.
const char* name(FlowState state) noexcept;

/// Counts of Wireshark's "TCP Analysis" (User's Guide, 7.5), one flow's or everybody's.
struct TcpAnalysisCounts {
    std::uint64_t retransmission = 0, fast_retransmission = 0, spurious_retransmission = 0, out_of_order = 0,
                  duplicate_ack = 0, zero_window = 0, zero_window_probe = 0, zero_window_probe_ack = 0, window_full = 0,
                  window_update = 0, lost_segment = 0, ack_lost_segment = 0, keep_alive = 0, keep_alive_ack = 0,
                  reused_ports = 0;

    TcpAnalysisCounts& operator+=(const TcpAnalysisCounts& other) noexcept;
};

/// One direction's figures.
struct FlowSide {
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;          ///< On the wire.
    std::uint64_t payload_bytes = 0;  ///< Of the transport, on the wire; repeated bytes count again.
    std::uint32_t isn = 0;
    std::uint32_t retransmissions = 0;  ///< All kinds.
    std::uint16_t mss = 0;              ///< 0: unknown.
    std::int8_t window_scale = -1;      ///< -1: unknown or none.
    bool isn_known = false;
};

struct FlowRecord {
    Moment at;        ///< When it ended (or was asked for); orders the records.
    Endpoint client;  ///< Began it, as far as is known.
    Endpoint server;
    MacAddress client_mac;
    MacAddress server_mac;
    std::uint8_t protocol = 0;  ///< IP protocol number.
    FlowState state = FlowState::active;
    bool initiator_known = false;
    std::uint16_t input = 0;
    std::uint16_t vlan = 0;
    Tunnel tunnel = Tunnel::none;
    std::uint32_t tunnel_id = 0;
    EventTime start;  ///< Own stamps of the first and last packet.
    EventTime end;
    FlowSide c2s;
    FlowSide s2c;
    Duration handshake_rtt{};  ///< SYN to the client's ACK; zero: unknown.
    std::uint32_t fragments = 0;
    std::uint32_t syns = 0;  ///< SYN segments without ACK.
    std::uint32_t out_of_order = 0;
    std::uint32_t duplicate_acks = 0;
    std::uint32_t zero_windows = 0;
    std::uint32_t lost_segments = 0;
};

static_assert(std::is_trivially_copyable_v<FlowRecord>);

/// Takes records in rising order of their moments.
class FlowRecordSink {
public:
    virtual ~FlowRecordSink() = default;
    virtual void write(const FlowRecord& record) noexcept = 0;
};

}  // namespace wiresage
