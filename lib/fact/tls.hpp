// What TLS handshakes have to say.
#pragma once

#include <array>
#include <cstdint>

#include "base/address.hpp"
#include "base/time.hpp"

namespace wiresage {

/// How far a handshake came: the last flight seen before it ended (RFC 5246, 7.3; RFC 8446, 2).
enum class TlsStage : std::uint8_t { client_hello, server_hello, certificate, key_exchange, finished };

enum class TlsEnd : std::uint8_t { completed, alert, fin, rst, timeout };

/// One handshake that is told for itself: it failed, or its certificate or version is worth a word.
/// Made by: app/.  At most 128 a shard and tick.
/// Texts: SNI, subject's common name, issuer (its common name, else organisation), then the SAN's names (DNS and IP).
struct TlsHandshake {
    Endpoint client;
    Endpoint server;
    EventTime began;  ///< The ClientHello's first packet ...
    EventTime began_stamp;
    std::uint32_t began_frame = 0;  ///< ... its number (modulo 2^32).
    std::uint16_t version = 0;      ///< Chosen: 0x0301 is TLS 1.0; 0 where no ServerHello was seen.
    std::uint16_t client_best = 0;  ///< The best the client offered; 0 unknown.
    std::uint16_t cipher = 0;       ///< Chosen suite (IANA).
    TlsStage stage = TlsStage::client_hello;
    TlsEnd end = TlsEnd::completed;
    bool ended_by_client = false;  ///< Of alert, fin, rst: who.
    std::uint8_t alert = 0;        ///< Of `alert`: its description (RFC 8446, 6); warnings are none.
    bool resumed = false;
    bool has_certificate =
        false;              ///< What follows is of the server's own certificate, seen in the clear (up to TLS 1.2).
    bool wildcard = false;  ///< Some name of it is one.
    bool self_signed = false;
    bool has_sni = false;
    bool name_matches = false;  ///< SNI against SAN (RFC 9525, 6.3), where there are both.
    bool initiator_known = false;
    bool in_first_flights = false;  ///< The whole handshake was seen from its first byte, without a gap.
    std::int64_t not_before = 0;    ///< Unix seconds.
    std::int64_t not_after = 0;
    std::array<std::uint8_t, 32> fingerprint{};  ///< SHA-256 of the certificate.
};

/// Handshakes of a service within one tick in one shard.
struct TlsTally {
    static constexpr std::size_t most_clients = 12;
    Endpoint server;
    std::uint32_t handshakes = 0;  ///< Ended, well or not.
    std::uint32_t completed = 0;
    std::uint8_t client_count = 0;
    std::array<std::uint32_t, most_clients> clients{};  ///< Hashes (AddressHash) of the first clients that completed.
};

}  // namespace wiresage
