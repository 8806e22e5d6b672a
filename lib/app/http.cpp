// HTTP/1 conversations.
#include "app/http.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "app/app_counts.hpp"
#include "app/base64.hpp"
#include "app/named_addresses.hpp"
#include "app/shared.hpp"
#include "fact/texts.hpp"

namespace wiresage {

namespace {

constexpr std::size_t most_kept_text = 1024;  // The smallest buffer of the pool.
constexpr std::uint16_t status_ok = 200, proxy_auth = 407, server_errors = 500, switching = 101;

/// RFC 9110, 15.3.5, 15.4.5 and 15.2: these have no body.
bool has_no_body(std::uint16_t status) noexcept { return status < status_ok || status == 204 || status == 304; }

/// An address that anybody may reach: none of RFC 1918, 6598, 3927, 4193, loopback, multicast.
bool is_public(const Address& address) noexcept {
    if (address.is_multicast() || address.is_loopback() || address.is_unspecified() || address.is_broadcast())
        return false;
    if (!address.is_v4())
        return (address.bytes[0] & 0xfe) != 0xfc && !(address.bytes[0] == 0xfe && (address.bytes[1] & 0xc0) == 0x80);
    const std::uint8_t a = address.bytes[12];
    const std::uint8_t b = address.bytes[13];
    const bool internal = a == 10 || (a == 172 && (b & 0xf0) == 16) || (a == 192 && b == 168) ||
                          (a == 169 && b == 254) || (a == 100 && (b & 0xc0) == 64);
    return !internal;
}

std::string_view lower_case(std::string_view text, std::array<char, 256>& buffer) noexcept {
    const std::size_t count = std::min(text.size(), buffer.size());
    std::transform(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(count), buffer.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
    return {buffer.data(), count};
}

/// The TLS inside a tunnel begins anew; what a parser of HTTP would make of it is nonsense.
constexpr Consumed give_up{.stop = true};

}  // namespace

Consumed HttpParser::bytes(From from, Bytes shown, AppContext& context) noexcept {
    Way& at = way(from);
    switch (at.at) {
        case At::head:
            return from == From::client ? request(shown, context) : answer(shown, context);
        case At::form:
            return form(shown, context);
        case At::body:
            return checked_body(at, shown, context);
        case At::chunk_size:
        case At::chunk:
        case At::chunk_end:
        case At::trailer:
            break;
    }
    return chunks(from, shown, context);
}

Consumed HttpParser::request(Bytes shown, AppContext& context) noexcept {
    Way& at = way(From::client);
    // RFC 9112, 2.2: empty lines before a request are passed over.
    if (shown[0] == '\r' || shown[0] == '\n') return {.used = 1};
    const std::size_t size = head_size(shown, at.scanned);
    if (size == 0) {
        at.scanned = static_cast<std::uint16_t>(std::min<std::size_t>(shown.size(), most_head_bytes));
        return shown.size() > most_head_bytes ? give_up : Consumed{};
    }
    at.scanned = 0;
    HttpHead head;
    if (!read_request_head(shown.first(size), head)) return give_up;
    if (context.counts != nullptr) context.counts->http_request(head.method);
    if (open_count_ == open_.size() && context.counts != nullptr) take_front(context);
    if (open_count_ == open_.size()) return give_up;
    begin_request(head, context);
    if (head.form && head.content_length && *head.content_length > 0 && *head.content_length <= most_form_bytes &&
        !head.chunked) {
        at.at = At::form;
        at.left = *head.content_length;
        return {.used = size};
    }
    return body_after(at, head, size, false, context);
}

Consumed HttpParser::form(Bytes shown, AppContext& context) noexcept {
    Way& at = way(From::client);
    if (shown.size() < at.left) return {};
    if (open_count_ > 0) tell_named(as_text(shown.first(at.left)), open_[open_count_ - 1U], context);
    at.at = At::head;
    return {.used = at.left};
}

Consumed HttpParser::answer(Bytes shown, AppContext& context) noexcept {
    Way& at = way(From::server);
    const std::size_t size = head_size(shown, at.scanned);
    if (size == 0) {
        at.scanned = static_cast<std::uint16_t>(std::min<std::size_t>(shown.size(), most_head_bytes));
        return shown.size() > most_head_bytes ? give_up : Consumed{};
    }
    at.scanned = 0;
    HttpHead head;
    if (!read_answer_head(shown.first(size), head)) {
        if (context.counts != nullptr) context.counts->odd_http_answer(shown.first(size));
        return give_up;
    }
    uncounted_ = head.status;
    if (head.status < status_ok) count_answer(context);
    if (head.status == switching) return give_up;        // Websockets and others follow.
    if (head.status < status_ok) return {.used = size};  // RFC 9110, 15.2: the final answer is still to come.
    judge(head, context);
    const bool asked = open_count_ > 0;
    const bool tunnel = asked && open_[0].connect && head.status < 300;
    const bool empty = (asked && open_[0].head) || has_no_body(head.status);
    if (!tunnel && !empty && asked) begin_check(head, context);
    if (!check_.is_on()) take_front(context);
    if (tunnel || empty) count_answer(context);
    if (tunnel) return give_up;
    if (empty) return {.used = size};
    return body_after(at, head, size, true, context);
}

Consumed HttpParser::body_after(Way& at, const HttpHead& head, std::size_t used, bool until_close,
                                AppContext& context) noexcept {
    // Where answers are counted, their bodies are looked at to their ends.
    const bool checked = until_close && (check_.is_on() || context.counts != nullptr);
    if (head.chunked) {
        at.at = At::chunk_size;
        return {.used = used};
    }
    if (head.content_length) {
        if (!checked)
            return {.used = used, .skip = std::min<std::uint64_t>(*head.content_length, Consumed::everything - 1)};
        if (*head.content_length == 0 && !check_.is_on()) {
            count_answer(context);
            return {.used = used};
        }
        at.at = At::body;
        at.left = *head.content_length;
        return {.used = used};
    }
    if (!until_close) return {.used = used};
    if (!checked) return {.used = used, .skip = Consumed::everything};  // RFC 9112, 6.3: the close ends it.
    at.at = At::body;
    at.left = Consumed::everything;
    return {.used = used};
}

Consumed HttpParser::checked_body(Way& at, Bytes shown, AppContext& context) noexcept {
    const std::size_t used = static_cast<std::size_t>(std::min<std::uint64_t>(at.left, shown.size()));
    if (check_.is_on()) check_.add(shown.first(used), context.buffers);
    if (at.left != Consumed::everything) at.left -= used;
    if (at.left == 0) {
        at.at = At::head;
        count_answer(context);
        end_check(true, context);
    }
    return {.used = used};
}

Consumed HttpParser::chunks(From from, Bytes shown, AppContext& context) noexcept {
    Way& at = way(from);
    const bool checked = from == From::server && check_.is_on();
    if (at.at == At::chunk) {
        const std::size_t used = static_cast<std::size_t>(std::min<std::uint64_t>(at.left, shown.size()));
        if (check_.is_on()) check_.add(shown.first(used), context.buffers);
        at.left -= used;
        if (at.left == 0) at.at = At::chunk_end;
        return {.used = used};
    }
    const auto text = as_text(shown);
    const auto line_end = text.find('\n');
    if (line_end == std::string_view::npos) return shown.size() > 1024 ? give_up : Consumed{};
    auto line = text.substr(0, line_end);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    const Consumed used{.used = line_end + 1};
    if (at.at == At::chunk_end) {
        if (!line.empty()) return give_up;
        at.at = At::chunk_size;
        return used;
    }
    if (at.at == At::trailer) {
        if (line.empty()) {
            at.at = At::head;
            if (from == From::server) count_answer(context);
            if (checked) end_check(true, context);
        }
        return used;
    }
    std::uint64_t size = 0;  // RFC 9112, 7.1: hexadecimal, extensions after ';'.
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), size, 16);
    if (error != std::errc{} || (end != line.data() + line.size() && *end != ';' && *end != ' ')) return give_up;
    if (size == 0) {
        at.at = At::trailer;
        return used;
    }
    if (checked) {
        at.at = At::chunk;
        at.left = size;
        return used;
    }
    at.at = At::chunk_end;
    return {.used = line_end + 1, .skip = size};
}

