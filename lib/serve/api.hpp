// Which request gets which answer.
#pragma once

#include <cstdint>

#include "serve/access.hpp"
#include "serve/alert_store.hpp"
#include "serve/http_server.hpp"
#include "serve/http_view.hpp"
#include "serve/message.hpp"
#include "serve/target.hpp"

namespace wiresage {

/// The API without its sockets: checks who asks, finds the route, asks the view.  One thread.
class Api {
public:
    /// `view` and `alerts` outlive it.
    Api(HttpView& view, const AlertStore& alerts, const Endpoint& listen, HttpAccess access);

    /// Calls `reply` once, now or when the daemon has answered.
    void answer(const HttpRequest& request, HttpReply reply);

    void set_access(HttpAccess access) { access_ = std::move(access); }

    std::uint64_t rejected_host() const noexcept { return rejected_host_; }
    std::uint64_t rejected_token() const noexcept { return rejected_token_; }

private:
    struct Route;
    /// The route of path and method; else one of the path alone, with what it takes.
    static const Route* find_route(const std::string& path, const std::string& method, std::string& allow);

    /// What forbids this request before it is looked at; nothing: go on.
    std::optional<HttpResponse> refused(const HttpRequest& request, const std::string& path);

    void page(const HttpRequest&, const Target&, HttpReply reply);
    void metrics(const HttpRequest&, const Target&, HttpReply reply);
    void healthy(const HttpRequest&, const Target&, HttpReply reply);
    void ready(const HttpRequest&, const Target&, HttpReply reply);
    void reload(const HttpRequest&, const Target&, HttpReply reply);
    void list_alerts(const HttpRequest&, const Target&, HttpReply reply);
    void one_alert(const HttpRequest&, const Target&, HttpReply reply);
    void rules(const HttpRequest&, const Target&, HttpReply reply);
    void flows(const HttpRequest&, const Target&, HttpReply reply);
    void hosts(const HttpRequest&, const Target&, HttpReply reply);
    void status(const HttpRequest&, const Target&, HttpReply reply);
    void list_suppressions(const HttpRequest&, const Target&, HttpReply reply);
    void suppress(const HttpRequest&, const Target&, HttpReply reply);
    void unsuppress(const HttpRequest&, const Target&, HttpReply reply);
    void stream(const HttpRequest&, const Target&, HttpReply reply);

    HttpView& view_;
    const AlertStore& alerts_;
    Endpoint listen_;
    HttpAccess access_;
    std::uint64_t rejected_host_ = 0;
    std::uint64_t rejected_token_ = 0;
};

}  // namespace wiresage
