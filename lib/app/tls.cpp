// TLS handshakes.
#include "app/tls.hpp"

#include <algorithm>
#include <cstring>

#include "app/app_counts.hpp"
#include "app/shared.hpp"
#include "fact/texts.hpp"

namespace wiresage {

namespace {

namespace record_type {
constexpr std::uint8_t change_cipher_spec = 20, alert = 21, handshake = 22, application_data = 23;
}
namespace handshake_type {
constexpr std::uint8_t client_hello = 1, server_hello = 2, certificate = 11, client_key_exchange = 16;
}

constexpr std::size_t record_head = 5;
constexpr std::size_t most_record = 16384 + 2048;  // RFC 5246, 6.2.3.
constexpr std::uint8_t fatal = 2, close_notify = 0;

/// A protected alert in TLS 1.3: two bytes, the content type, a tag of 16 bytes.  A Finished is 53 bytes or more.
constexpr std::size_t protected_alert_bytes = 2 + 1 + 16;
constexpr std::int64_t soon_seconds = 30 * 86400;
constexpr Duration certificate_again = std::chrono::seconds{30};

bool is_record_type(std::uint8_t type) noexcept {
    return type >= record_type::change_cipher_spec && type <= record_type::application_data;
}

}  // namespace

const Certificate* TlsShared::certificate(Bytes der) noexcept {
    if (!seen_) seen_ = std::make_unique<Seen[]>(most_seen);
    const std::uint64_t hash = keyed_hash(der, 0) | 1;
    Seen& place = seen_[hash / 2 % most_seen];
    if (place.hash != hash) {
        place.hash = hash;
        place.is_one = read_certificate(der, place.certificate);
    }
    return place.is_one ? &place.certificate : nullptr;
}

void TlsShared::ended(const AppContext& context, bool completed) noexcept {
    const Key key{context.talk.server, context.talk.vlan};
    auto* const tally = tallies_.at(key, AddressHash{}(key.server) + key.vlan);
    if (tally == nullptr) return;
    tally->server = key.server;
    ++tally->handshakes;
    if (!completed) return;
    ++tally->completed;
    const auto client = static_cast<std::uint32_t>(AddressHash{}(context.talk.client.ip));
    const auto end = tally->clients.begin() + tally->client_count;
    if (tally->client_count < TlsTally::most_clients && std::find(tally->clients.begin(), end, client) == end) {
        tally->clients[tally->client_count++] = client;
    }
}

void TlsShared::tick(AppContext& context) noexcept {
    tallies_.flush([&](const Key& key, const TlsTally& tally) { context.teller.sum(key.vlan, tally); });
}

Match recognise_tls(const FirstBytes& said) noexcept {
    const Bytes first = said.client.empty() ? said.server : said.client;
    if (first.empty() || first[0] != record_type::handshake) return Match::no;
    if (first.size() < 6) return Match::maybe;
    const std::size_t size = std::size_t{first[3]} << 8 | first[4];
    const bool plausible = first[1] == 3 && first[2] <= 4 && size >= 4 && size <= most_record;
    const std::uint8_t wanted = said.client.empty() ? handshake_type::server_hello : handshake_type::client_hello;
    return plausible && first[5] == wanted ? Match::yes : Match::no;
}

Consumed TlsParser::bytes(From from, Bytes shown, AppContext& context) noexcept {
    if (over_) return {.stop = true};
    if (shown.size() < record_head) return {};
    const std::uint8_t type = shown[0];
    const std::size_t size = std::size_t{shown[3]} << 8 | shown[4];
    if (!is_record_type(type) || shown[1] != 3 || size > most_record) return {.stop = true};
    const bool is_protected =
        type == record_type::application_data || (way(from).cipher_changed && type != record_type::change_cipher_spec);
    if (is_protected && early_data_waits_ && from == From::client && told_.version == 0) return {};
    if (is_protected && !decryption_) {
        protected_record(from, type, size, context);
        return {.used = record_head, .skip = size, .stop = over_};
    }
    if (shown.size() < record_head + size) return {};
    if (is_protected) {
        decrypt(from, type, shown.first(record_head + size), context);
    } else {
        record(from, type, shown.subspan(record_head, size), context);
    }
    return {.used = record_head + size, .stop = over_};
}

void TlsParser::begin_decryption(const ServerHello& hello, AppContext& context) noexcept {
    auto* const shared = context.shared.tls.decryption.get();
    if (shared == nullptr || !hello_seen_ || decryption_) return;
    decryption_ = TlsDecryption::make(
        *shared, {find_tls_suite(hello.cipher), hello.version, hello.encrypt_then_mac, client_random_, hello.random},
        context.stats);
}

void TlsParser::decrypt(From from, std::uint8_t type, Bytes record, AppContext& context) noexcept {
    const auto outcome = decryption_->record(from, record, context);
    if (outcome == TlsDecryption::Outcome::stopped) drop_decryption(context);
    if (!judged_ && outcome != TlsDecryption::Outcome::early)
        protected_record(from, type, record.size() - record_head, context);
}

/// It could be read, and cannot any longer.
void TlsParser::lose_decryption(AppContext& context) noexcept {
    if (decryption_ && decryption_->is_known()) ++context.stats.tls_stopped;
    drop_decryption(context);
}

/// What is left of the handshake is read as without a key log.
void TlsParser::drop_decryption(AppContext& context) noexcept {
    if (!decryption_) return;
    decryption_->release(context);
    decryption_.reset();
    over_ = over_ || judged_;
}

void TlsParser::record(From from, std::uint8_t type, Bytes body, AppContext& context) noexcept {
    switch (type) {
        case record_type::handshake:
            handshake(from, body, context);
            break;
        case record_type::alert:
            alert(from, body, context);
            break;
        case record_type::change_cipher_spec:
            // In TLS 1.3 it means nothing (RFC 8446, D.4).
            if (told_.version >= tls_version::tls13 || retried_) break;
            // A second time: keys change by messages that cannot be read here (renegotiation; RFC 5246, 7.4.1.1).
            if (way(from).cipher_changed && decryption_) lose_decryption(context);
            way(from).cipher_changed = true;
            if (from == From::client) reach(TlsStage::key_exchange);
            // RFC 5246, 7.3: the server changes first only where a session is resumed.
            if (from == From::server && !way(From::client).cipher_changed && !told_.has_certificate)
                told_.resumed = true;
            break;
        default:
            break;
    }
}

void TlsParser::handshake(From from, Bytes body, AppContext& context) noexcept {
    Way& at = way(from);
    if (at.message_bytes > 0) {
        const std::size_t all = at.message_bytes + body.size();
        if (all > BufferPool::size(at.message)) {
            BufferId larger = all <= most_message ? context.buffers.take(all) : BufferId{};
            if (!larger) {
                over_ = true;
                return;
            }
            std::memcpy(context.buffers.at(larger), context.buffers.at(at.message), at.message_bytes);
            context.buffers.give_back(at.message);
            at.message = larger;
        }
        std::memcpy(context.buffers.at(at.message) + at.message_bytes, body.data(), body.size());
        at.message_bytes = static_cast<std::uint32_t>(all);
        body = {context.buffers.at(at.message), all};
    }
    while (body.size() >= 4 && !over_) {
        const std::size_t size = std::size_t{body[1]} << 16 | std::size_t{body[2]} << 8 | body[3];
        if (size > most_message) over_ = true;
        if (body.size() < 4 + size || over_) break;
        message(from, body[0], body.subspan(4, size), context);
        body = body.subspan(4 + size);
    }
    if (over_) return;
    if (body.empty()) {
        context.buffers.give_back(at.message);
        at.message_bytes = 0;
    } else if (at.message) {
        std::memmove(context.buffers.at(at.message), body.data(), body.size());
        at.message_bytes = static_cast<std::uint32_t>(body.size());
    } else {
        at.message = context.buffers.take(body.size());
        if (!at.message) {
            over_ = true;
            return;
        }
        std::memcpy(context.buffers.at(at.message), body.data(), body.size());
        at.message_bytes = static_cast<std::uint32_t>(body.size());
    }
}

void TlsParser::message(From from, std::uint8_t type, Bytes body, AppContext& context) noexcept {
    if (context.counts != nullptr) context.counts->tls_message(type);
    if (from == From::client && type == handshake_type::client_hello) {
        ClientHello hello;
        if (!read_client_hello(body, hello)) return;
        if (!hello_seen_) {
            told_.began = context.at.time;
            told_.began_stamp = context.at.stamp;
            told_.began_frame = static_cast<std::uint32_t>(context.at.frame);
        }
        hello_seen_ = true;
        std::copy(hello.random.begin(), hello.random.end(), client_random_.begin());
        if (hello.early_data && context.shared.tls.decryption) {
            TlsSecrets secrets;
            early_data_waits_ = context.shared.tls.decryption->keys.find(client_random_, secrets) &&
                                secrets[TlsSecretKind::client_early];
        }
        told_.client_best = hello.best_version;
        told_.has_sni = !hello.server_name.empty();
        name_bytes_ = static_cast<std::uint8_t>(std::min(hello.server_name.size(), name_.size()));
        std::copy_n(hello.server_name.data(), name_bytes_, name_.data());
    } else if (from == From::server && type == handshake_type::server_hello) {
        ServerHello hello;
        if (!read_server_hello(body, hello)) return;
        if (hello.retry) {
            early_data_waits_ = false;  // RFC 8446, 4.2.10: it is rejected, another hello follows.
            retried_ = true;
            return;
        }
        told_.version = hello.version;
        told_.cipher = hello.cipher;
        reach(TlsStage::server_hello);
        begin_decryption(hello, context);
    } else if (from == From::server && type == handshake_type::certificate) {
        certificate(body, context);
    } else if (from == From::client && type == handshake_type::client_key_exchange) {
        reach(TlsStage::key_exchange);
    }
}

void TlsParser::certificate(Bytes body, AppContext& context) noexcept {
    reach(TlsStage::certificate);
    const Bytes der = first_certificate(body);
    if (der.empty() || certificate_) return;
    certificate_ = context.buffers.take(der.size());
    if (!certificate_) return;
    std::memcpy(context.buffers.at(certificate_), der.data(), der.size());
    certificate_bytes_ = static_cast<std::uint32_t>(der.size());
    told_.has_certificate = true;
}

void TlsParser::alert(From from, Bytes body, AppContext& context) noexcept {
    if (body.size() != 2 || judged_) return;
    if (body[0] == fatal) {
        told_.alert = body[1];
        finish(TlsEnd::alert, from, context);
    } else if (body[1] == close_notify) {
        finish(TlsEnd::fin, from, context);
    }
}

void TlsParser::protected_record(From from, std::uint8_t type, std::size_t size, AppContext& context) noexcept {
    Way& at = way(from);
    if (told_.version == 0 && hello_seen_) return;  // Early data (RFC 8446, 2.3).
    if (at.protected_records != UINT16_MAX) ++at.protected_records;
    if (told_.version >= tls_version::tls13) {
        if (from != From::client) return;
        // The client's first protected record is its Finished, or says why there is none.
        if (size <= protected_alert_bytes) {
            fatal_encrypted_ = true;
            finish(TlsEnd::alert, from, context);
        } else {
            reach(TlsStage::finished);
            finish(TlsEnd::completed, from, context);
        }
        return;
    }
    if (type == record_type::alert) {
        fatal_encrypted_ = true;
        finish(TlsEnd::alert, from, context);
        return;
    }
    const bool both = ways_[0].protected_records > 0 && ways_[1].protected_records > 0;
    const bool data = type == record_type::application_data;  // Also where the handshake was before the capture.
    if (both || data) {
        reach(TlsStage::finished);
        finish(TlsEnd::completed, from, context);
    }
}

void TlsParser::reach(TlsStage stage) noexcept { told_.stage = std::max(told_.stage, stage); }

bool TlsParser::is_worth_telling(const Certificate* shown, AppContext& context) noexcept {
    if (told_.end != TlsEnd::completed) return true;
    if (told_.version != 0 && told_.version < tls_version::tls12) return true;
    if (shown == nullptr) return false;
    const std::int64_t now = unix_nanoseconds(context.at.stamp) / 1'000'000'000;
    const bool old = shown->not_after - now < soon_seconds || now < shown->not_before;
    const bool wrong = told_.has_sni && !told_.name_matches;
    if (!old && !wrong) return false;
    std::uint64_t print;
    std::memcpy(&print, shown->fingerprint.data(), sizeof print);
    const auto hash = spread(print + AddressHash{}(context.talk.server) + text_hash({name_.data(), name_bytes_}));
    return !context.shared.tls.told.again(hash, context.at.time, certificate_again);
}

void TlsParser::finish(TlsEnd end, From by, AppContext& context) noexcept {
    if (judged_) return;
    judged_ = true;
    over_ = context.counts == nullptr && (end != TlsEnd::completed || !decryption_);
    if (!hello_seen_) return;  // Joined in the middle: how it began is not known.
    context.shared.tls.ended(context, end == TlsEnd::completed);
    told_.end = end;
    told_.ended_by_client = by == From::client;
    told_.client = context.talk.client;
    told_.server = context.talk.server;
    told_.initiator_known = context.talk.initiator_known;
    told_.in_first_flights = !ways_[0].gap && !ways_[1].gap;
    if (fatal_encrypted_) told_.alert = 0;
    const Certificate* const shown =
        certificate_ ? context.shared.tls.certificate({context.buffers.at(certificate_), certificate_bytes_}) : nullptr;
    const std::string_view name{name_.data(), name_bytes_};
    told_.has_certificate = shown != nullptr;
    if (shown != nullptr) {
        told_.wildcard = shown->wildcard;
        told_.self_signed = shown->self_signed;
        told_.not_before = shown->not_before;
        told_.not_after = shown->not_after;
        told_.fingerprint = shown->fingerprint;
        told_.name_matches = told_.has_sni && is_for_host(*shown, name);
    }
    if (!is_worth_telling(shown, context)) return;
    TextWriter texts;
    texts.add(name);
    texts.add(shown != nullptr ? shown->subject_text() : std::string_view{});
    texts.add(shown != nullptr ? shown->issuer_text() : std::string_view{});
    for (auto rest = shown != nullptr ? shown->names_text() : std::string_view{}; !rest.empty();) {
        const auto line = rest.find('\n');
        texts.add(rest.substr(0, line), 253);
        rest.remove_prefix(line + 1);
    }
    context.teller.tell(context.talk, told_, texts.written(), end == TlsEnd::completed ? 1 : 0);
}

Consumed TlsParser::gap(From from, Bytes, std::uint64_t, AppContext& context) noexcept {
    // Where records begin again is not known; an end of the connection may still be told of by FIN or RST, but not why.
    way(from).gap = true;
    lose_decryption(context);
    return {.stop = true};
}

void TlsParser::ended(From from, EndedBy how, AppContext& context) noexcept {
    if (decryption_) decryption_->ended(from, how, context);
    if (how == EndedBy::fin) finish(TlsEnd::fin, from, context);
    if (how == EndedBy::rst) finish(TlsEnd::rst, from, context);
}

void TlsParser::release(AppContext& context) noexcept {
    if (decryption_) decryption_->release(context);
    for (auto& at : ways_) context.buffers.give_back(at.message);
    context.buffers.give_back(certificate_);
}

}  // namespace wiresage