void HttpParser::begin_request(const HttpHead& head, AppContext& context) noexcept {
    Request& made = open_[open_count_++];
    made = Request{};
    std::array<char, 256> buffer;
    made.connect = head.method == "CONNECT";
    const auto authority = made.connect ? head.target : authority_of(head.target);
    const auto host = lower_case(without_port(head.host.empty() ? authority : head.host), buffer);
    auto& exchange = made.exchange;
    exchange.client = context.talk.client;
    exchange.server = context.talk.server;
    exchange.asked = context.at.time;
    exchange.asked_stamp = context.at.stamp;
    exchange.asked_frame = context.at.frame;
    exchange.host_hash = host.empty() ? 0 : text_hash(host);
    exchange.proxied = !authority.empty();
    exchange.credentials = head.proxy_authorization;
    exchange.decrypted = decrypted_;
    exchange.initiator_known = context.talk.initiator_known;
    made.head = head.method == "HEAD";
    made.health = is_health_check(head.target, head.user_agent);
    TextWriter texts;
    texts.add(head.method, 24).add(head.target, 400).add(host, 200).add(head.user_agent, 200);
    made.texts = context.buffers.take(most_kept_text);
    if (made.texts) {
        // "host:port" of what a proxy is asked for: the rule makes the port where the target has none.
        TextWriter kept = texts;
        kept.add(authority, 160);
        made.text_bytes = static_cast<std::uint16_t>(std::min(kept.written().size(), most_kept_text));
        std::memcpy(context.buffers.at(made.texts), kept.written().data(), made.text_bytes);
    }
    tell_request(head, made, texts.written(), context);
}

