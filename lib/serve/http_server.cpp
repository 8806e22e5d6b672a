// The HTTP side: accepts, limits, hands out.

#include "serve/http_server.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <exception>
#include <map>

#include "base/error.hpp"
#include "serve/api.hpp"
#include "serve/byte_stream.hpp"
#include "serve/connection.hpp"
#include "serve/port_owner.hpp"

namespace wiresage {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr std::chrono::milliseconds accept_pause{100};  // Out of descriptors: until some are free again.
constexpr std::chrono::milliseconds stop_grace{1'000};
constexpr std::size_t most_replayed = 200;

void check_access(const Endpoint& listen, const HttpAccess& access) {
    if (listen.ip.is_loopback() || !access.token.empty()) return;
    throw StartupError{
        StartupError::Kind::configuration,
        "http.listen: " + listen.text() +
            " can be reached from outside this host, so http.token_file must be set (or listen on 127.0.0.1)"};
}

tcp::endpoint endpoint_of(const Endpoint& listen) {
    if (listen.ip.is_v4()) return {asio::ip::address_v4{listen.ip.v4_value()}, listen.port};
    return {asio::ip::address_v6{listen.ip.bytes}, listen.port};
}

/// One event in the form of HTML's server-sent events; a document is one line, and stays one event if it is not.
std::string event_text(const StoredAlert& alert) {
    std::string text = "id: " + std::to_string(alert.sequence) + "\nevent: alert\ndata: ";
    for (const char c : alert.document) {
        if (c == '\n') {
            text += "\ndata: ";
        } else if (c != '\r') {
            text += c;
        }
    }
    return text + "\n\n";
}

}  // namespace

class HttpServer::Impl final : public ConnectionHost, public std::enable_shared_from_this<HttpServer::Impl> {
public:
    Impl(asio::io_context& io, HttpOptions options, HttpView& view, const AlertStore& alerts, Log& log)
        : io_{io},
          options_{std::move(options)},
          alerts_{alerts},
          log_{log},
          listen_{options_.listen},
          api_{view, alerts, listen_, options_.access},
          acceptor_{io},
          pause_{io},
          keep_alive_{io},
          grace_{io} {
        check_access(listen_, options_.access);
        if (options_.tls_cert_file.empty() != options_.tls_key_file.empty()) {
            throw StartupError{StartupError::Kind::configuration,
                               "http.tls: cert_file and key_file go together; one is missing"};
        }
        if (!options_.tls_cert_file.empty()) {
            tls_ = std::make_unique<TlsIdentity>(options_.tls_cert_file, options_.tls_key_file);
        }
        bind();
    }

    void start() {
        accept();
        tick();
    }

    void publish(const StoredAlert& alert) {
        if (figures.streams == 0) return;
        broadcast(std::make_shared<const std::string>(event_text(alert)));
    }

    void set_access(HttpAccess access) {
        check_access(listen_, access);
        api_.set_access(std::move(access));
    }

    std::string url() const {
        // Nobody can open "http://0.0.0.0/" in a browser.
        const auto ip = !listen_.ip.is_unspecified() ? listen_.ip
                        : listen_.ip.is_v4()         ? ipv4(127, 0, 0, 1)
                                                     : *Address::parse("::1");
        return (tls_ ? "https://" : "http://") + Endpoint{ip, port()}.text() + "/";
    }

    std::uint16_t port() const { return port_; }

    HttpFigures figures_now() const {
        auto now = figures;
        now.connections = connections_.size();
        now.rejected_host = api_.rejected_host();
        now.rejected_token = api_.rejected_token();
        return now;
    }

    void stop() {
        if (stopping_) return;
        stopping_ = true;
        boost::system::error_code ignored;
        acceptor_.close(ignored);
        pause_.cancel();
        keep_alive_.cancel();
        for (const auto& connection : open_connections()) connection->wind_down();
        if (connections_.empty()) return;
        grace_.expires_after(stop_grace);
        grace_.async_wait([self = shared_from_this()](const boost::system::error_code&) {
            for (const auto& connection : self->open_connections()) connection->close();
        });
    }

    // ConnectionHost
    void answer(const HttpRequest& request, HttpReply reply) override {
        log_.debug("http request", {{"method", request.method}, {"target", request.target}});
        // Our own bug or no memory left: this request fails, the capture goes on.
        try {
            api_.answer(request, reply);
        } catch (const std::exception& error) {
            log_.error("a request could not be answered", {{"target", request.target}, {"error", error.what()}});
            reply(problem(500, "The daemon could not make this answer; its log says why."));
        }
    }

    bool may_stream() const override { return figures.streams < options_.limits.streams; }

    void streams(Connection& connection, const HttpResponse& response) override {
        if (!response.stream_replays) return;
        for (const auto* alert : alerts_.after(response.stream_after, most_replayed)) {
            connection.push(std::make_shared<const std::string>(event_text(*alert)));
        }
    }

