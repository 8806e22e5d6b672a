// TLS records opened with known keys.
#include "app/tls_opener.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>

#include "app/tls_hello.hpp"

namespace wiresage {

namespace {

constexpr std::size_t explicit_nonce_bytes = 8, most_mac_bytes = 64;

// OpenSSL's parameters take pointers to what they only read.
void* data_of(Bytes bytes) noexcept { return const_cast<std::uint8_t*>(bytes.data()); }
char* text_of(const char* text) noexcept { return const_cast<char*>(text); }
int int_of(std::size_t size) noexcept { return static_cast<int>(size); }

void write_sequence(std::uint64_t sequence, std::uint8_t* out) noexcept {
    for (std::size_t i = 0; i < 8; ++i) out[i] = static_cast<std::uint8_t>(sequence >> (56 - 8 * i));
}

/// What is authenticated beside the content up to TLS 1.2 (RFC 5246, 6.2.3.1, 6.2.3.3; RFC 7366, 3).
std::array<std::uint8_t, 13> pseudo_header(std::uint64_t sequence, Bytes head, std::size_t size) noexcept {
    std::array<std::uint8_t, 13> made{};
    write_sequence(sequence, made.data());
    std::copy_n(head.begin(), 3, made.begin() + 8);
    made[11] = static_cast<std::uint8_t>(size >> 8);
    made[12] = static_cast<std::uint8_t>(size);
    return made;
}

}  // namespace

void TlsOpener::FreeCipher::operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
void TlsOpener::FreeMac::operator()(EVP_MAC_CTX* context) const noexcept { EVP_MAC_CTX_free(context); }

bool TlsOpener::start(const TlsSuite& suite, std::uint16_t version, bool encrypt_then_mac, const Keys& keys,
                      ossl_lib_ctx_st* library) noexcept {
    *this = {};
    EVP_CIPHER* const cipher = EVP_CIPHER_fetch(library, suite.cipher, nullptr);
    if (cipher == nullptr) return false;
    cipher_.reset(EVP_CIPHER_CTX_new());
    auto* const context = cipher_.get();
    bool made = context != nullptr && EVP_DecryptInit_ex2(context, cipher, nullptr, nullptr, nullptr) == 1;
    EVP_CIPHER_free(cipher);
    // CCM must know the sizes before the key (EVP_EncryptInit(3), CCM mode).
    if (made && suite.kind == TlsCipherKind::ccm) {
        made = EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, int_of(tls_nonce_bytes), nullptr) == 1 &&
               EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, suite.tag_bytes, nullptr) == 1;
    }
    // TLS 1.0 chains records (RFC 2246, 6.2.3.2); later each has its own IV.
    const bool chained = suite.kind == TlsCipherKind::block && version < tls_version::tls11;
    made = made &&
           EVP_DecryptInit_ex2(context, nullptr, keys.key.data(), chained ? keys.iv.data() : nullptr, nullptr) == 1;
    if (made && suite.kind == TlsCipherKind::block) EVP_CIPHER_CTX_set_padding(context, 0);  // TLS pads its own way.
    if (made && suite.mac_bytes > 0) made = start_mac(suite, keys.mac, library);
    if (!made) return false;
    if (suite.mac_bytes == 0) std::copy_n(keys.iv.begin(), std::min(keys.iv.size(), iv_.size()), iv_.begin());
    suite_ = &suite;
    version_ = version;
    encrypt_then_mac_ = encrypt_then_mac && suite.kind == TlsCipherKind::block;
    return true;
}

bool TlsOpener::start_mac(const TlsSuite& suite, Bytes key, ossl_lib_ctx_st* library) noexcept {
    EVP_MAC* const mac = EVP_MAC_fetch(library, "HMAC", nullptr);
    if (mac == nullptr) return false;
    mac_.reset(EVP_MAC_CTX_new(mac));
    EVP_MAC_free(mac);
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, text_of(mac_digest(suite)), 0),
                                 OSSL_PARAM_construct_end()};
    return mac_ != nullptr && EVP_MAC_init(mac_.get(), key.data(), key.size(), params) == 1;
}

std::optional<Bytes> TlsOpener::open(Bytes head, Bytes body, std::uint8_t* out) noexcept {
    if (suite_ == nullptr) return std::nullopt;
    if (suite_->mac_bytes == 0) return open_aead(head, body, out);
    if (suite_->kind == TlsCipherKind::block) return open_block(head, body, out);
    if (body.size() < suite_->mac_bytes || !decrypt(body, out)) return std::nullopt;
    const Bytes plain{out, body.size()};
    const Bytes content = plain.first(plain.size() - suite_->mac_bytes);
    if (!authenticates(head, content, plain.last(suite_->mac_bytes))) return std::nullopt;
    ++sequence_;
    return content;
}