void HttpParser::tell_request(const HttpHead& head, const Request& made, std::string_view texts,
                              AppContext& context) noexcept {
    auto& lately = context.shared.http.told;
    HttpExchange exchange = made.exchange;
    if (requests_told_ < most_requests_told && is_public(exchange.server.ip) && !exchange.proxied) {
        ++requests_told_;
        tell(exchange, HttpNews::request, texts, context);
    }
    if (exchange.credentials) {
        const auto hash =
            AddressHash{}(exchange.client.ip) + spread(AddressHash{}(exchange.server) + text_hash(head.user_agent));
        if (!lately.again(spread(hash), context.at.time, std::chrono::seconds{10}))
            tell(exchange, HttpNews::credentials, texts, context);
    }
    if (!head.basic.empty() && !decrypted_) {
        std::array<char, 64> pair{};
        const std::string_view decoded{pair.data(), decode_base64(head.basic, pair.data(), pair.size())};
        // RFC 7617, 2: the user ends at the first colon; without one nobody knows what is the secret.
        const auto user = decoded.substr(0, decoded.find(':') == std::string_view::npos ? 0 : decoded.find(':'));
        context.shared.logins.tell(LoginProtocol::http_basic, user, context);
    }
    const auto query = head.target.find('?');
    if (query != std::string_view::npos) tell_named(head.target.substr(query + 1), made, context);
}

void HttpParser::tell_named(std::string_view form, const Request& made, AppContext& context) noexcept {
    std::array<Address, most_named> named;
    const std::size_t count = named_addresses(form, named);
    for (std::size_t i = 0; i < count; ++i) {
        HttpExchange exchange = made.exchange;
        exchange.named = named[i];
        const auto hash = spread(AddressHash{}(named[i]) + spread(AddressHash{}(exchange.server)));
        if (context.shared.http.told.again(hash, context.at.time, std::chrono::seconds{1})) continue;
        tell(exchange, HttpNews::names_address, texts_of(made, context), context);
    }
}

std::string_view HttpParser::texts_of(const Request& request, AppContext& context) const noexcept {
    if (!request.texts) return {};
    return as_text({context.buffers.at(request.texts), request.text_bytes});
}

void HttpParser::tell(HttpExchange& exchange, HttpNews news, std::string_view texts, AppContext& context) noexcept {
    exchange.news = news;
    context.teller.tell(context.talk, exchange, texts, static_cast<std::size_t>(news));
}

