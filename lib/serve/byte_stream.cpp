// Plain and TLS connections by Boost.Asio.

#include "serve/byte_stream.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>

#include "base/error.hpp"

namespace wiresage {

namespace asio = boost::asio;
using Socket = asio::ip::tcp::socket;

namespace {

std::string peer_of(const Socket& socket) {
    boost::system::error_code error;
    const auto end = socket.remote_endpoint(error);
    return error ? std::string{} : end.address().to_string();
}

void close_socket(Socket& socket) noexcept {
    boost::system::error_code ignored;  // It may be gone already.
    socket.close(ignored);
}

class PlainStream final : public ByteStream {
public:
    explicit PlainStream(Socket socket) : socket_{std::move(socket)} {}

    void handshake(std::function<void(const boost::system::error_code&)> done) override {
        asio::post(socket_.get_executor(), [done = std::move(done)] { done({}); });
    }
    void read_some(std::span<char> into, StreamHandler done) override {
        socket_.async_read_some(asio::buffer(into.data(), into.size()), std::move(done));
    }
    void write(std::string_view bytes, StreamHandler done) override {
        asio::async_write(socket_, asio::buffer(bytes), std::move(done));
    }
    void finish(std::function<void()> done) override {
        boost::system::error_code ignored;
        socket_.shutdown(Socket::shutdown_send, ignored);
        asio::post(socket_.get_executor(), std::move(done));
    }
    void close() noexcept override { close_socket(socket_); }
    std::string peer() const override { return peer_of(socket_); }

private:
    Socket socket_;
};

class TlsStream final : public ByteStream {
public:
    TlsStream(Socket socket, asio::ssl::context& context) : stream_{std::move(socket), context} {}

    void handshake(std::function<void(const boost::system::error_code&)> done) override {
        stream_.async_handshake(asio::ssl::stream_base::server, std::move(done));
    }
    void read_some(std::span<char> into, StreamHandler done) override {
        stream_.async_read_some(asio::buffer(into.data(), into.size()), std::move(done));
    }
    void write(std::string_view bytes, StreamHandler done) override {
        asio::async_write(stream_, asio::buffer(bytes), std::move(done));
    }
    void finish(std::function<void()> done) override {
        stream_.async_shutdown([done = std::move(done)](const boost::system::error_code&) { done(); });
    }
    void close() noexcept override { close_socket(stream_.next_layer()); }
    std::string peer() const override { return peer_of(stream_.next_layer()); }

private:
    asio::ssl::stream<Socket> stream_;
};

}  // namespace

std::unique_ptr<ByteStream> plain_stream(Socket socket) { return std::make_unique<PlainStream>(std::move(socket)); }

struct TlsIdentity::Context {
    asio::ssl::context ssl{asio::ssl::context::tls_server};
};

TlsIdentity::TlsIdentity(const std::string& cert_file, const std::string& key_file)
    : context_{std::make_unique<Context>()} {
    auto& ssl = context_->ssl;
    const auto check = [](const std::string& key, const std::string& file, const boost::system::error_code& error) {
        if (!error) return;
        throw StartupError{StartupError::Kind::configuration, key + ": cannot use " + file + ": " + error.message()};
    };
    boost::system::error_code error;
    ssl.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                        asio::ssl::context::no_tlsv1_1 | asio::ssl::context::no_sslv2 | asio::ssl::context::no_sslv3 |
                        SSL_OP_NO_RENEGOTIATION,
                    error);
    ssl.use_certificate_chain_file(cert_file, error);
    check("http.tls.cert_file", cert_file, error);
    ssl.use_private_key_file(key_file, asio::ssl::context::pem, error);
    check("http.tls.key_file", key_file, error);
    if (SSL_CTX_check_private_key(ssl.native_handle()) != 1) {
        throw StartupError{StartupError::Kind::configuration,
                           "http.tls: " + key_file + " is not the key of " + cert_file};
    }
}

TlsIdentity::~TlsIdentity() = default;

std::unique_ptr<ByteStream> TlsIdentity::stream(Socket socket) const {
    return std::make_unique<TlsStream>(std::move(socket), context_->ssl);
}

}  // namespace wiresage
