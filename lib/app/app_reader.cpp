// Sessions: from the first bytes of a connection to its end.
#include "app/app_reader.hpp"

#include <algorithm>
#include <new>

namespace wiresage {

/// One TCP connection that is read.
struct AppReader::Session {
    alignas(64) std::byte place[StreamParser::most_bytes];
    std::array<InOrder, 2> sides{};  ///< By From.
    StreamParser* parser = nullptr;  ///< In `place`; null while the protocol is not recognised.
    std::uint32_t next_free = 0;
    bool swapped = false;  ///< Who is the client was guessed wrong, as the content shows.
    bool given_up = false;
    bool seeking = false;  ///< Only where messages are counted: nothing is read, but what may begin later.
    std::array<bool, 2> closed{};
    std::array<bool, 2> fin_waits{};  ///< FIN was seen beyond a hole.
    std::array<std::uint32_t, 2> fin_at{};
};

/// Shows one side's bytes to whoever reads the session.
struct AppReader::Shower final : InOrderSink {
    Shower(AppReader& of, Session& in, From by, AppContext& with) : reader{of}, session{in}, from{by}, context{with} {}

    Consumed bytes(Bytes shown) noexcept override {
        if (session.parser == nullptr) {
            reader.recognise(session, from, shown, context);
            if (session.given_up) return {.stop = true};
            if (session.parser == nullptr) return {};
        }
        const Consumed made = session.parser->bytes(from, shown, context);
        if (made.stop) session.given_up = true;
        return made;
    }
    Consumed gap(Bytes unused, std::uint64_t missing) noexcept override {
        ++context.stats.gaps;
        if (session.parser == nullptr) {
            session.given_up = true;
            return {.stop = true};
        }
        const Consumed made = session.parser->gap(from, unused, missing, context);
        if (made.stop) session.given_up = true;
        return made;
    }