    void gone(Connection& connection) override {
        connections_.erase(connection.number());
        if (stopping_ && connections_.empty()) grace_.cancel();
    }

private:
    void bind() {
        const auto endpoint = endpoint_of(listen_);
        boost::system::error_code error;
        acceptor_.open(endpoint.protocol(), error);
        if (!error) acceptor_.set_option(tcp::acceptor::reuse_address{true}, error);
        if (!error) acceptor_.bind(endpoint, error);
        if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
        if (!error) port_ = acceptor_.local_endpoint(error).port();
        if (!error) return;
        std::string why = error.message();
        if (error == asio::error::address_in_use) {
            const auto owner = port_owner(listen_.port);
            why = "already in use by " + (owner.empty() ? "another program (ss -ltnp shows which)" : owner) +
                  "; end it or set another address";
        }
        throw StartupError{StartupError::Kind::system, "http.listen: " + listen_.text() + ": " + why};
    }

    void accept() {
        acceptor_.async_accept([self = shared_from_this()](const boost::system::error_code& error, tcp::socket socket) {
            if (self->stopping_) return;
            if (!error) {
                self->admit(std::move(socket));
                return self->accept();
            }
            self->pause_.expires_after(accept_pause);
            self->pause_.async_wait([self](const boost::system::error_code& cancelled) {
                if (!cancelled && !self->stopping_) self->accept();
            });
        });
    }

    void admit(tcp::socket socket) {
        boost::system::error_code ignored;
        socket.set_option(tcp::no_delay{true}, ignored);
        if (connections_.size() >= options_.limits.connections && !close_one_for_another()) {
            ++figures.rejected_full;
            return refuse(socket);
        }
        auto stream = tls_ ? tls_->stream(std::move(socket)) : plain_stream(std::move(socket));
        auto connection =
            std::make_shared<Connection>(++last_number_, std::move(stream), io_.get_executor(), options_.limits, *this);
        connections_.emplace(connection->number(), connection);
        connection->start();
    }

    /// The oldest that is idle, else the oldest whose request is not whole: a good client's comes with its first
    /// packet, so those who dribble give way to it.  False where all are being answered.
    bool close_one_for_another() {
        const auto open = open_connections();
        auto found = std::ranges::find_if(open, [](const auto& connection) { return connection->idle(); });
        if (found == open.end()) {
            found = std::ranges::find_if(open, [](const auto& connection) { return connection->unfinished(); });
        }
        if (found == open.end()) return false;
        ++figures.displaced;
        (*found)->close();
        return true;
    }

    /// One attempt that does not wait: what the kernel takes is what the client gets.
    void refuse(tcp::socket& socket) {
        if (tls_) return;
        auto response = problem(503, "Too many connections. Try again later.");
        const auto text = response_head(response, false, false) + response.body;
        boost::system::error_code ignored;
        socket.non_blocking(true, ignored);
        socket.write_some(asio::buffer(text), ignored);
        socket.shutdown(tcp::socket::shutdown_send, ignored);
    }

    void tick() {
        keep_alive_.expires_after(options_.limits.keep_alive);
        keep_alive_.async_wait([self = shared_from_this()](const boost::system::error_code& cancelled) {
            if (cancelled || self->stopping_) return;
            self->broadcast(std::make_shared<const std::string>(": keep-alive\n\n"));
            self->tick();
        });
    }

    void broadcast(const std::shared_ptr<const std::string>& event) {
        for (const auto& connection : open_connections()) connection->push(event);
    }

    /// Held while they are visited: one that ends takes itself out of the table.
    std::vector<std::shared_ptr<Connection>> open_connections() const {
        std::vector<std::shared_ptr<Connection>> open;
        open.reserve(connections_.size());
        for (const auto& [key, weak] : connections_) {
            if (auto connection = weak.lock()) open.push_back(std::move(connection));
        }
        return open;
    }

    asio::io_context& io_;
    HttpOptions options_;
    const AlertStore& alerts_;
    Log& log_;
    Endpoint listen_;
    std::uint16_t port_ = 0;
    std::unique_ptr<TlsIdentity> tls_;
    Api api_;
    tcp::acceptor acceptor_;
    asio::steady_timer pause_;
    asio::steady_timer keep_alive_;
    asio::steady_timer grace_;
    std::map<std::uint64_t, std::weak_ptr<Connection>> connections_;  // By number: oldest first.
    std::uint64_t last_number_ = 0;
    bool stopping_ = false;
};

HttpServer::HttpServer(asio::io_context& io, HttpOptions options, HttpView& view, const AlertStore& alerts, Log& log)
    : impl_{std::make_shared<Impl>(io, std::move(options), view, alerts, log)} {
    impl_->start();
}

HttpServer::~HttpServer() { impl_->stop(); }

void HttpServer::publish(const StoredAlert& alert) { impl_->publish(alert); }
void HttpServer::set_access(HttpAccess access) { impl_->set_access(std::move(access)); }
std::string HttpServer::url() const { return impl_->url(); }
std::uint16_t HttpServer::port() const { return impl_->port(); }
HttpFigures HttpServer::figures() const { return impl_->figures_now(); }
void HttpServer::stop() { impl_->stop(); }

}  // namespace wiresage
