// Keys of TLS records, through OpenSSL's key derivation functions.
#include "app/tls_keys.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <algorithm>
#include <string_view>

#include "app/tls_hello.hpp"

namespace wiresage {

namespace {

constexpr std::size_t random_bytes = 32, most_key_bytes = 32;

// OpenSSL's parameters take pointers to what they only read.
void* data_of(Bytes bytes) noexcept { return const_cast<std::uint8_t*>(bytes.data()); }
char* text_of(const char* text) noexcept { return const_cast<char*>(text); }

bool derive(const char* function, const OSSL_PARAM* params, ossl_lib_ctx_st* library, std::uint8_t* out,
            std::size_t size) noexcept {
    EVP_KDF* const kdf = EVP_KDF_fetch(library, function, nullptr);
    EVP_KDF_CTX* const context = kdf == nullptr ? nullptr : EVP_KDF_CTX_new(kdf);
    const bool made = context != nullptr && EVP_KDF_derive(context, out, size, params) == 1;
    EVP_KDF_CTX_free(context);
    EVP_KDF_free(kdf);
    return made;
}

/// HKDF-Expand-Label without context (RFC 8446, 7.1).
bool expand_label(const TlsSuite& suite, const TlsSecret& secret, std::string_view label, std::uint8_t* out,
                  std::size_t size, ossl_lib_ctx_st* library) noexcept {
    constexpr std::string_view prefix = "tls13 ";
    std::array<std::uint8_t, 32> info{};
    info[1] = static_cast<std::uint8_t>(size);
    info[2] = static_cast<std::uint8_t>(prefix.size() + label.size());
    auto* const end = std::copy(prefix.begin(), prefix.end(), info.begin() + 3);
    std::copy(label.begin(), label.end(), end);
    const std::size_t used = 3 + prefix.size() + label.size() + 1;  // The last byte: an empty context's length.
    int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, text_of(suite.digest), 0),
        OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, data_of(secret.view()), secret.size),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info.data(), used), OSSL_PARAM_construct_end()};
    return derive("HKDF", params, library, out, size);
}

}  // namespace

bool start_openers(const TlsParameters& of, const TlsSecret& master, ossl_lib_ctx_st* library,
                   std::array<TlsOpener, 2>& out) noexcept {
    constexpr std::string_view label = "key expansion";
    if (of.client_random.size() != random_bytes || of.server_random.size() != random_bytes || !master) return false;
    const TlsSuite& suite = *of.suite;
    std::array<std::uint8_t, label.size() + 2 * random_bytes> seed{};
    auto* const after_label = std::copy(label.begin(), label.end(), seed.begin());
    auto* const after_server = std::copy(of.server_random.begin(), of.server_random.end(), after_label);
    std::copy(of.client_random.begin(), of.client_random.end(), after_server);
    const char* const digest = of.version < tls_version::tls12 ? "MD5-SHA1" : suite.digest;
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, text_of(digest), 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SECRET, data_of(master.view()), master.size),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, seed.data(), seed.size()), OSSL_PARAM_construct_end()};
    std::array<std::uint8_t, 256> block{};
    const std::size_t size = 2 * (std::size_t{suite.mac_bytes} + suite.key_bytes + suite.iv_bytes);
    bool made = derive("TLS1-PRF", params, library, block.data(), size);
    // MAC keys, keys, IVs: of each first the client's.
    Bytes rest{block.data(), size};
    std::array<TlsOpener::Keys, 2> keys;
    const auto take = [&](Bytes TlsOpener::Keys::*part, std::size_t bytes) {
        for (auto& one : keys) {
            one.*part = rest.first(bytes);
            rest = rest.subspan(bytes);
        }
    };
    take(&TlsOpener::Keys::mac, suite.mac_bytes);
    take(&TlsOpener::Keys::key, suite.key_bytes);
    take(&TlsOpener::Keys::iv, suite.iv_bytes);
    for (std::size_t i = 0; i < out.size(); ++i)
        made = made && out[i].start(suite, of.version, of.encrypt_then_mac, keys[i], library);
    OPENSSL_cleanse(block.data(), block.size());
    return made;
}

bool start_opener(const TlsSuite& suite, const TlsSecret& secret, ossl_lib_ctx_st* library, TlsOpener& out) noexcept {
    std::array<std::uint8_t, most_key_bytes> key{};
    std::array<std::uint8_t, tls_nonce_bytes> iv{};
    const bool made = secret && expand_label(suite, secret, "key", key.data(), suite.key_bytes, library) &&
                      expand_label(suite, secret, "iv", iv.data(), iv.size(), library) &&
                      out.start(suite, tls_version::tls13, false, {{key.data(), suite.key_bytes}, iv, {}}, library);
    OPENSSL_cleanse(key.data(), key.size());
    OPENSSL_cleanse(iv.data(), iv.size());
    return made;
}

TlsSecret next_secret(const TlsSuite& suite, const TlsSecret& secret, ossl_lib_ctx_st* library) noexcept {
    TlsSecret made;
    if (secret && expand_label(suite, secret, "traffic upd", made.bytes.data(), secret.size, library))
        made.size = secret.size;
    return made;
}

}  // namespace wiresage
