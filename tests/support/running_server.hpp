// An HTTP server on a thread of its own, over a daemon that says fixed things.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <functional>
#include <future>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

#include "base/log.hpp"
#include "serve/http_server.hpp"
#include "support/tcp_client.hpp"

namespace wiresage::testing {

/// A daemon that says fixed things.
class FixedView final : public HttpView {
public:
    std::string metrics() override { return "wiresage_workers 1\n"; }
    std::optional<std::string> not_ready() override { return why_not_ready; }
    std::optional<std::string> reload() override { return wrong_configuration; }
    Status status() override {
        Status status;
        status.sensor = "cap01";
        status.interfaces.push_back({"eth0", "up", "Ethernet", 7, 700, 7, 0, 0, 0, 0, ""});
        return status;
    }
    std::string rules_json() override {
        if (breaks) throw std::runtime_error{"no memory"};
        return "[]";
    }
    void flows_json(const TableQuery& query, JsonReply reply) override {
        if (answers) reply(nlohmann::json{{"flows", nlohmann::json::array()}, {"limit", query.limit}}.dump());
    }
    void hosts_json(const TableQuery&, JsonReply reply) override { reply(R"({"hosts":[]})"); }

    std::optional<std::string> why_not_ready;
    std::optional<std::string> wrong_configuration;
    bool answers = true;
    bool breaks = false;
};

/// A server on a thread of its own, as the daemon's main thread would run it.
class RunningServer {
public:
    explicit RunningServer(HttpOptions options = {}) {
        options.listen.port = 0;
        server = std::make_unique<HttpServer>(io, std::move(options), view, alerts, log);
        port = server->port();
        thread_ = std::thread{[this] { io.run(); }};
    }
    ~RunningServer() {
        on_thread([this] { server->stop(); });
        work_.reset();
        thread_.join();
    }

    void on_thread(const std::function<void()>& work) {
        std::promise<void> done;
        boost::asio::post(io, [&] {
            work();
            done.set_value();
        });
        done.get_future().wait();
    }

    HttpFigures figures() {
        HttpFigures figures;
        on_thread([&] { figures = server->figures(); });
        return figures;
    }

    void raise(const std::string& id, const std::string& document) {
        on_thread([&] {
            Alert alert;
            alert.id = id;
            alert.rule_id = "tcp_syn_flood";
            alerts.put(alert, document);
            server->publish(*alerts.find(id));
        });
    }

    HttpAnswer ask(const std::string& request) {
        TcpClient client{port};
        client.send(request);
        return read_answer(client, request.starts_with("HEAD"));
    }
    HttpAnswer get(const std::string& target, const std::string& fields = "") {
        return ask("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n");
    }

    boost::asio::io_context io;
    FixedView view;
    AlertStore alerts;
    Log log{LogLevel::error};
    std::unique_ptr<HttpServer> server;
    std::uint16_t port = 0;

private:
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{io.get_executor()};
    std::thread thread_;
};

}  // namespace wiresage::testing
