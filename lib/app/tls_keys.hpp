// Keys of TLS records out of the secrets of a key log.
#pragma once

#include <array>

#include "app/key_log.hpp"
#include "app/tls_opener.hpp"

namespace wiresage {

/// What a master secret needs beside it.
struct TlsParameters {
    const TlsSuite* suite = nullptr;
    std::uint16_t version = 0;
    bool encrypt_then_mac = false;
    Bytes client_random;
    Bytes server_random;
};

/// Both directions up to TLS 1.2, by From (RFC 5246, 6.3; RFC 2246, 6.3).
bool start_openers(const TlsParameters& of, const TlsSecret& master, ossl_lib_ctx_st* library,
                   std::array<TlsOpener, 2>& out) noexcept;
/// One direction of TLS 1.3 from one of its traffic secrets (RFC 8446, 7.3).
bool start_opener(const TlsSuite& suite, const TlsSecret& secret, ossl_lib_ctx_st* library, TlsOpener& out) noexcept;
/// The secret after a KeyUpdate (RFC 8446, 7.2); empty where it cannot be made.
TlsSecret next_secret(const TlsSuite& suite, const TlsSecret& secret, ossl_lib_ctx_st* library) noexcept;

}  // namespace wiresage
