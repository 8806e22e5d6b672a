// A self-signed certificate and a TLS client, for tests.
#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

namespace wiresage::testing {

/// Writes a fresh key and a certificate for "localhost" as PEM files.
inline void write_certificate(const std::string& cert_file, const std::string& key_file) {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{EVP_EC_gen("P-256"), EVP_PKEY_free};
    const std::unique_ptr<X509, decltype(&X509_free)> cert{X509_new(), X509_free};
    ASN1_INTEGER_set(X509_get_serialNumber(cert.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(cert.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(cert.get()), 3600);
    X509_set_pubkey(cert.get(), key.get());
    auto* subject = X509_get_subject_name(cert.get());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("localhost"), -1, -1,
                               0);
    X509_set_issuer_name(cert.get(), subject);
    X509_sign(cert.get(), key.get(), EVP_sha256());

    const auto write = [](const std::string& path, const auto& writer) {
        const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{std::fopen(path.c_str(), "w"), std::fclose};
        writer(file.get());
    };
    write(cert_file, [&](std::FILE* file) { PEM_write_X509(file, cert.get()); });
    write(key_file,
          [&](std::FILE* file) { PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
}

/// Sends `request` over TLS to 127.0.0.1 and reads until the other side ends; empty where no session came about.
/// The certificate is not checked: the test has just made it.
inline std::string ask_by_tls(std::uint16_t port, const std::string& request, int most_version = 0) {
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context{SSL_CTX_new(TLS_client_method()), SSL_CTX_free};
    SSL_CTX_set_max_proto_version(context.get(), most_version);
    const std::unique_ptr<BIO, decltype(&BIO_free_all)> bio{BIO_new_ssl_connect(context.get()), BIO_free_all};
    BIO_set_conn_hostname(bio.get(), ("127.0.0.1:" + std::to_string(port)).c_str());
    if (BIO_do_handshake(bio.get()) != 1) return {};
    BIO_write(bio.get(), request.data(), static_cast<int>(request.size()));
    std::string answer;
    char chunk[4096];
    for (int count = 0; (count = BIO_read(bio.get(), chunk, sizeof chunk)) > 0;)
        answer.append(chunk, static_cast<std::size_t>(count));
    return answer;
}

}  // namespace wiresage::testing
