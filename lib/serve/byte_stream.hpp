// A connection to one client, plain or TLS: the same to those who use it.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace wiresage {

/// What happened and how many bytes were moved.
using StreamHandler = std::function<void(const boost::system::error_code&, std::size_t)>;

/// At most one read and one write at a time.  Handlers run on the io_context's thread, never within the call.
class ByteStream {
public:
    virtual ~ByteStream() = default;
    virtual void handshake(std::function<void(const boost::system::error_code&)> done) = 0;
    virtual void read_some(std::span<char> into, StreamHandler done) = 0;
    /// All of it, or an error.  `bytes` stay where they are until `done`.
    virtual void write(std::string_view bytes, StreamHandler done) = 0;
    /// Tells the client that no more comes; reading goes on.
    virtual void finish(std::function<void()> done) = 0;
    /// Ends everything at once; handlers get an error.
    virtual void close() noexcept = 0;
    virtual std::string peer() const = 0;
};

std::unique_ptr<ByteStream> plain_stream(boost::asio::ip::tcp::socket socket);

/// A certificate and its key, loaded once, for many connections.
class TlsIdentity {
public:
    /// PEM files.  StartupError names the file and what is wrong with it.
    TlsIdentity(const std::string& cert_file, const std::string& key_file);
    ~TlsIdentity();
    std::unique_ptr<ByteStream> stream(boost::asio::ip::tcp::socket socket) const;

private:
    struct Context;
    std::unique_ptr<Context> context_;
};

}  // namespace wiresage
