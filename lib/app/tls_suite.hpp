// How the records of a cipher suite are protected.
#pragma once

#include <cstddef>
#include <cstdint>

namespace wiresage {

enum class TlsCipherKind : std::uint8_t {
    stream,  ///< RC4 and a MAC.
    block,   ///< CBC and a MAC.
    gcm,
    ccm,
    chacha,
};

/// IANA, TLS Cipher Suites.
struct TlsSuite {
    std::uint16_t number;
    TlsCipherKind kind;
    const char* cipher;      ///< OpenSSL's name.
    const char* digest;      ///< Of the key schedule from TLS 1.2 on.
    std::uint8_t key_bytes;  ///< Of the cipher.
    std::uint8_t iv_bytes;   ///< From the key block: a block, or a nonce's fixed part.
    std::uint8_t mac_bytes;  ///< Of the MAC's key and of the MAC; 0: the cipher authenticates, with a tag.
    std::uint8_t tag_bytes;  ///< 0 where there is a MAC.
};

inline constexpr std::size_t tls_nonce_bytes = 12;

/// Null where it is none that can be opened: RC4, 3DES and AES in CBC, AES in GCM and CCM, ChaCha20-Poly1305.
const TlsSuite* find_tls_suite(std::uint16_t number) noexcept;
/// OpenSSL's name of the MAC's digest.
const char* mac_digest(const TlsSuite& suite) noexcept;

}  // namespace wiresage
