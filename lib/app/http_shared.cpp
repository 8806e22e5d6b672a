// HTTP's sums of a tick, how it is recognised, and how it ends.
#include <algorithm>

#include "app/app_counts.hpp"
#include "app/http.hpp"
#include "app/shared.hpp"

namespace wiresage {

namespace {

constexpr std::uint16_t server_errors = 500;

}  // namespace

void HttpShared::answer(const AppContext& context, const HttpExchange& told_now, bool health, bool judged) noexcept {
    const Key key{told_now.server, told_now.host_hash, context.talk.vlan, told_now.decrypted};
    auto* const tally = tallies_.at(key, AddressHash{}(key.server) + key.host_hash + key.vlan);
    if (tally == nullptr) return;
    tally->server = key.server;
    tally->host_hash = key.host_hash;
    tally->decrypted = key.decrypted;
    if (judged) {
        ++tally->bodies;
    } else if (health) {
        ++tally->health_answers;
    } else {
        ++tally->answers;
        tally->errors += told_now.status >= server_errors;
    }
}

void HttpShared::tick(AppContext& context) noexcept {
    bodies_left = most_bodies_in_a_tick;
    tallies_.flush([&](const Key& key, const HttpTally& tally) { context.teller.sum(key.vlan, tally); });
}

Match recognise_http(const FirstBytes& said) noexcept {
    const auto client = as_text(said.client);
    if (!client.empty()) {
        if (!begins_with_method(client.substr(0, 16))) {
            return client.size() < 4 && client.front() >= 'A' && client.front() <= 'U' ? Match::maybe : Match::no;
        }
        const auto line_end = client.find('\n');
        // A long target may fill more than one segment.
        if (line_end == std::string_view::npos) return client.size() > most_undecided / 2 ? Match::yes : Match::maybe;
        return client.substr(0, line_end).find(" HTTP/1.") != std::string_view::npos ? Match::yes : Match::no;
    }
    const auto server = as_text(said.server);
    constexpr std::string_view begin = "HTTP/1.";
    if (server.size() < begin.size()) return begin.substr(0, server.size()) == server ? Match::maybe : Match::no;
    return server.substr(0, begin.size()) == begin ? Match::yes : Match::no;
}

void HttpParser::take_front(AppContext& context) noexcept {
    if (open_count_ == 0) return;
    context.buffers.give_back(open_[0].texts);
    std::copy(open_.begin() + 1, open_.begin() + open_count_, open_.begin());
    --open_count_;
}

/// An answer counts once it is there to its end.
void HttpParser::count_answer(AppContext& context) noexcept {
    if (context.counts != nullptr && uncounted_ != 0) context.counts->http_answer(uncounted_);
    uncounted_ = 0;
}

void HttpParser::ended(From from, EndedBy how, AppContext& context) noexcept {
    if (from == From::server || how != EndedBy::fin) {
        const Way& at = way(From::server);
        const bool closes = how == EndedBy::fin && at.at == At::body && at.left == Consumed::everything;
        if (closes) count_answer(context);
        end_check(closes, context);
    }
}

void HttpParser::release(AppContext& context) noexcept {
    check_.stop(context.buffers);
    while (open_count_ > 0) take_front(context);
}

}  // namespace wiresage
