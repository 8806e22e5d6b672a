// HTTP/1 conversations: requests, their answers, bodies counted and passed over.
#pragma once

#include <array>
#include <cstdint>

#include "app/body_check.hpp"
#include "app/http_head.hpp"
#include "app/parser.hpp"
#include "app/tick_table.hpp"

namespace wiresage {

/// What a shard remembers of HTTP: the sums of a tick, what was told lately.
class HttpShared {
public:
    /// Compressed bodies begun in one tick of a shard: decompressing costs more than all else.
    static constexpr int most_bodies_in_a_tick = 4;

    void answer(const AppContext& context, const HttpExchange& told, bool health, bool judged) noexcept;
    void tick(AppContext& context) noexcept;

    LatelyTold told;
    int bodies_left = most_bodies_in_a_tick;

private:
    struct Key {
        Endpoint server;
        std::uint64_t host_hash = 0;
        std::uint16_t vlan = 0;
        bool decrypted = false;
        friend bool operator==(const Key&, const Key&) = default;
    };
    TickTable<Key, HttpTally, 128> tallies_;
};

/// RFC 9112.  Messages follow one another on a connection; requests may be ahead of their answers (9.3.2).  A request
/// tells little until its answer does; healthy exchanges are only summed.
class HttpParser final : public StreamParser {
public:
    explicit HttpParser(bool decrypted = false) noexcept : decrypted_{decrypted} {}

    Consumed bytes(From from, Bytes shown, AppContext& context) noexcept override;
    Consumed gap(From from, Bytes unused, std::uint64_t missing, AppContext& context) noexcept override;
    void ended(From from, EndedBy how, AppContext& context) noexcept override;
    void release(AppContext& context) noexcept override;

private:
    static constexpr std::size_t most_open =
        5;  ///< Requests without an answer yet; beyond, the connection is given up.
    static constexpr std::uint8_t most_requests_told = 8;
    static constexpr std::size_t most_form_bytes = 2048;

    /// A request that waits for its answer.
    struct Request {
        HttpExchange exchange;
        BufferId texts;  ///< Method, uri, host, agent, target: encoded; then their length in `text_bytes`.
        std::uint16_t text_bytes = 0;
        bool head = false;  ///< HEAD.
        bool connect = false;
        bool health = false;
    };

    /// Where one side's stream is.
    enum class At : std::uint8_t { head, form, body, chunk_size, chunk, chunk_end, trailer };
    struct Way {
        At at = At::head;
        std::uint16_t scanned = 0;  ///< Of the head: no end before here.
        std::uint64_t left = 0;     ///< Of the body or chunk, where it is looked at.
    };

    Consumed request(Bytes shown, AppContext& context) noexcept;
    Consumed form(Bytes shown, AppContext& context) noexcept;
    Consumed answer(Bytes shown, AppContext& context) noexcept;
    Consumed body_after(Way& way, const HttpHead& head, std::size_t used, bool until_close,
                        AppContext& context) noexcept;
    Consumed chunks(From from, Bytes shown, AppContext& context) noexcept;
    Consumed checked_body(Way& way, Bytes shown, AppContext& context) noexcept;
    void begin_request(const HttpHead& head, AppContext& context) noexcept;
    void tell_request(const HttpHead& head, const Request& made, std::string_view texts, AppContext& context) noexcept;
    void tell_named(std::string_view form, const Request& made, AppContext& context) noexcept;
    void judge(const HttpHead& head, AppContext& context) noexcept;
    void tell(HttpExchange& exchange, HttpNews news, std::string_view texts, AppContext& context) noexcept;
    void begin_check(const HttpHead& head, AppContext& context) noexcept;
    void end_check(bool whole, AppContext& context) noexcept;
    void take_front(AppContext& context) noexcept;
    void count_answer(AppContext& context) noexcept;
    std::string_view texts_of(const Request& request, AppContext& context) const noexcept;
    Way& way(From from) noexcept { return ways_[static_cast<std::size_t>(from)]; }

    std::array<Way, 2> ways_{};
    std::array<Request, most_open> open_{};
    std::uint8_t open_count_ = 0;
    std::uint8_t requests_told_ = 0;
    bool decrypted_ = false;
    std::uint16_t uncounted_ = 0;  ///< `read --stats`: status of the answer whose body is not over.
    BodyCheck check_;
};

Match recognise_http(const FirstBytes& said) noexcept;

}  // namespace wiresage