    AppReader& reader;
    Session& session;
    From from;
    AppContext& context;
};

namespace {

constexpr std::size_t index(From from) noexcept { return static_cast<std::size_t>(from); }

/// The conversation as the content shows it.
Conversation swapped(const Conversation& talk) noexcept {
    Conversation made = talk;
    std::swap(made.client, made.server);
    return made;
}

FirstBytes first_bytes(const Conversation& talk, From from, Bytes said, Bytes said_by_other) noexcept {
    const bool by_client = from == From::client;
    return {by_client ? said : said_by_other, by_client ? said_by_other : said, talk.client.port, talk.server.port,
            talk.joined};
}

Match best_match(const FirstBytes& said, const StreamProtocol*& found) noexcept {
    Match best = Match::no;
    for (const auto& protocol : stream_protocols()) {
        const Match match = protocol.recognise(said);
        if (match == Match::yes) {
            found = &protocol;
            return match;
        }
        best = std::max(best, match);
    }
    return best;
}

/// Both ways round where nobody saw who began.
Match recognise_either_way(const Conversation& talk, From from, Bytes said, Bytes said_by_other,
                           const StreamProtocol*& found, bool& other_way) noexcept {
    const Match match = best_match(first_bytes(talk, from, said, said_by_other), found);
    other_way = false;
    if (match == Match::yes || talk.initiator_known) return match;
    const Match reversed = best_match(first_bytes(swapped(talk), other(from), said, said_by_other), found);
    other_way = reversed == Match::yes;
    return std::max(match, reversed);
}

}  // namespace

AppReader::AppReader(const AppOptions& options)
    : options_{options},
      teller_{stats_},
      buffers_{options.buffer_bytes},
      shared_{std::make_unique<AppShared>()},
      // Not touched, so not resident: make_unique would fill them with zeroes.
      of_flow_{new std::uint32_t[options.flows + 1]},
      sessions_{new (std::align_val_t{64}) std::byte[options.sessions * sizeof(Session)]} {
    if (options.count) counts_ = std::make_unique<AppCounts>();
    if (options.keys != nullptr) shared_->tls.decryption = std::make_unique<TlsDecryptionShared>(*options.keys);
}

AppReader::~AppReader() {
    for (std::uint32_t i = 0; i < touched_; ++i) {
        Session& used = session(i);
        if (used.parser != nullptr) used.parser->~StreamParser();
    }
    ::operator delete[](sessions_.release(), std::align_val_t{64});
}

AppReader::Session& AppReader::session(std::uint32_t number) noexcept {
    return *std::launder(static_cast<Session*>(static_cast<void*>(sessions_.get() + number * sizeof(Session))));
}

std::uint32_t AppReader::open(const Conversation& talk) noexcept {
    std::uint32_t number = free_;
    if (number > 0) {
        free_ = session(number - 1).next_free;
    } else if (touched_ < options_.sessions) {
        number = ++touched_;
    } else {
        ++stats_.sessions_refused;
        return 0;
    }
    ::new (sessions_.get() + (number - 1) * sizeof(Session)) Session{};
    of_flow_[talk.flow] = number;
    ++stats_.sessions_opened;
    ++stats_.sessions_open;
    return number;
}

void AppReader::close(std::uint32_t number, AppContext& context) noexcept {
    Session& closed = session(number - 1);
    for (auto& side : closed.sides) side.clear(buffers_);
    if (closed.parser != nullptr) {
        closed.parser->release(context);
        closed.parser->~StreamParser();
        closed.parser = nullptr;
    }
    closed.next_free = free_;
    free_ = number;
    --stats_.sessions_open;
}

void AppReader::recognise(Session& session, From from, Bytes shown, AppContext& context) noexcept {
    const Bytes by_other = session.sides[index(other(from))].unused(buffers_);
    const StreamProtocol* found = nullptr;
    bool other_way = false;
    const Match match = recognise_either_way(context.talk, from, shown, by_other, found, other_way);
    if (match == Match::yes) {
        session.swapped = other_way;
        session.parser = found->make(session.place);
        ++stats_.recognised;
        return;
    }
    if (match == Match::no || shown.size() + by_other.size() >= most_undecided) session.given_up = true;
}

AppVerdict AppReader::verdict(std::uint32_t number, AppContext& context) noexcept {
    Session& read = session(number - 1);
    const bool over = read.closed[0] && read.closed[1];
    if (counts_ && read.given_up && !over) {
        seek(read, context);
        return AppVerdict::payload;
    }
    if (read.given_up || over) {
        if (read.given_up) ++stats_.given_up;
        close(number, context);
        return AppVerdict::given_up;
    }
    return read.sides[0].is_waiting() || read.sides[1].is_waiting() ? AppVerdict::all : AppVerdict::payload;
}

AppVerdict AppReader::segment(const Conversation& talk, bool fresh, const AppSegment& seen, const Moment& at,
                              AppSink& sink) noexcept {
    teller_.sink = &sink;
    if (fresh) {
        // Most flows that are nothing we know end here: no session for them.
        const StreamProtocol* found = nullptr;
        bool other_way = false;
        const bool first = !seen.begin_known || seen.begin == seen.sequence;
        if (first && !counts_ &&
            recognise_either_way(talk, seen.from, seen.payload, {}, found, other_way) == Match::no) {
            ++stats_.given_up;
            return AppVerdict::given_up;
        }
        if (open(talk) == 0) return AppVerdict::given_up;
    }
    const std::uint32_t number = of_flow_[talk.flow];
    Session& read = session(number - 1);
    return show(read, number, read.swapped ? swapped(talk) : talk, seen, at);
}

bool AppReader::pass(std::uint32_t flow, From from, std::uint32_t sequence, std::size_t wire_bytes) noexcept {
    Session& read = session(of_flow_[flow] - 1);
    return read.parser != nullptr && read.sides[index(read.swapped ? other(from) : from)].pass(sequence, wire_bytes);
}

AppVerdict AppReader::show(Session& read, std::uint32_t number, const Conversation& talk, const AppSegment& seen,
                           const Moment& at) noexcept {
    AppContext context{
        talk, at, teller_, buffers_, *shared_, stats_, seen.all_acknowledged, seen.acknowledged_stamp, counts_.get()};
    const From from = read.swapped ? other(seen.from) : seen.from;
    if (read.seeking && !begins_anew(read, from, seen)) return AppVerdict::payload;
    Shower mine{*this, read, from, context};
    Shower others{*this, read, other(from), context};
    InOrder& side = read.sides[index(from)];
    InOrder& far = read.sides[index(other(from))];
    if (!side.has_begun()) side.begin(seen.begin_known ? seen.begin : seen.sequence);
    if (seen.acknowledgment != 0 && far.is_waiting()) far.acknowledged(seen.acknowledgment, buffers_, others);
    const bool unknown = read.parser == nullptr;
    if (seen.wire_bytes > 0) side.segment(seen.sequence, seen.wire_bytes, seen.payload, buffers_, mine);
    if (unknown && read.parser != nullptr) {
        // What waited to be recognised is shown to its parser now; the reply may have been what told.
        far.again(buffers_, others);
    }
    if (seen.rst) {
        end(read, from, EndedBy::rst, context);
    } else if (seen.fin) {
        read.fin_waits[index(from)] = true;
        read.fin_at[index(from)] = seen.sequence + static_cast<std::uint32_t>(seen.wire_bytes);
    }
    for (const From one : {From::client, From::server}) {
        const auto i = index(one);
        if (!read.fin_waits[i] || read.closed[i] || read.given_up || read.sides[i].is_waiting()) continue;
        end(read, one, EndedBy::fin, context);
    }
    return verdict(number, context);
}

/// What others find inside of what is given up: TLS after a word of another protocol, HTTP behind a proxy.
void AppReader::seek(Session& read, AppContext& context) noexcept {
    ++stats_.given_up;
    for (auto& side : read.sides) {
        side.clear(buffers_);
        side = InOrder{};
    }
    if (read.parser != nullptr) {
        read.parser->release(context);
        read.parser->~StreamParser();
        read.parser = nullptr;
    }
    read.given_up = false;
    read.seeking = true;
    read.fin_waits = {};
}

bool AppReader::begins_anew(Session& read, From from, const AppSegment& seen) noexcept {
    const Conversation nobody;
    const FirstBytes said = first_bytes(nobody, from, seen.payload, {});
    const bool http = recognise_http(said) == Match::yes;
    if (!http && recognise_tls(said) != Match::yes) return false;
    for (const auto& protocol : stream_protocols()) {
        if (protocol.recognise == (http ? &recognise_http : &recognise_tls)) read.parser = protocol.make(read.place);
    }
    read.sides[index(from)].begin(seen.sequence);
    if (seen.acknowledgment != 0) read.sides[index(other(from))].begin(seen.acknowledgment);
    read.seeking = false;
    return true;
}

void AppReader::end(Session& read, From from, EndedBy how, AppContext& context) noexcept {
    read.closed[index(from)] = true;
    if (how != EndedBy::fin) {
        for (const From one : {From::client, From::server}) {
            Shower shower{*this, read, one, context};
            if (!read.given_up) read.sides[index(one)].finish(buffers_, shower);
        }
        read.closed = {true, true};
    }
    if (read.parser != nullptr && !read.given_up) read.parser->ended(from, how, context);
}

AppVerdict AppReader::datagram(const Conversation& talk, bool fresh, From from, std::size_t wire_bytes, Bytes payload,
                               const Moment& at, AppSink& sink) noexcept {
    teller_.sink = &sink;
    const auto protocols = datagram_protocols();
    const bool counted = counts_ && counts_->datagram(talk.client.port, talk.server.port, payload);
    if (!fresh && of_flow_[talk.flow] == protocols.size()) return AppVerdict::payload;
    if (fresh) {
        std::size_t found = 0;
        while (found < protocols.size() && !protocols[found].recognise(from, payload, talk)) ++found;
        if (found == protocols.size()) {
            of_flow_[talk.flow] = static_cast<std::uint32_t>(found);
            ++stats_.given_up;
            return counted ? AppVerdict::payload : AppVerdict::given_up;
        }
        ++stats_.recognised;
        of_flow_[talk.flow] = static_cast<std::uint32_t>(found);
    }
    AppContext context{talk, at, teller_, buffers_, *shared_, stats_, false, {}, counts_.get()};
    if (protocols[of_flow_[talk.flow]].read(from, payload, wire_bytes, context)) return AppVerdict::payload;
    ++stats_.given_up;
    if (!counted) return AppVerdict::given_up;
    of_flow_[talk.flow] = static_cast<std::uint32_t>(protocols.size());
    return AppVerdict::payload;
}

void AppReader::gone(const Conversation& talk, bool tcp, EndedBy how, const Moment& at, AppSink& sink) noexcept {
    if (!tcp) return;
    teller_.sink = &sink;
    const std::uint32_t number = of_flow_[talk.flow];
    Session& read = session(number - 1);
    const Conversation as_read = read.swapped ? swapped(talk) : talk;
    AppContext context{as_read, at, teller_, buffers_, *shared_, stats_, false, {}, counts_.get()};
    if (!read.given_up) end(read, From::client, how, context);
    close(number, context);
}

bool AppReader::tick(const Moment& at, EventTime capture_end, AppSink& sink) noexcept {
    teller_.sink = &sink;
    const Conversation nobody;
    AppContext context{nobody, at, teller_, buffers_, *shared_, stats_, false, {}, counts_.get()};
    const bool more = shared_->tick(context, capture_end);
    teller_.next_tick();
    return more;
}

const AppStats& AppReader::stats() noexcept {
    stats_.buffers_refused = buffers_.refused();
    return stats_;
}

}  // namespace wiresage
