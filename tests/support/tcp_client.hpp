// A blocking TCP client for tests: what it sends is exactly what the test says.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace wiresage::testing {

/// To 127.0.0.1.  A read that gets nothing for 20 s ends as if the other side had closed: a hung test fails, not hangs.
class TcpClient {
public:
    explicit TcpClient(std::uint16_t port, int receive_buffer_bytes = 0) : socket_{socket(AF_INET, SOCK_STREAM, 0)} {
        if (receive_buffer_bytes > 0) {
            setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof receive_buffer_bytes);
        }
        const timeval patience{20, 0};
        setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
            throw std::runtime_error{"cannot connect to the server under test"};
        }
    }
    ~TcpClient() { close(socket_); }
    TcpClient(const TcpClient&) = delete;
    TcpClient& operator=(const TcpClient&) = delete;

    /// False where the other side is gone.
    bool send(std::string_view text) {
        while (!text.empty()) {
            const auto sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            text.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }

    void finish() { shutdown(socket_, SHUT_WR); }

    /// Reads until `mark` is there or the other side closes; returns all up to and with it, keeps what follows.
    std::string read_to(std::string_view mark) {
        for (;;) {
            if (const auto at = buffer_.find(mark); at != std::string::npos) return cut(at + mark.size());
            if (!more()) return cut(buffer_.size());
        }
    }

    std::string read_bytes(std::size_t count) {
        while (buffer_.size() < count && more()) {
        }
        return cut(std::min(count, buffer_.size()));
    }

    /// Everything until the other side closes.
    std::string read_all() {
        while (more()) {
        }
        return cut(buffer_.size());
    }

private:
    bool more() {
        char chunk[16 * 1024];
        const auto count = recv(socket_, chunk, sizeof chunk, 0);
        if (count <= 0) return false;
        buffer_.append(chunk, static_cast<std::size_t>(count));
        return true;
    }

    std::string cut(std::size_t count) {
        auto part = buffer_.substr(0, count);
        buffer_.erase(0, count);
        return part;
    }

    int socket_;
    std::string buffer_;
};

/// An HTTP answer, taken apart.
struct HttpAnswer {
    int status = 0;
    std::string head;
    std::string body;

    /// Value of a field, by its name as sent; empty where it is not there.
    std::string field(std::string_view name) const {
        const auto at = head.find("\r\n" + std::string{name} + ": ");
        if (at == std::string::npos) return {};
        const auto begin = at + name.size() + 4;
        return head.substr(begin, head.find("\r\n", begin) - begin);
    }
};

/// Reads one answer; `head_only`: to a HEAD request.
inline HttpAnswer read_answer(TcpClient& client, bool head_only = false) {
    HttpAnswer answer;
    answer.head = client.read_to("\r\n\r\n");
    if (answer.head.size() > 12) answer.status = std::stoi(answer.head.substr(9, 3));
    const auto length = answer.field("Content-Length");
    if (!head_only && !length.empty()) answer.body = client.read_bytes(std::stoul(length));
    return answer;
}

}  // namespace wiresage::testing
