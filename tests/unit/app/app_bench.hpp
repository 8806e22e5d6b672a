// One application layer under test: what both sides say goes in, facts come out.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "app/app_reader.hpp"
#include "fact/texts.hpp"

namespace wiresage::testing {

using namespace std::chrono_literals;

inline Bytes bytes_of(std::string_view text) {
    return {static_cast<const std::uint8_t*>(static_cast<const void*>(text.data())), text.size()};
}

class AppBench : public AppSink {
public:
    struct Told {
        Fact::What what;
        std::vector<std::string> texts;
    };

    explicit AppBench(const KeyLog* keys = nullptr)
        : reader{AppOptions{.flows = 16, .sessions = 8, .buffer_bytes = 1 << 20, .keys = keys}} {
        talk.client = {ipv4(10, 0, 0, 5), 40000};
        talk.server = {ipv4(10, 0, 0, 80), 80};
        talk.flow = 1;
        talk.initiator_known = true;
    }

    /// One segment after the other.
    AppVerdict says(From from, std::string_view text, bool fin = false, bool rst = false) {
        auto& next = from == From::client ? client_next_ : server_next_;
        const auto after = segment(from, next, text, text.size(), fin, rst);
        next += static_cast<std::uint32_t>(text.size());
        return after;
    }
    /// The same in pieces.
    AppVerdict says_in_pieces(From from, std::string_view text, std::size_t size) {
        auto after = AppVerdict::payload;
        for (std::size_t at = 0; at < text.size(); at += size) after = says(from, text.substr(at, size));
        return after;
    }
    /// Another connection, of the flow that `talk` names now.
    void begins_anew() {
        fresh_ = true;
        client_next_ = server_next_ = 1;
    }
    void loses(From from, std::uint32_t count) { (from == From::client ? client_next_ : server_next_) += count; }

    AppVerdict segment(From from, std::uint32_t at, std::string_view text, std::size_t wire, bool fin, bool rst) {
        if (!fresh_ && verdict == AppVerdict::given_up) return verdict;
        AppSegment seen;
        seen.from = from;
        seen.sequence = at;
        seen.begin = 1;
        seen.begin_known = true;
        seen.fin = fin;
        seen.rst = rst;
        seen.wire_bytes = wire;
        seen.payload = bytes_of(text);
        seen.acknowledgment = from == From::client ? server_next_ : client_next_;
        verdict = reader.segment(talk, fresh_, seen, moment(), *this);
        fresh_ = false;
        return verdict;
    }

    AppVerdict datagram(From from, std::string_view text) {
        verdict = reader.datagram(talk, fresh_, from, text.size(), bytes_of(text), moment(), *this);
        fresh_ = false;
        return verdict;
    }

    void tick(Duration after = 100ms) {
        now += after;
        reader.tick(moment(), latest_event_time, *this);
    }

    template <typename Kind>
    std::vector<Kind> of() const {
        std::vector<Kind> found;
        for (const auto& one : told) {
            if (const auto* what = std::get_if<Kind>(&one.what)) found.push_back(*what);
        }
        return found;
    }
    /// Texts of the n-th fact of a kind.
    template <typename Kind>
    std::vector<std::string> texts_of(std::size_t number = 0) const {
        for (const auto& one : told) {
            if (std::holds_alternative<Kind>(one.what) && number-- == 0) return one.texts;
        }
        return {};
    }

    void tell(const Fact::What& what, std::uint16_t, bool, std::string_view text) noexcept override {
        std::vector<std::string> texts;
        for (TextReader texts_in{text}; !texts_in.at_end();) texts.emplace_back(texts_in.next());
        told.push_back({what, std::move(texts)});
    }

    Conversation talk;
    AppReader reader;
    AppVerdict verdict = AppVerdict::payload;
    Duration now = 1s;
    std::vector<Told> told;

private:
    Moment moment() {
        Moment made;
        made.time = made.stamp = event_time(1'700'000'000'000'000'000) + now;
        made.frame = made.order = ++frame_;
        return made;
    }

    bool fresh_ = true;
    std::uint32_t client_next_ = 1;
    std::uint32_t server_next_ = 1;
    std::uint64_t frame_ = 0;
};

}  // namespace wiresage::testing
