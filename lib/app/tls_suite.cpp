// Cipher suites that can be opened.
#include "app/tls_suite.hpp"

#include <algorithm>
#include <iterator>

namespace wiresage {

namespace {

constexpr const char* sha256 = "SHA256";
constexpr const char* sha384 = "SHA384";

/// RFC 5246, A.5 and C: the key block has no IV of a stream, and one block of each direction.
constexpr TlsSuite rc4(std::uint16_t number, std::uint8_t mac) noexcept {
    return {number, TlsCipherKind::stream, "RC4", sha256, 16, 0, mac, 0};
}
constexpr TlsSuite triple_des(std::uint16_t number) noexcept {
    return {number, TlsCipherKind::block, "DES-EDE3-CBC", sha256, 24, 8, 20, 0};
}
constexpr TlsSuite cbc128(std::uint16_t number, std::uint8_t mac) noexcept {
    return {number, TlsCipherKind::block, "AES-128-CBC", sha256, 16, 16, mac, 0};
}
constexpr TlsSuite cbc256(std::uint16_t number, std::uint8_t mac) noexcept {
    return {number, TlsCipherKind::block, "AES-256-CBC", mac == 48 ? sha384 : sha256, 32, 16, mac, 0};
}
/// RFC 5288, RFC 6655: four bytes of the nonce come from the key block.
constexpr TlsSuite gcm128(std::uint16_t number) noexcept {
    return {number, TlsCipherKind::gcm, "AES-128-GCM", sha256, 16, 4, 0, 16};
}
constexpr TlsSuite gcm256(std::uint16_t number) noexcept {
    return {number, TlsCipherKind::gcm, "AES-256-GCM", sha384, 32, 4, 0, 16};
}
constexpr TlsSuite ccm128(std::uint16_t number, std::uint8_t tag) noexcept {
    return {number, TlsCipherKind::ccm, "AES-128-CCM", sha256, 16, 4, 0, tag};
}
constexpr TlsSuite ccm256(std::uint16_t number, std::uint8_t tag) noexcept {
    return {number, TlsCipherKind::ccm, "AES-256-CCM", sha256, 32, 4, 0, tag};
}
/// RFC 7905: all of the nonce does.
constexpr TlsSuite chacha(std::uint16_t number) noexcept {
    return {number, TlsCipherKind::chacha, "ChaCha20-Poly1305", sha256, 32, 12, 0, 16};
}

/// By key exchange: RSA, DHE_DSS, DHE_RSA, ECDHE_ECDSA, ECDHE_RSA, as far as there are such.
constexpr TlsSuite suites[] = {
    rc4(0x0004, 16),
    rc4(0x0005, 20),
    rc4(0xc007, 20),
    rc4(0xc011, 20),
    triple_des(0x000a),
    triple_des(0x0013),
    triple_des(0x0016),
    triple_des(0xc008),
    triple_des(0xc012),
    cbc128(0x002f, 20),
    cbc128(0x0032, 20),
    cbc128(0x0033, 20),
    cbc128(0xc009, 20),
    cbc128(0xc013, 20),
    cbc256(0x0035, 20),
    cbc256(0x0038, 20),
    cbc256(0x0039, 20),
    cbc256(0xc00a, 20),
    cbc256(0xc014, 20),
    cbc128(0x003c, 32),
    cbc128(0x0040, 32),
    cbc128(0x0067, 32),
    cbc128(0xc023, 32),
    cbc128(0xc027, 32),
    cbc256(0x003d, 32),
    cbc256(0x006a, 32),
    cbc256(0x006b, 32),
    cbc256(0xc024, 48),
    cbc256(0xc028, 48),
    gcm128(0x009c),
    gcm128(0x00a2),
    gcm128(0x009e),
    gcm128(0xc02b),
    gcm128(0xc02f),
    gcm256(0x009d),
    gcm256(0x00a3),
    gcm256(0x009f),
    gcm256(0xc02c),
    gcm256(0xc030),
    ccm128(0xc09c, 16),
    ccm128(0xc09e, 16),
    ccm128(0xc0ac, 16),
    ccm128(0xc0a0, 8),
    ccm128(0xc0a2, 8),
    ccm128(0xc0ae, 8),
    ccm256(0xc09d, 16),
    ccm256(0xc09f, 16),
    ccm256(0xc0ad, 16),
    ccm256(0xc0a1, 8),
    ccm256(0xc0a3, 8),
    ccm256(0xc0af, 8),
    chacha(0xcca8),
    chacha(0xcca9),
    chacha(0xccaa),
    // TLS 1.3 (RFC 8446, B.4).
    gcm128(0x1301),
    gcm256(0x1302),
    chacha(0x1303),
    ccm128(0x1304, 16),
    ccm128(0x1305, 8),
};

}  // namespace

const TlsSuite* find_tls_suite(std::uint16_t number) noexcept {
    const auto* const found = std::find_if(std::begin(suites), std::end(suites),
                                           [&](const TlsSuite& suite) { return suite.number == number; });
    return found == std::end(suites) ? nullptr : found;
}

const char* mac_digest(const TlsSuite& suite) noexcept {
    switch (suite.mac_bytes) {
        case 16:
            return "MD5";
        case 20:
            return "SHA1";
        case 32:
            return sha256;
        default:
            return sha384;
    }
}

}  // namespace wiresage
