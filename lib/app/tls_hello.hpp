// The first messages of a TLS handshake.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"

namespace wiresage {

namespace tls_version {
inline constexpr std::uint16_t ssl3 = 0x0300, tls10 = 0x0301, tls11 = 0x0302, tls12 = 0x0303, tls13 = 0x0304;
}

/// RFC 8446, 4.1.2; RFC 5246, 7.4.1.2.  Views into the message.
struct ClientHello {
    std::uint16_t best_version = 0;  ///< Of supported_versions where it is there (RFC 8446, 4.2.1), GREASE left out.
    std::string_view server_name;    ///< RFC 6066, 3; empty: none.
    Bytes random;
    Bytes session_id;
    bool early_data = false;  ///< 0-RTT follows (RFC 8446, 4.2.10).
};

/// RFC 8446, 4.1.3; RFC 5246, 7.4.1.3.
struct ServerHello {
    std::uint16_t version = 0;
    std::uint16_t cipher = 0;
    bool retry = false;  ///< HelloRetryRequest: another pair of hellos follows.
    bool extended_master_secret = false;
    bool encrypt_then_mac = false;
    Bytes random;
    Bytes session_id;
};

/// `body`: the message without its four bytes of head.  False where it does not parse.
bool read_client_hello(Bytes body, ClientHello& out) noexcept;
bool read_server_hello(Bytes body, ServerHello& out) noexcept;
/// The server's own certificate out of a Certificate message (RFC 5246, 7.4.2); empty where it does not parse.
Bytes first_certificate(Bytes body) noexcept;

}  // namespace wiresage