void HttpParser::judge(const HttpHead& head, AppContext& context) noexcept {
    HttpExchange exchange;
    if (open_count_ > 0) {
        exchange = open_[0].exchange;
    } else {
        exchange.client = context.talk.client;
        exchange.server = context.talk.server;
        exchange.asked = context.at.time;
        exchange.asked_stamp = context.at.stamp;
        exchange.decrypted = decrypted_;
        exchange.initiator_known = context.talk.initiator_known;
    }
    const bool health = open_count_ > 0 && open_[0].health;
    exchange.status = head.status;
    exchange.grpc_status = head.grpc_status;
    context.shared.http.answer(context, exchange, health, false);
    const bool error = head.status >= server_errors;
    const bool told = head.status == proxy_auth || (error && !health) || exchange.proxied;
    if (!told) return;
    // As HttpExchange has them: method, uri, host, agent; then reason, target, schemes, error code.
    TextReader kept{open_count_ > 0 ? texts_of(open_[0], context) : std::string_view{}};
    TextWriter texts;
    const auto method = kept.next();
    texts.add(method);
    for (int i = 0; i < 3; ++i) texts.add(kept.next());
    texts.add(head.reason, 160).add(kept.next());
    std::array<char, 128> list;
    std::size_t used = 0;
    for (std::size_t i = 0; i < head.scheme_count; ++i) {
        const auto scheme = head.proxy_authenticate[i];
        if (used + scheme.size() + 1 > list.size()) break;
        if (used > 0) list[used++] = ',';
        used += scheme.copy(list.data() + used, scheme.size());
    }
    texts.add({list.data(), used}).add(head.error_code, 160);
    if (head.status == proxy_auth) return tell(exchange, HttpNews::auth_asked, texts.written(), context);
    if (!exchange.proxied) return tell(exchange, HttpNews::server_error, texts.written(), context);
    // What a proxy passed on is the target's own answer: the proxy let the request through.
    const bool passed_on = head.via && head.error_code.empty() && method != "CONNECT";
    if (head.status >= 400 && !passed_on) return tell(exchange, HttpNews::denied, texts.written(), context);
    const auto hash = spread(AddressHash{}(exchange.server) + exchange.host_hash);
    if (!context.shared.http.told.again(hash, context.at.time, std::chrono::seconds{60})) {
        tell(exchange, HttpNews::allowed, texts.written(), context);
    }
}

void HttpParser::begin_check(const HttpHead& head, AppContext& context) noexcept {
    const bool compressed = head.coding == ContentCoding::gzip || head.coding == ContentCoding::deflate;
    if (!compressed || head.partial || head.status == 206 || head.content_length == std::uint64_t{0}) return;
    auto& left = context.shared.http.bodies_left;
    if (left <= 0 || (head.content_length && *head.content_length > BodyCheck::most_in)) return;
    if (!check_.start(head.coding == ContentCoding::deflate, context.buffers)) return;
    --left;
    open_[0].exchange.status = head.status;
    open_[0].exchange.deflate = head.coding == ContentCoding::deflate;
}

void HttpParser::end_check(bool whole, AppContext& context) noexcept {
    if (!check_.is_on()) return;
    BodyError error = BodyError::none;
    const bool judged = check_.finish(error, context.buffers);
    if (open_count_ == 0) return;
    HttpExchange exchange = open_[0].exchange;
    // A body that breaks off with its connection says nothing about its compression.
    if (judged && (whole || error != BodyError::length)) {
        context.shared.http.answer(context, exchange, false, true);
        if (error != BodyError::none) {
            exchange.error = error;
            exchange.body_bytes = check_.body_bytes();
            exchange.offset_bytes = check_.offset_bytes();
            tell(exchange, HttpNews::bad_body, texts_of(open_[0], context), context);
        }
    }
    take_front(context);
}

Consumed HttpParser::gap(From from, Bytes unused, std::uint64_t missing, AppContext& context) noexcept {
    Way& at = way(from);
    if (from == From::server) uncounted_ = 0;
    if (from == From::server && check_.is_on()) {
        check_.stop(context.buffers);  // Bytes that nobody saw cannot be judged.
        take_front(context);
    }
    if ((at.at == At::body || at.at == At::chunk) && unused.empty() && at.left >= missing) {
        if (at.left == Consumed::everything) return {.skip = Consumed::everything};
        const std::uint64_t skip = at.left - missing;
        at.at = at.at == At::body ? At::head : At::chunk_end;
        return {.skip = skip};
    }
    if (at.at == At::head && from == From::server && !unused.empty()) {
        // The head's beginning is there: its status may be told, where its body begins may not.
        HttpHead head;
        const auto text = as_text(unused);
        const auto line = text.find('\n');
        if (line != std::string_view::npos && read_answer_head(unused.first(text.rfind('\n') + 1), head) &&
            head.status >= status_ok) {
            judge(head, context);
        }
    }
    return give_up;
}

}  // namespace wiresage
