// Records of one direction of a TLS connection, opened with its key.
#pragma once

#include <openssl/types.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

#include "app/tls_suite.hpp"
#include "base/bytes.hpp"

namespace wiresage {

/// Opens records one after the other, and only what authenticates (RFC 2246, 6.2.3; RFC 5246, 6.2.3; RFC 8446, 5.2).
class TlsOpener {
public:
    /// A direction's part of the key block; `mac` is empty where the cipher authenticates.
    struct Keys {
        Bytes key;
        Bytes iv;
        Bytes mac;
    };

    /// Rooms that a record needs beyond its own bytes (a cipher may write a block ahead).
    static constexpr std::size_t slack = 32;

    bool start(const TlsSuite& suite, std::uint16_t version, bool encrypt_then_mac, const Keys& keys,
               ossl_lib_ctx_st* library) noexcept;
    bool is_ready() const noexcept { return suite_ != nullptr; }

    /// `head`: the record's five bytes.  Into `out`, which holds `body` and `slack`; the content's bytes, of TLS 1.3
    /// with padding and type at the end.  Nothing where it does not open; with a cipher that authenticates the next
    /// record may still.
    std::optional<Bytes> open(Bytes head, Bytes body, std::uint8_t* out) noexcept;

private:
    struct FreeCipher {
        void operator()(EVP_CIPHER_CTX* context) const noexcept;
    };
    struct FreeMac {
        void operator()(EVP_MAC_CTX* context) const noexcept;
    };

    bool start_mac(const TlsSuite& suite, Bytes key, ossl_lib_ctx_st* library) noexcept;
    std::optional<Bytes> open_aead(Bytes head, Bytes body, std::uint8_t* out) noexcept;
    std::optional<Bytes> open_block(Bytes head, Bytes body, std::uint8_t* out) noexcept;
    bool decrypt(Bytes body, std::uint8_t* out) noexcept;
    bool authenticates(Bytes head, Bytes content, Bytes mac) noexcept;

    std::unique_ptr<EVP_CIPHER_CTX, FreeCipher> cipher_;
    std::unique_ptr<EVP_MAC_CTX, FreeMac> mac_;
    const TlsSuite* suite_ = nullptr;
    std::uint64_t sequence_ = 0;
    std::uint16_t version_ = 0;
    bool encrypt_then_mac_ = false;
    std::array<std::uint8_t, tls_nonce_bytes> iv_{};  ///< Of ciphers that authenticate.
};

}  // namespace wiresage
