// TLS handshakes in words: versions, alerts, suites, certificates' texts.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fact/fact.hpp"

namespace wiresage {

/// The texts beside a TlsHandshake.
struct TlsTexts {
    std::string sni;
    std::string subject;
    std::string issuer;
    std::vector<std::string> names;
};
TlsTexts tls_texts(const Fact& fact);

/// "1.2"; "ssl3"; empty where it is not known.
std::string tls_version_text(std::uint16_t version);
/// "unknown_ca" (RFC 8446, 6); empty where it is none.
std::string_view tls_alert_name(std::uint8_t alert) noexcept;
/// "0x002f", with its name where it is a common one.
std::string tls_cipher_text(std::uint16_t cipher);
std::string_view name(TlsStage stage) noexcept;
std::string_view name(TlsEnd end) noexcept;
std::string hex_text(const std::array<std::uint8_t, 32>& bytes);
/// "2026-01-31T12:00:00Z".
std::string second_text(std::int64_t unix_seconds);
/// An alert by which one side says that it does not accept the certificate (RFC 8446, 6.2: 42 to 48).
constexpr bool is_certificate_alert(std::uint8_t alert) noexcept { return alert >= 42 && alert <= 48; }

}  // namespace wiresage
