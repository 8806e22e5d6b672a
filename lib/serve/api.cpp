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
constexpr std::string_view suppression_path = "/api/v1/suppressions/";

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

AnswerReply answer_with(const HttpReply& reply) {
    return [reply](unsigned status, std::string text) {
        if (status >= 300) return reply(problem(status, text));
        auto response = json_response(std::move(text));
        response.status = status;
        reply(std::move(response));
    };
}

}  // namespace

struct Api::Route {
    std::string_view path;    ///< The whole path, or what it begins with where it ends in '/' and is longer than that.
    std::string_view method;  ///< GET means HEAD too.
    void (Api::*handle)(const HttpRequest&, const Target&, HttpReply);
    bool open;  ///< Needs no token.
};

const Api::Route* Api::find_route(const std::string& path, const std::string& method, std::string& allow) {
    static constexpr std::array<Route, 15> routes{{
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
        {"/api/v1/suppressions", "GET", &Api::list_suppressions, false},
        {"/api/v1/suppressions", "POST", &Api::suppress, false},
        {suppression_path, "DELETE", &Api::unsuppress, false},
    }};
    const Route* of_path = nullptr;
    for (const auto& route : routes) {
        const bool prefix = route.path.size() > 1 && route.path.ends_with('/');
        if (prefix ? path.size() <= route.path.size() || !path.starts_with(route.path) : path != route.path) continue;
        if (method == route.method || (method == "HEAD" && route.method == "GET")) return &route;
        allow += (allow.empty() ? "" : ", ") + std::string{route.method == "GET" ? "GET, HEAD" : route.method};
        of_path = &route;
    }
    return of_path;
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
    std::string ignored;
    const auto* route = find_route(path, request.method, ignored);
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

    std::string allow;
    const auto* route = find_route(target->path, request.method, allow);
    if (!route) return reply(problem(404, "There is nothing here. The page at / links to what there is."));
    const bool method_fits = request.method == route->method || (request.method == "HEAD" && route->method == "GET");
    if (!method_fits) {
        auto response = problem(405, "This path takes " + allow + ".");
        response.headers.emplace_back("Allow", allow);
        return reply(std::move(response));
    }
    if (route->method != "GET" && from_another_site(request.fetch_site, request.origin, request.host)) {
        return reply(problem(403, "A page of another site may not ask for this."));
    }
    (this->*route->handle)(request, *target, std::move(reply));
}

void Api::page(const HttpRequest&, const Target&, HttpReply reply) { reply(page_response()); }

void Api::metrics(const HttpRequest& request, const Target&, HttpReply reply) {
    const bool open = request.accept.find("application/openmetrics-text") != std::string::npos;  // Prometheus asks so.
    HttpResponse response;
    response.content_type = open ? open_metrics_content_type : metrics_content_type;
    response.body = open ? view_.open_metrics() : view_.metrics();
    reply(std::move(response));
}

void Api::healthy(const HttpRequest&, const Target&, HttpReply reply) { reply(text_response(200, "healthy\n")); }

void Api::ready(const HttpRequest&, const Target&, HttpReply reply) {
    const auto why_not = view_.not_ready();
    reply(why_not ? text_response(503, *why_not + "\n") : text_response(200, "ready\n"));
}

void Api::reload(const HttpRequest&, const Target&, HttpReply reply) {
    if (const auto wrong = view_.reload()) return reply(problem(422, *wrong));
    reply(text_response(200, "reloaded\n"));
}

void Api::list_alerts(const HttpRequest&, const Target& target, HttpReply reply) {
    const auto parsed = parse_alert_query(target);
    if (!parsed.error.empty()) return reply(problem(400, parsed.error));
    const auto answer = [reply](const std::vector<std::string>& documents, std::optional<std::uint64_t> next) {
        auto list = Json::array();
        for (const auto& document : documents) list.push_back(Json::parse(document, nullptr, false));
        const Json made{{"alerts", std::move(list)}, {"next", next ? Json(std::to_string(*next)) : Json()}};
        reply(json_response(made.dump(-1, ' ', false, Json::error_handler_t::replace)));
    };
    if (alerts_.incomplete() && view_.older_alerts(parsed.query, answer)) return;
    const auto page = alerts_.select(parsed.query);
    std::vector<std::string> documents;
    for (const auto* alert : page.alerts) documents.push_back(alert->document);
    answer(documents, page.next);
}

void Api::one_alert(const HttpRequest&, const Target& target, HttpReply reply) {
    const auto id = target.path.substr(alert_path.size());
    view_.one_alert(id, alerts_.find(id), answer_with(reply));
}

void Api::list_suppressions(const HttpRequest&, const Target&, HttpReply reply) {
    reply(json_response(view_.suppressions_json()));
}

void Api::suppress(const HttpRequest& request, const Target& target, HttpReply reply) {
    bool dry_run = false;
    for (const auto& [key, value] : target.query) {
        if (key != "dry_run" || (value != "true" && value != "false")) {
            return reply(problem(400, "The one parameter is dry_run=true."));
        }
        dry_run = value == "true";
    }
    view_.suppress(request.body, dry_run, answer_with(reply));
}

void Api::unsuppress(const HttpRequest&, const Target& target, HttpReply reply) {
    view_.unsuppress(target.path.substr(suppression_path.size()), answer_with(reply));
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