std::optional<Bytes> TlsOpener::open_aead(Bytes head, Bytes body, std::uint8_t* out) noexcept {
    const bool is_13 = version_ >= tls_version::tls13;
    // RFC 5288, 3 and RFC 6655, 3: eight bytes of the nonce are in the record; else RFC 7905, 2 and RFC 8446, 5.3.
    const bool is_explicit = !is_13 && suite_->kind != TlsCipherKind::chacha;
    auto nonce = iv_;
    if (body.size() < suite_->tag_bytes + (is_explicit ? explicit_nonce_bytes : 0U)) return std::nullopt;
    if (is_explicit) {
        std::copy_n(body.begin(), explicit_nonce_bytes, nonce.begin() + 4);
        body = body.subspan(explicit_nonce_bytes);
    } else {
        std::array<std::uint8_t, 8> number;
        write_sequence(sequence_, number.data());
        for (std::size_t i = 0; i < number.size(); ++i) nonce[4 + i] ^= number[i];
    }
    const Bytes tag = body.last(suite_->tag_bytes);
    body = body.first(body.size() - suite_->tag_bytes);
    const auto pseudo = pseudo_header(sequence_, head, body.size());
    const Bytes beside = is_13 ? head : Bytes{pseudo.data(), pseudo.size()};
    auto* const context = cipher_.get();
    const bool is_ccm = suite_->kind == TlsCipherKind::ccm;
    int made = 0;
    bool opened = !is_ccm || EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, int_of(tag.size()), data_of(tag)) == 1;
    opened = opened && EVP_DecryptInit_ex2(context, nullptr, nullptr, nonce.data(), nullptr) == 1;
    if (is_ccm) opened = opened && EVP_DecryptUpdate(context, nullptr, &made, nullptr, int_of(body.size())) == 1;
    opened = opened && EVP_DecryptUpdate(context, nullptr, &made, beside.data(), int_of(beside.size())) == 1 &&
             EVP_DecryptUpdate(context, out, &made, body.data(), int_of(body.size())) == 1;
    if (!is_ccm) {
        int last = 0;
        opened = opened && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, int_of(tag.size()), data_of(tag)) == 1 &&
                 EVP_DecryptFinal_ex(context, out + body.size(), &last) == 1;
    }
    if (!opened) return std::nullopt;
    ++sequence_;
    return Bytes{out, body.size()};
}

std::optional<Bytes> TlsOpener::open_block(Bytes head, Bytes body, std::uint8_t* out) noexcept {
    const std::size_t block = suite_->iv_bytes, mac_bytes = suite_->mac_bytes;
    if (encrypt_then_mac_) {
        if (body.size() < mac_bytes) return std::nullopt;
        const Bytes mac = body.last(mac_bytes);
        body = body.first(body.size() - mac_bytes);
        if (!authenticates(head, body, mac)) return std::nullopt;
    }
    if (version_ >= tls_version::tls11) {  // RFC 4346, 6.2.3.2.
        if (body.size() < block || EVP_DecryptInit_ex2(cipher_.get(), nullptr, nullptr, body.data(), nullptr) != 1)
            return std::nullopt;
        body = body.subspan(block);
    }
    if (body.empty() || body.size() % block != 0 || !decrypt(body, out)) return std::nullopt;
    Bytes plain{out, body.size()};
    const std::uint8_t padding = plain.back();
    const std::size_t wanted = std::size_t{padding} + 1 + (encrypt_then_mac_ ? 0 : mac_bytes);
    if (plain.size() < wanted) return std::nullopt;
    const Bytes padded = plain.last(std::size_t{padding} + 1);
    if (std::any_of(padded.begin(), padded.end(), [&](std::uint8_t one) { return one != padding; }))
        return std::nullopt;
    plain = plain.first(plain.size() - padded.size());
    if (!encrypt_then_mac_) {
        const Bytes mac = plain.last(mac_bytes);
        plain = plain.first(plain.size() - mac_bytes);
        if (!authenticates(head, plain, mac)) return std::nullopt;
    }
    ++sequence_;
    return plain;
}

bool TlsOpener::decrypt(Bytes body, std::uint8_t* out) noexcept {
    int made = 0;
    return EVP_DecryptUpdate(cipher_.get(), out, &made, body.data(), int_of(body.size())) == 1 &&
           made == int_of(body.size());
}

bool TlsOpener::authenticates(Bytes head, Bytes content, Bytes mac) noexcept {
    const auto pseudo = pseudo_header(sequence_, head, content.size());
    std::array<std::uint8_t, most_mac_bytes> made{};
    std::size_t size = 0;
    auto* const context = mac_.get();
    return EVP_MAC_init(context, nullptr, 0, nullptr) == 1 &&
           EVP_MAC_update(context, pseudo.data(), pseudo.size()) == 1 &&
           EVP_MAC_update(context, content.data(), content.size()) == 1 &&
           EVP_MAC_final(context, made.data(), &size, made.size()) == 1 &&
           std::equal(mac.begin(), mac.end(), made.begin(), made.begin() + static_cast<std::ptrdiff_t>(size));
}

}  // namespace wiresage
