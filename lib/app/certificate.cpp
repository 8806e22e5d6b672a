// Certificates through OpenSSL.
#include "app/certificate.hpp"

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstring>
#include <ctime>
#include <memory>

namespace wiresage {

namespace {

struct FreeX509 {
    void operator()(X509* certificate) const noexcept { X509_free(certificate); }
};
struct FreeNames {
    void operator()(GENERAL_NAMES* names) const noexcept { GENERAL_NAMES_free(names); }
};

/// Days since 1970-01-01 of the proleptic Gregorian calendar.
constexpr std::int64_t days_of(std::int64_t year, std::int64_t month, std::int64_t day) noexcept {
    year -= month <= 2 ? 1 : 0;
    const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
    const std::int64_t of_era = year - era * 400;
    const std::int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

std::int64_t seconds_of(const ASN1_TIME* time) noexcept {
    std::tm parts{};
    if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return 0;
    const std::int64_t days = days_of(parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday);
    return days * 86400 + parts.tm_hour * 3600 + parts.tm_min * 60 + parts.tm_sec;
}

template <std::size_t Size>
std::uint8_t name_text(X509_NAME* name, int kind, std::array<char, Size>& out) noexcept {
    const int at = X509_NAME_get_index_by_NID(name, kind, -1);
    if (at < 0) return 0;
    const ASN1_STRING* const value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
    const auto count =
        std::min<std::size_t>(static_cast<std::size_t>(ASN1_STRING_length(value)), std::min<std::size_t>(Size, 255));
    std::copy_n(ASN1_STRING_get0_data(value), count, out.data());
    return static_cast<std::uint8_t>(count);
}

void add_name(Certificate& out, std::string_view name) noexcept {
    if (name.empty() || name.find('\n') != std::string_view::npos) return;
    if (out.names_bytes + name.size() + 1 > out.names.size()) {
        out.names_cut = true;
        return;
    }
    std::memcpy(out.names.data() + out.names_bytes, name.data(), name.size());
    out.names_bytes = static_cast<std::uint16_t>(out.names_bytes + name.size());
    out.names[out.names_bytes++] = '\n';
    out.wildcard = out.wildcard || name.substr(0, 2) == "*.";
}

void add_names(X509* certificate, Certificate& out) noexcept {
    const std::unique_ptr<GENERAL_NAMES, FreeNames> names{
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr))};
    if (!names) return;
    for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), i);
        if (name->type != GEN_DNS && name->type != GEN_IPADD) continue;
        const ASN1_STRING* const value = name->type == GEN_DNS ? name->d.dNSName : name->d.iPAddress;
        const auto* const bytes = ASN1_STRING_get0_data(value);
        const auto count = static_cast<std::size_t>(ASN1_STRING_length(value));
        if (name->type == GEN_DNS) {
            add_name(out, {static_cast<const char*>(static_cast<const void*>(bytes)), count});
            continue;
        }
        char text[INET6_ADDRSTRLEN] = {};
        if (count != 4 && count != 16) continue;
        if (inet_ntop(count == 4 ? AF_INET : AF_INET6, bytes, text, sizeof text) != nullptr) add_name(out, text);
    }
}

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool equal(std::string_view a, std::string_view b) noexcept {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

bool is_address(std::string_view host) noexcept {
    return host.find(':') != std::string_view::npos ||
           std::all_of(host.begin(), host.end(), [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

bool matches(std::string_view pattern, std::string_view host) noexcept {
    if (equal(pattern, host)) return true;
    if (pattern.substr(0, 2) != "*." || is_address(host)) return false;
    const auto dot = host.find('.');
    return dot != std::string_view::npos && dot > 0 && equal(pattern.substr(1), host.substr(dot));
}

}  // namespace

bool read_certificate(Bytes der, Certificate& out) noexcept {
    out = Certificate{};
    const unsigned char* at = der.data();
    const std::unique_ptr<X509, FreeX509> certificate{d2i_X509(nullptr, &at, static_cast<long>(der.size()))};
    if (!certificate) return false;
    unsigned digest_bytes = 0;
    if (X509_digest(certificate.get(), EVP_sha256(), out.fingerprint.data(), &digest_bytes) != 1) return false;
    X509_NAME* const subject = X509_get_subject_name(certificate.get());
    X509_NAME* const issuer = X509_get_issuer_name(certificate.get());
    out.subject_bytes = name_text(subject, NID_commonName, out.subject);
    out.issuer_bytes = name_text(issuer, NID_commonName, out.issuer);
    if (out.issuer_bytes == 0) out.issuer_bytes = name_text(issuer, NID_organizationName, out.issuer);
    out.self_signed = X509_NAME_cmp(subject, issuer) == 0;
    out.not_before = seconds_of(X509_get0_notBefore(certificate.get()));
    out.not_after = seconds_of(X509_get0_notAfter(certificate.get()));
    out.wildcard = out.subject_text().substr(0, 2) == "*.";
    add_names(certificate.get(), out);
    return true;
}

bool is_for_host(const Certificate& certificate, std::string_view host) noexcept {
    if (!host.empty() && host.back() == '.') host.remove_suffix(1);
    if (certificate.names_bytes == 0) return matches(certificate.subject_text(), host);
    for (auto rest = certificate.names_text(); !rest.empty();) {
        const auto end = rest.find('\n');
        if (matches(rest.substr(0, end), host)) return true;
        rest.remove_prefix(end + 1);
    }
    return certificate.names_cut;  // Some names were not kept: in doubt it is for the host.
}

}  // namespace wiresage
