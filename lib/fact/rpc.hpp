// What DCE/RPC endpoint mappers have to say.
#pragma once

#include <array>
#include <cstdint>

#include "base/address.hpp"
#include "base/time.hpp"

namespace wiresage {

/// An interface, as written: time_low, time_mid, time_hi big-endian first (C706, appendix A).  All zero: unknown.
using RpcInterface = std::array<std::uint8_t, 16>;

/// The packet types that the rules know (C706, 12.6.4).
enum class RpcPdu : std::uint8_t { request = 0, response = 2, fault = 3, bind = 11, bind_ack = 12, bind_nak = 13 };

/// An endpoint mapper told a client where an interface is served over TCP (C706, appendix O).  One for each map answer
/// that holds a tower.  Made by: app/.  At most 128 a shard and tick.
struct RpcEndpoint {
    Endpoint client;
    Endpoint server;    ///< The endpoint mapper.
    Endpoint endpoint;  ///< As the tower has it; an unspecified address means the server's own.
    RpcInterface interface {};
    EventTime asked;  ///< The map request ...
    EventTime asked_stamp;
    std::uint32_t asked_frame = 0;  ///< ... its number (modulo 2^32).
};

/// A connection to an endpoint mapper ended, and no endpoint had been given on it though one was asked for, or its
/// bind was refused.  Made by: app/.
struct RpcMapFailure {
    static constexpr std::size_t most_pdus = 12;
    Endpoint client;
    Endpoint server;
    EventTime began;  ///< The first packet with payload ...
    EventTime began_stamp;
    std::uint32_t began_frame = 0;
    std::uint32_t request_bytes = 0;  ///< Payload each way.
    std::uint32_t response_bytes = 0;
    std::uint32_t status = 0;              ///< Of the map answer or the fault; of a bind_nak its reason is not one.
    RpcInterface interface {};             ///< Asked for; else of the bind.
    std::array<RpcPdu, most_pdus> pdus{};  ///< The first distinct ones.
    std::uint8_t pdu_count = 0;
    bool has_status = false;
    bool reset = false;  ///< Ended by RST; else by FIN.
};

}  // namespace wiresage
