// A server's certificate, as far as an engineer wants to know it.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"

namespace wiresage {

/// RFC 5280.  Texts are cut where they do not fit; names that do not fit are left out, and `names_cut` says so.
struct Certificate {
    std::array<std::uint8_t, 32> fingerprint{};  ///< SHA-256 of the whole certificate.
    std::int64_t not_before = 0;                 ///< Unix seconds.
    std::int64_t not_after = 0;
    bool self_signed = false;  ///< Subject and issuer are the same.
    bool wildcard = false;
    bool names_cut = false;
    std::uint8_t subject_bytes = 0;
    std::uint8_t issuer_bytes = 0;
    std::uint16_t names_bytes = 0;
    std::array<char, 128> subject;
    std::array<char, 128> issuer;
    std::array<char, 1280> names;  ///< SAN: DNS and IP names, each followed by a line feed.

    std::string_view subject_text() const noexcept { return {subject.data(), subject_bytes}; }
    std::string_view issuer_text() const noexcept { return {issuer.data(), issuer_bytes}; }
    std::string_view names_text() const noexcept { return {names.data(), names_bytes}; }
};

/// False where it is no certificate.  Some 20 microseconds; OpenSSL allocates and frees within the call.
bool read_certificate(Bytes der, Certificate& out) noexcept;

/// Whether a certificate is for a host (RFC 9525, 6.3): a SAN's DNS name equals it or has a wildcard as its whole first
/// label, or an IP name is the address.  Without any SAN the common name counts, as older clients have it (RFC
/// 6125, 6.4.4).
bool is_for_host(const Certificate& certificate, std::string_view host) noexcept;

}  // namespace wiresage
