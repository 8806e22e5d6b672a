// Fuzz target of TLS with a key log: real connections whose records are cut, changed, lost, repeated, and whose secrets
// come early, late, by halves or never.  The connections are made anew in each process; what is done to them is not.

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "app/app_reader.hpp"
#include "support/stream_fuzz.hpp"
#include "support/tls_talk.hpp"

namespace wiresage::testing {
namespace {

struct Recorded {
    std::vector<TlsTalk::Said> said;
    std::string key_log;
};

std::vector<Recorded> record() {
    const TlsTalkOptions ways[] = {{.version = TLS1_VERSION, .cipher = "ECDHE-ECDSA-AES128-SHA"},
                                   {.cipher = "ECDHE-ECDSA-AES256-SHA384"},
                                   {.cipher = "ECDHE-ECDSA-AES128-GCM-SHA256"},
                                   {.cipher = "ECDHE-ECDSA-AES128-CCM8"},
                                   {.version = TLS1_3_VERSION},
                                   {.version = TLS1_3_VERSION, .suite = "TLS_CHACHA20_POLY1305_SHA256"}};
    std::vector<Recorded> made;
    for (const auto& way : ways) {
        TlsTalk talk{way};
        talk.connect();
        for (int i = 0; i < 3; ++i) {
            talk.says(From::client, "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: a.example\r\n\r\n");
            talk.says(From::server, "HTTP/1.1 500 No\r\nContent-Length: 3\r\n\r\nno!");
            if (way.version == TLS1_3_VERSION) talk.update_keys(From::server);
        }
        made.push_back({talk.said, talk.key_log});
        if (way.version != TLS1_3_VERSION) continue;
        talk.connect_early("GET /early HTTP/1.1\r\nHost: a.example\r\n\r\n");
        talk.says(From::server, "HTTP/1.1 200 Yes\r\nContent-Length: 0\r\n\r\n");
        made.push_back({talk.said, talk.key_log});
    }
    return made;
}

Bytes as_bytes(std::string_view text) {
    return {static_cast<const std::uint8_t*>(static_cast<const void*>(text.data())), text.size()};
}

void check(bool good, const char* promise) {
    if (good) return;
    std::fprintf(stderr, "broken promise: %s\n", promise);
    std::abort();
}

/// What is left of the input, byte by byte; zeroes after its end.
struct Choices {
    const std::uint8_t* data;
    std::size_t size;
    std::uint8_t next() {
        if (size == 0) return 0;
        --size;
        return *data++;
    }
};

class Run {
public:
    explicit Run(bool grows) : keys_{grows} {
        talk_.client = {ipv4(10, 0, 0, 1), 40000};
        talk_.server = {ipv4(192, 0, 2, 1), 443};
        talk_.flow = 1;
        talk_.initiator_known = true;
        at_.time = at_.stamp = event_time(1'700'000'000'000'000'000);
    }

    void knows(std::string_view text) { keys_.add(text); }
    void hears(From from, std::string_view text, std::size_t lost) {
        if (verdict_ == AppVerdict::given_up) return;
        auto& next = next_[static_cast<std::size_t>(from)];
        AppSegment made;
        made.from = from;
        made.begin = 1;
        made.begin_known = true;
        made.sequence = next;
        made.acknowledgment = next_[1 - static_cast<std::size_t>(from)];
        made.wire_bytes = text.size() + lost;
        made.payload = as_bytes(text);
        next += static_cast<std::uint32_t>(made.wire_bytes);
        ++at_.order;
        at_.time += std::chrono::milliseconds{1};
        at_.stamp = at_.time;
        verdict_ = reader_->segment(talk_, at_.order == 1, made, at_, sink_);
    }
    void ends() {
        if (at_.order > 0 && verdict_ != AppVerdict::given_up) reader_->gone(talk_, true, EndedBy::timeout, at_, sink_);
        reader_->tick(at_, latest_event_time, sink_);
        check(reader_->buffers_in_use() == 0, "buffers are given back");
    }

private:
    KeyLog keys_;
    std::unique_ptr<AppReader> reader_ =
        std::make_unique<AppReader>(AppOptions{.flows = 4, .sessions = 2, .buffer_bytes = 1 << 19, .keys = &keys_});
    FuzzSink sink_;
    Conversation talk_;
    Moment at_;
    std::array<std::uint32_t, 2> next_{1, 1};
    AppVerdict verdict_ = AppVerdict::payload;
};

void fuzz(const std::vector<Recorded>& recorded, Choices choices) {
    const std::uint8_t how = choices.next();
    const Recorded& one = recorded[how % recorded.size()];
    Run run{(how & 0x80) != 0};
    std::string_view log = one.key_log;
    if ((how & 0x40) == 0) {
        run.knows(log);
        log = {};
    }
    for (const auto& said : one.said) {
        const std::uint8_t what = choices.next();
        std::string text = said.bytes;
        if ((what & 1) != 0) text[choices.next() % text.size()] ^= static_cast<char>(choices.next());
        if ((what & 2) != 0)
            text.insert(choices.next() % text.size(), 1 + what / 32U, static_cast<char>(choices.next()));
        if ((what & 4) != 0) text.erase(choices.next() % text.size(), 1 + what / 32U);
        if ((what & 8) != 0) {
            const std::size_t known = std::min<std::size_t>(log.size(), choices.next() * 4U);
            run.knows(log.substr(0, known));
            log.remove_prefix(known);
        }
        const std::size_t piece = (what & 16) != 0 ? 1U + choices.next() : text.size() + 1;
        for (std::size_t at = 0; at < text.size(); at += piece)
            run.hears(said.from, std::string_view{text}.substr(at, piece), (what & 0xe0) == 0xe0 ? choices.next() : 0U);
    }
    run.knows(log);
    run.ends();
}

}  // namespace
}  // namespace wiresage::testing

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto recorded = wiresage::testing::record();
    wiresage::testing::fuzz(recorded, {data, size});
    return 0;
}
