// Real TLS connections without a network: what OpenSSL's two sides say to each other, and the key log of it.
#pragma once

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/context.hpp"

namespace wiresage::testing {

struct TlsTalkOptions {
    int version = TLS1_2_VERSION;
    const char* cipher = "DEFAULT";                ///< Up to TLS 1.2.
    const char* suite = "TLS_AES_128_GCM_SHA256";  ///< TLS 1.3.
    const char* server_groups = "X25519:P-256";    ///< P-521 alone: TLS 1.3 asks the client to try again.
    bool encrypt_then_mac = true;
};

/// A server and clients that come one after the other, so that sessions can be resumed.
class TlsTalk {
public:
    struct Said {
        From from;
        std::string bytes;
    };

    explicit TlsTalk(const TlsTalkOptions& options) : server_{context(TLS_server_method(), options)} {
        client_ = context(TLS_client_method(), options);
        std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{EVP_EC_gen("P-256"), EVP_PKEY_free};
        std::unique_ptr<X509, decltype(&X509_free)> shown{X509_new(), X509_free};
        ASN1_INTEGER_set(X509_get_serialNumber(shown.get()), 1);
        X509_gmtime_adj(X509_getm_notBefore(shown.get()), 0);
        X509_gmtime_adj(X509_getm_notAfter(shown.get()), 86400);
        X509_set_pubkey(shown.get(), key.get());
        X509_sign(shown.get(), key.get(), EVP_sha256());
        check(SSL_CTX_use_certificate(server_.get(), shown.get()) == 1, "certificate");
        check(SSL_CTX_use_PrivateKey(server_.get(), key.get()) == 1, "key");
        check(SSL_CTX_set1_groups_list(server_.get(), options.server_groups) == 1, "groups");
        SSL_CTX_set_max_early_data(server_.get(), 16384);
        SSL_CTX_set_session_id_context(server_.get(), &session_context, 1);
        SSL_CTX_set_session_cache_mode(client_.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    }

    /// A new connection; `resumed`: with the last one's session.
    void connect(bool resumed = false) {
        said.clear();
        begin(resumed);
        for (int i = 0; i < 8; ++i) {
            SSL_do_handshake(ends_[0].get());
            carry();
            SSL_do_handshake(ends_[1].get());
            carry();
        }
        check(SSL_is_init_finished(ends_[0].get()) == 1 && SSL_is_init_finished(ends_[1].get()) == 1, "handshake");
    }
    /// The same, with a request in the first flight.
    void connect_early(std::string_view request) {
        said.clear();
        begin(true);
        std::size_t count = 0;
        check(SSL_write_early_data(ends_[0].get(), request.data(), request.size(), &count) == 1, "early data");
        carry();
        std::string read(4096, '\0');
        for (int i = 0; i < 8; ++i) {
            SSL_read_early_data(ends_[1].get(), read.data(), read.size(), &count);
            carry();
            SSL_do_handshake(ends_[0].get());
            carry();
        }
        SSL_do_handshake(ends_[1].get());
        carry();
        check(SSL_is_init_finished(ends_[0].get()) == 1 && SSL_is_init_finished(ends_[1].get()) == 1, "handshake");
    }
    void says(From from, std::string_view text) {
        SSL* const sender = ends_[static_cast<std::size_t>(from)].get();
        check(SSL_write(sender, text.data(), static_cast<int>(text.size())) == static_cast<int>(text.size()), "write");
        carry();
        std::string read(text.size(), '\0');
        SSL_read(ends_[static_cast<std::size_t>(other(from))].get(), read.data(), static_cast<int>(read.size()));
        check(read == text, "what is read is not what was written");
        carry();
    }
    /// New keys, of the other side too.
    void update_keys(From from) {
        SSL* const sender = ends_[static_cast<std::size_t>(from)].get();
        check(SSL_key_update(sender, SSL_KEY_UPDATE_REQUESTED) == 1 && SSL_do_handshake(sender) == 1, "key update");
        carry();
    }
    /// Up to TLS 1.2: another handshake inside.
    void renegotiate() {
        check(SSL_renegotiate(ends_[0].get()) == 1, "renegotiation");
        for (int i = 0; i < 8; ++i) {
            char nothing = 0;
            SSL_do_handshake(ends_[0].get());
            carry();
            SSL_read(ends_[1].get(), &nothing, 1);
            carry();
            SSL_read(ends_[0].get(), &nothing, 1);
            carry();
        }
        check(SSL_renegotiate_pending(ends_[0].get()) == 0, "renegotiation");
    }

    std::vector<Said> said;
    std::string key_log;
    bool was_resumed() const { return SSL_session_reused(ends_[0].get()) == 1; }
    int early_data_status() const { return SSL_get_early_data_status(ends_[1].get()); }

private:
    template <auto Free>
    struct With {
        template <typename Kind>
        void operator()(Kind* one) const {
            Free(one);
        }
    };
    using Context = std::unique_ptr<SSL_CTX, With<SSL_CTX_free>>;
    using End = std::unique_ptr<SSL, With<SSL_free>>;
    static constexpr unsigned char session_context = 1;

    static void check(bool good, const char* what) {
        if (!good) throw std::runtime_error{std::string{"TLS talk: "} + what};
    }

    Context context(const SSL_METHOD* method, const TlsTalkOptions& options) {
        Context made{SSL_CTX_new(method)};
        SSL_CTX_set_security_level(made.get(), 0);  // TLS 1.0 and SHA-1 are tried, too.
        check(SSL_CTX_set_min_proto_version(made.get(), options.version) == 1, "version");
        check(SSL_CTX_set_max_proto_version(made.get(), options.version) == 1, "version");
        check(SSL_CTX_set_cipher_list(made.get(), options.cipher) == 1, "cipher");
        check(SSL_CTX_set_ciphersuites(made.get(), options.suite) == 1, "suite");
        if (!options.encrypt_then_mac) SSL_CTX_set_options(made.get(), SSL_OP_NO_ENCRYPT_THEN_MAC);
        SSL_CTX_set_options(made.get(), SSL_OP_ALLOW_CLIENT_RENEGOTIATION);
        SSL_CTX_set_app_data(made.get(), this);
        SSL_CTX_set_keylog_callback(made.get(), [](const SSL* ssl, const char* line) {
            if (SSL_is_server(ssl) != 0) return;
            (static_cast<TlsTalk*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)))->key_log += line) += '\n';
        });
        SSL_CTX_sess_set_new_cb(made.get(), [](SSL* ssl, SSL_SESSION* session) {
            if (SSL_is_server(ssl) == 0)
                static_cast<TlsTalk*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)))->session_.reset(session);
            return SSL_is_server(ssl) == 0 ? 1 : 0;
        });
        return made;
    }

    void begin(bool resumed) {
        // A session whose connection was not closed is not resumed.
        for (auto& end : ends_) {
            if (end) SSL_set_shutdown(end.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
        }
        ends_ = {End{SSL_new(client_.get())}, End{SSL_new(server_.get())}};
        SSL_set_connect_state(ends_[0].get());
        SSL_set_accept_state(ends_[1].get());
        SSL_set_tlsext_host_name(ends_[0].get(), "app.example.net");
        if (resumed) check(SSL_set_session(ends_[0].get(), session_.get()) == 1, "session");
        for (auto& end : ends_) SSL_set_bio(end.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    }

    /// What one side has written is heard by the other, and written down.
    void carry() {
        for (const From from : {From::client, From::server}) {
            SSL* const sender = ends_[static_cast<std::size_t>(from)].get();
            SSL* const receiver = ends_[static_cast<std::size_t>(other(from))].get();
            std::string bytes(BIO_ctrl_pending(SSL_get_wbio(sender)), '\0');
            if (bytes.empty()) continue;
            BIO_read(SSL_get_wbio(sender), bytes.data(), static_cast<int>(bytes.size()));
            BIO_write(SSL_get_rbio(receiver), bytes.data(), static_cast<int>(bytes.size()));
            said.push_back({from, std::move(bytes)});
        }
    }

    Context server_;
    Context client_;
    std::unique_ptr<SSL_SESSION, With<SSL_SESSION_free>> session_;
    std::array<End, 2> ends_;  ///< By From.
};

}  // namespace wiresage::testing
