// TLS in words.
#include "detect/tls_words.hpp"

#include <algorithm>
#include <cstdio>
#include <iterator>

#include "base/time.hpp"
#include "fact/texts.hpp"

namespace wiresage {

namespace {

struct Row {
    unsigned number;
    std::string_view text;
};

/// RFC 8446, 6 and B.2; RFC 5246, 7.2.
constexpr Row alerts[] = {{10, "unexpected_message"},      {20, "bad_record_mac"},
                          {21, "decryption_failed"},       {22, "record_overflow"},
                          {30, "decompression_failure"},   {40, "handshake_failure"},
                          {41, "no_certificate"},          {42, "bad_certificate"},
                          {43, "unsupported_certificate"}, {44, "certificate_revoked"},
                          {45, "certificate_expired"},     {46, "certificate_unknown"},
                          {47, "illegal_parameter"},       {48, "unknown_ca"},
                          {49, "access_denied"},           {50, "decode_error"},
                          {51, "decrypt_error"},           {60, "export_restriction"},
                          {70, "protocol_version"},        {71, "insufficient_security"},
                          {80, "internal_error"},          {86, "inappropriate_fallback"},
                          {90, "user_canceled"},           {100, "no_renegotiation"},
                          {109, "missing_extension"},      {110, "unsupported_extension"},
                          {112, "unrecognized_name"},      {113, "bad_certificate_status_response"},
                          {115, "unknown_psk_identity"},   {116, "certificate_required"},
                          {120, "no_application_protocol"}};

/// IANA, TLS Cipher Suites: what old servers choose.
constexpr Row ciphers[] = {{0x0004, "RSA_WITH_RC4_128_MD5"},
                           {0x0005, "RSA_WITH_RC4_128_SHA"},
                           {0x000a, "RSA_WITH_3DES_EDE_CBC_SHA"},
                           {0x0016, "DHE_RSA_WITH_3DES_EDE_CBC_SHA"},
                           {0x002f, "RSA_WITH_AES_128_CBC_SHA"},
                           {0x0033, "DHE_RSA_WITH_AES_128_CBC_SHA"},
                           {0x0035, "RSA_WITH_AES_256_CBC_SHA"},
                           {0x0039, "DHE_RSA_WITH_AES_256_CBC_SHA"},
                           {0xc009, "ECDHE_ECDSA_WITH_AES_128_CBC_SHA"},
                           {0xc00a, "ECDHE_ECDSA_WITH_AES_256_CBC_SHA"},
                           {0xc011, "ECDHE_RSA_WITH_RC4_128_SHA"},
                           {0xc012, "ECDHE_RSA_WITH_3DES_EDE_CBC_SHA"},
                           {0xc013, "ECDHE_RSA_WITH_AES_128_CBC_SHA"},
                           {0xc014, "ECDHE_RSA_WITH_AES_256_CBC_SHA"}};

template <std::size_t Count>
std::string_view find(const Row (&rows)[Count], unsigned number) noexcept {
    const auto found =
        std::find_if(std::begin(rows), std::end(rows), [&](const Row& row) { return row.number == number; });
    return found == std::end(rows) ? std::string_view{} : found->text;
}

}  // namespace

TlsTexts tls_texts(const Fact& fact) {
    TextReader reader{fact.texts()};
    TlsTexts made;
    made.sni = reader.next();
    made.subject = reader.next();
    made.issuer = reader.next();
    while (!reader.at_end()) {
        const auto name = reader.next();
        if (!name.empty()) made.names.emplace_back(name);
    }
    return made;
}

std::string tls_version_text(std::uint16_t version) {
    if (version == 0) return {};
    if (version == 0x0300) return "ssl3";
    return "1." + std::to_string((version & 0xff) - 1);
}

std::string_view tls_alert_name(std::uint8_t alert) noexcept { return find(alerts, alert); }

std::string tls_cipher_text(std::uint16_t cipher) {
    char text[16];
    std::snprintf(text, sizeof text, "0x%04x", cipher);
    const auto name = find(ciphers, cipher);
    return name.empty() ? std::string{text} : std::string{name};
}

std::string_view name(TlsStage stage) noexcept {
    constexpr std::string_view names[] = {"client_hello", "server_hello", "certificate", "key_exchange", "finished"};
    return names[static_cast<std::size_t>(stage)];
}

std::string_view name(TlsEnd end) noexcept {
    constexpr std::string_view names[] = {"completed", "alert", "fin", "rst", "timeout"};
    return names[static_cast<std::size_t>(end)];
}

std::string hex_text(const std::array<std::uint8_t, 32>& bytes) {
    std::string made;
    for (const auto byte : bytes) {
        constexpr char digits[] = "0123456789abcdef";
        made += digits[byte >> 4];
        made += digits[byte & 15];
    }
    return made;
}

std::string second_text(std::int64_t unix_seconds) {
    // Beyond what event time can hold (1970 to 2262) the nearest second that it can.
    const std::int64_t held = std::clamp<std::int64_t>(unix_seconds, 0, 9'223'286'400);
    return rfc3339(event_time(held * 1'000'000'000)).substr(0, 19) + "Z";
}

}  // namespace wiresage
