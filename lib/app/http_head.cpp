// Heads of HTTP/1 messages.
#include "app/http_head.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace wiresage {

namespace {

constexpr std::string_view methods[] = {
    "GET ",     "POST ",     "HEAD ",       "PUT ",         "DELETE ",       "OPTIONS ", "CONNECT ", "PATCH ",
    "TRACE ",   "PROPFIND ", "PROPPATCH ",  "MKCOL ",       "COPY ",         "MOVE ",    "LOCK ",    "UNLOCK ",
    "SEARCH ",  "REPORT ",   "SUBSCRIBE ",  "UNSUBSCRIBE ", "NOTIFY ",       "POLL ",    "BMOVE ",   "BPROPFIND ",
    "MERGE ",   "CHECKOUT ", "MKACTIVITY ", "RPC_IN_DATA ", "RPC_OUT_DATA ", "PURGE ",   "LINK ",    "UNLINK ",
    "BDELETE ", "BCOPY ",    "BPROPPATCH ", "ACL "};

/// Paths of readiness and liveness probes, as common frameworks and orchestrators have them.
constexpr std::string_view health_paths[] = {
    "/health",      "/healthz",      "/livez",           "/readyz",       "/ready",    "/live",
    "/ping",        "/status",       "/-/healthy",       "/-/ready",      "/alive",    "/healthcheck",
    "/health/live", "/health/ready", "/actuator/health", "/nginx_status", "/heartbeat"};
constexpr std::string_view health_agents[] = {"kube-probe/", "ELB-HealthChecker/", "GoogleHC/", "HealthChecker",
                                              "Consul Health Check"};

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool equal(std::string_view a, std::string_view lower_case) noexcept {
    return a.size() == lower_case.size() &&
           std::equal(a.begin(), a.end(), lower_case.begin(), [](char x, char y) { return lower(x) == y; });
}

std::string_view trimmed(std::string_view text) noexcept {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
    return text;
}

bool holds(std::string_view list, std::string_view token) noexcept {
    while (!list.empty()) {
        const auto comma = std::min(list.find(','), list.size());
        if (equal(trimmed(list.substr(0, comma)), token)) return true;
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return false;
}

std::string_view first_word(std::string_view text) noexcept {
    return text.substr(0, std::min(text.find_first_of(" ,;"), text.size()));
}

std::optional<std::uint64_t> number(std::string_view text) noexcept {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return {};
    return value;
}

std::string_view next_line(std::string_view& rest) noexcept {
    const auto end = std::min(rest.find('\n'), rest.size());
    const auto line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return trimmed(line);
}

ContentCoding coding_of(std::string_view value) noexcept {
    if (value.empty() || equal(value, "identity")) return ContentCoding::none;
    if (equal(value, "gzip") || equal(value, "x-gzip")) return ContentCoding::gzip;
    return equal(value, "deflate") ? ContentCoding::deflate : ContentCoding::other;
}

void take_basic(std::string_view value, HttpHead& out) noexcept {
    const auto scheme = first_word(value);
    if (equal(scheme, "basic")) out.basic = trimmed(value.substr(scheme.size()));
}

void field(std::string_view name, std::string_view value, HttpHead& out) noexcept {
    switch (lower(name.front())) {
        case 'a':
            if (equal(name, "authorization")) take_basic(value, out);
            break;
        case 'c':
            if (equal(name, "content-length")) out.content_length = number(value);
            if (equal(name, "content-encoding")) out.coding = coding_of(value);
            if (equal(name, "content-range")) out.partial = true;
            if (equal(name, "content-type")) out.form = equal(first_word(value), "application/x-www-form-urlencoded");
            break;
        case 'g':
            if (equal(name, "grpc-status"))
                out.grpc_status = static_cast<std::uint8_t>(std::min<std::uint64_t>(number(value).value_or(255), 255));
            break;
        case 'h':
            if (equal(name, "host")) out.host = value;
            break;
        case 'p':
            if (equal(name, "proxy-authorization")) {
                out.proxy_authorization = true;
                take_basic(value, out);
            }
            if (equal(name, "proxy-status") && out.error_code.empty() && value.find("error=") != std::string_view::npos)
                out.error_code = value;
            if (equal(name, "proxy-authenticate") && out.scheme_count < std::size(out.proxy_authenticate)) {
                out.proxy_authenticate[out.scheme_count++] = first_word(value);
            }
            break;
        case 't':
            if (equal(name, "transfer-encoding")) out.chunked = holds(value, "chunked");
            break;
        case 'u':
            if (equal(name, "user-agent")) out.user_agent = value;
            if (equal(name, "upgrade")) out.upgrade = true;
            break;
        case 'v':
            if (equal(name, "via")) out.via = true;
            break;
        case 'x':
            if (equal(name, "x-squid-error") || equal(name, "x-proxy-error")) out.error_code = value;
            break;
        default:
            break;
    }
}

void read_fields(std::string_view rest, HttpHead& out) noexcept {
    while (!rest.empty()) {
        const auto line = next_line(rest);
        const auto colon = line.find(':');
        if (colon == std::string_view::npos || colon == 0) continue;
        field(line.substr(0, colon), trimmed(line.substr(colon + 1)), out);
    }
}

bool is_version(std::string_view text) noexcept { return text == "HTTP/1.1" || text == "HTTP/1.0"; }

}  // namespace

std::size_t head_size(Bytes bytes, std::size_t from) noexcept {
    const auto text = as_text(bytes);
    for (std::size_t at = from > 3 ? from - 3 : 0; at < text.size();) {
        at = text.find('\n', at);
        if (at == std::string_view::npos) return 0;
        if (at + 1 < text.size() && text[at + 1] == '\n') return at + 2;
        if (at + 2 < text.size() && text[at + 1] == '\r' && text[at + 2] == '\n') return at + 3;
        ++at;
    }
    return 0;
}

bool read_request_head(Bytes head, HttpHead& out) noexcept {
    out = {};
    auto rest = as_text(head);
    const auto line = next_line(rest);
    const auto first = line.find(' ');
    const auto last = line.rfind(' ');
    if (first == std::string_view::npos || first == last || !is_version(line.substr(last + 1))) return false;
    out.method = line.substr(0, first);
    out.target = trimmed(line.substr(first + 1, last - first - 1));
    if (!std::all_of(out.method.begin(), out.method.end(),
                     [](char c) { return (c >= 'A' && c <= 'Z') || c == '_' || c == '-'; }))
        return false;
    read_fields(rest, out);
    return true;
}

bool read_answer_head(Bytes head, HttpHead& out) noexcept {
    out = {};
    auto rest = as_text(head);
    const auto line = next_line(rest);
    if (line.size() < 12 || !is_version(line.substr(0, 8)) || line[8] != ' ') return false;
    const auto status = number(line.substr(9, 3));
    if (!status || *status < 100 || *status > 599 || (line.size() > 12 && line[12] != ' ')) return false;
    out.status = static_cast<std::uint16_t>(*status);
    if (line.size() > 13) out.reason = line.substr(13);
    read_fields(rest, out);
    return true;
}

std::string_view without_port(std::string_view host) noexcept {
    if (!host.empty() && host.front() == '[') return host.substr(0, std::min(host.find(']'), host.size() - 1) + 1);
    return host.substr(0, std::min(host.find(':'), host.size()));
}

std::string_view authority_of(std::string_view target) noexcept {
    const auto scheme = target.find("://");
    if (scheme == std::string_view::npos || scheme > 8) return {};
    auto authority = target.substr(scheme + 3);
    authority = authority.substr(0, std::min(authority.find_first_of("/?#"), authority.size()));
    const auto at = authority.rfind('@');
    return at == std::string_view::npos ? authority : authority.substr(at + 1);
}

bool is_health_check(std::string_view target, std::string_view user_agent) noexcept {
    const auto path = target.substr(0, std::min(target.find('?'), target.size()));
    if (std::find(std::begin(health_paths), std::end(health_paths), path) != std::end(health_paths)) return true;
    return std::any_of(std::begin(health_agents), std::end(health_agents),
                       [&](std::string_view agent) { return user_agent.substr(0, agent.size()) == agent; });
}

bool begins_with_method(std::string_view text) noexcept {
    return std::any_of(std::begin(methods), std::end(methods),
                       [&](std::string_view method) { return text.substr(0, method.size()) == method; });
}

}  // namespace wiresage
