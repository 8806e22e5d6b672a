// Which request gets which answer.

#include "serve/api.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

#include "metrics/exposition.hpp"
#include "serve/alert_query.hpp"
#include "serve/page.hpp"

namespace wiresage {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view alert_path = "/api/v1/alerts/";

HttpResponse text_response(unsigned status, std::string body) {
    HttpResponse response;
    response.status = status;
    response.content_type = "text/plain; charset=utf-8";
    response.body = std::move(body);
    return response;
}

HttpResponse json_response(std::string body) {
    HttpResponse response;
    response.content_type = "application/json";
    response.body = std::move(body);
    return response;
}

}  // namespace

struct Api::Route {
    std::string_view path;    ///< The whole path, or what it begins with where it ends in '/' and is longer than that.
    std::string_view method;  ///< GET means HEAD too.
    void (Api::*handle)(const HttpRequest&, const Target&, HttpReply);
    bool open;  ///< Needs no token.
};

const Api::Route* Api::find_route(const std::string& path) {
    static constexpr std::array<Route, 12> routes{{
        {"/", "GET", &Api::page, false},
        {"/metrics", "GET", &Api::metrics, false},
        {"/-/healthy", "GET", &Api::healthy, true},
        {"/-/ready", "GET", &Api::ready, true},
        {"/-/reload", "POST", &Api::reload, false},
        {"/api/v1/alerts", "GET", &Api::list_alerts, false},
        {alert_path, "GET", &Api::one_alert, false},
        {"/api/v1/rules", "GET", &Api::rules, false},
        {"/api/v1/flows", "GET", &Api::flows, false},
        {"/api/v1/hosts", "GET", &Api::hosts, false},
        {"/api/v1/status", "GET", &Api::status, false},
        {"/api/v1/stream", "GET", &Api::stream, false},
    }};
    const auto found = std::ranges::find_if(routes, [&](const Route& route) {
        const bool prefix = route.path.size() > 1 && route.path.ends_with('/');
        return prefix ? path.size() > route.path.size() && path.starts_with(route.path) : path == route.path;
    });
    return found == routes.end() ? nullptr : &*found;
}

Api::Api(HttpView& view, const AlertStore& alerts, const Endpoint& listen, HttpAccess access)
    : view_{view}, alerts_{alerts}, listen_{listen}, access_{std::move(access)} {}

std::optional<HttpResponse> Api::refused(const HttpRequest& request, const std::string& path) {
    if (request.host_fields != 1 && !(request.http_1_0 && request.host_fields == 0)) {
        ++rejected_host_;
        return problem(400, "A request has exactly one Host field.");
    }
    if (request.host_fields == 1 && !host_allowed(request.host, listen_, access_.allowed_hosts)) {
        ++rejected_host_;
        return problem(421, "This host name is not known here. Add it to http.allowed_hosts, or ask by address.");
    }
    const auto* route = find_route(path);
    if (route && route->open) return {};
    if (access_.token.empty() || token_matches(request.authorization, access_.token)) return {};
    ++rejected_token_;
    auto response = problem(401, "Send the header Authorization: Bearer with the token of http.token_file.");
    // A browser that opens the page gets it, without data: it then asks its reader for the token.
    if (path == "/" && request.accept.find("text/html") != std::string::npos) {
        response = page_response();
        response.status = 401;
    }
    response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"wiresage\"");
    return response;
}

void Api::answer(const HttpRequest& request, HttpReply reply) {
    const auto target = parse_target(request.target);
    if (!target) return reply(problem(400, "The target of the request is not a path."));
    if (auto response = refused(request, target->path)) return reply(std::move(*response));

    const auto* route = find_route(target->path);
    if (!route) return reply(problem(404, "There is nothing here. The page at / links to what there is."));
    const bool method_fits = request.method == route->method || (request.method == "HEAD" && route->method == "GET");
    if (!method_fits) {
        const std::string allow = route->method == "GET" ? "GET, HEAD" : std::string{route->method};
        auto response = problem(405, "This path takes " + allow + ".");
        response.headers.emplace_back("Allow", allow);
        return reply(std::move(response));
    }
    (this->*route->handle)(request, *target, std::move(reply));
}

void Api::page(const HttpRequest&, const Target&, HttpReply reply) { reply(page_response()); }

void Api::metrics(const HttpRequest&, const Target&, HttpReply reply) {
    HttpResponse response;
    response.content_type = metrics_content_type;
    response.body = view_.metrics();
    reply(std::move(response));
}

void Api::healthy(const HttpRequest&, const Target&, HttpReply reply) { reply(text_response(200, "healthy\n")); }

void Api::ready(const HttpRequest&, const Target&, HttpReply reply) {
    const auto why_not = view_.not_ready();
    reply(why_not ? text_response(503, *why_not + "\n") : text_response(200, "ready\n"));
}

void Api::reload(const HttpRequest& request, const Target&, HttpReply reply) {
    if (from_another_site(request.fetch_site, request.origin, request.host)) {
        return reply(problem(403, "A page of another site may not ask for a reload."));
    }
    if (const auto wrong = view_.reload()) return reply(problem(422, *wrong));
    reply(text_response(200, "reloaded\n"));
}

void Api::list_alerts(const HttpRequest&, const Target& target, HttpReply reply) {
    const auto parsed = parse_alert_query(target);
    if (!parsed.error.empty()) return reply(problem(400, parsed.error));
    const auto page = alerts_.select(parsed.query);
    auto list = Json::array();
    for (const auto* alert : page.alerts) list.push_back(Json::parse(alert->document, nullptr, false));
    const Json document{{"alerts", std::move(list)}, {"next", page.next ? Json(std::to_string(*page.next)) : Json()}};
    reply(json_response(document.dump(-1, ' ', false, Json::error_handler_t::replace)));
}

void Api::one_alert(const HttpRequest&, const Target& target, HttpReply reply) {
    const auto* alert = alerts_.find(target.path.substr(alert_path.size()));
    if (!alert) return reply(problem(404, "No alert of this id is known (any more)."));
    reply(json_response(alert->document));
}

void Api::rules(const HttpRequest&, const Target&, HttpReply reply) { reply(json_response(view_.rules_json())); }

void Api::flows(const HttpRequest&, const Target& target, HttpReply reply) {
    const auto parsed = parse_table_query(target);
    if (!parsed.error.empty()) return reply(problem(400, parsed.error));
    view_.flows_json(parsed.query, [reply](std::string json) { reply(json_response(std::move(json))); });
}

void Api::hosts(const HttpRequest&, const Target& target, HttpReply reply) {
    const auto parsed = parse_table_query(target);
    if (!parsed.error.empty()) return reply(problem(400, parsed.error));
    view_.hosts_json(parsed.query, [reply](std::string json) { reply(json_response(std::move(json))); });
}

void Api::status(const HttpRequest&, const Target&, HttpReply reply) {
    reply(json_response(status_json(view_.status())));
}

void Api::stream(const HttpRequest& request, const Target&, HttpReply reply) {
    HttpResponse response;
    response.content_type = "text/event-stream";
    response.headers.emplace_back("X-Accel-Buffering", "no");  // nginx would hold events back.
    response.stream = true;
    const auto& last = request.last_event_id;
    const auto [end, error] = std::from_chars(last.data(), last.data() + last.size(), response.stream_after);
    response.stream_replays = error == std::errc{} && end == last.data() + last.size();
    reply(std::move(response));
}

}  // namespace wiresage
