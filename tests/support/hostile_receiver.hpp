// A receiver of webhooks for tests: a small HTTP server by plain sockets that can misbehave.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace wiresage::testing {

/// One request as it came.
struct ReceivedRequest {
    std::string head;
    std::string body;

    /// Value of a field by its lower-case name.
    std::string field(const std::string& name) const {
        std::string lower = head;
        for (auto& c : lower) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
        const auto at = lower.find("\r\n" + name + ": ");
        if (at == std::string::npos) return {};
        const auto begin = at + name.size() + 4;
        return head.substr(begin, head.find("\r\n", begin) - begin);
    }
};

/// Takes one connection after another on 127.0.0.1 and answers each request with what `answer` says; then closes.
/// An empty answer is silence: the connection stays open until the receiver ends.
class HostileReceiver {
public:
    /// `number` counts requests from 0.
    using Answer = std::function<std::string(const ReceivedRequest&, std::size_t number)>;

    explicit HostileReceiver(Answer answer, bool endless_body = false)
        : answer_{std::move(answer)}, endless_{endless_body}, listener_{socket(AF_INET, SOCK_STREAM, 0)} {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
        listen(listener_, 64);
        socklen_t length = sizeof address;
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread{[this] { run(); }};
    }

    ~HostileReceiver() {
        ending_ = true;
        shutdown(listener_, SHUT_RDWR);
        thread_.join();
        close(listener_);
        for (const int open : kept_) close(open);
    }

    std::string url(const std::string& path = "/hook") const {
        return "http://127.0.0.1:" + std::to_string(port_) + path;
    }

    /// Waits until `count` requests have come, at most 20 s; returns what has come.
    std::vector<ReceivedRequest> wait_for(std::size_t count) {
        std::unique_lock lock{mutex_};
        changed_.wait_for(lock, std::chrono::seconds{20}, [&] { return requests_.size() >= count; });
        return requests_;
    }

private:
    void run() {
        while (!ending_) {
            const int connection = accept(listener_, nullptr, nullptr);
            if (connection < 0) return;
            serve(connection);
        }
    }

    void serve(int connection) {
        const timeval patience{20, 0};
        setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        ReceivedRequest request;
        if (!read(connection, request)) {
            close(connection);
            return;
        }
        std::size_t number = 0;
        {
            const std::lock_guard lock{mutex_};
            requests_.push_back(request);
            number = requests_.size() - 1;
        }
        changed_.notify_all();
        const auto text = answer_(request, number);
        if (text.empty()) {
            kept_.push_back(connection);
            return;
        }
        bool sent = send_all(connection, text);
        const std::string chunk(4096, 'x');
        while (endless_ && sent && !ending_) sent = send_all(connection, chunk);
        shutdown(connection, SHUT_WR);
        close(connection);
    }

    static bool send_all(int connection, const std::string& text) {
        std::size_t done = 0;
        while (done < text.size()) {
            const auto sent = send(connection, text.data() + done, text.size() - done, MSG_NOSIGNAL);
            if (sent <= 0) return false;
            done += static_cast<std::size_t>(sent);
        }
        return true;
    }

    static bool read(int connection, ReceivedRequest& request) {
        std::string all;
        char chunk[8192];
        for (;;) {
            if (const auto end = all.find("\r\n\r\n"); end != std::string::npos) {
                request.head = all.substr(0, end + 4);
                const auto length = request.field("content-length");
                const auto wanted = length.empty() ? 0 : std::stoul(length);
                if (all.size() - end - 4 >= wanted) {
                    request.body = all.substr(end + 4, wanted);
                    return true;
                }
            }
            const auto count = recv(connection, chunk, sizeof chunk, 0);
            if (count <= 0) return false;
            all.append(chunk, static_cast<std::size_t>(count));
        }
    }

    Answer answer_;
    bool endless_;
    int listener_;
    std::uint16_t port_ = 0;
    std::atomic<bool> ending_{false};
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<ReceivedRequest> requests_;
    std::vector<int> kept_;  // The thread's own until it has ended.
    std::thread thread_;
};

}  // namespace wiresage::testing
