// HTTP inside TLS.
#include "app/tls_decryption.hpp"

#include <algorithm>
#include <new>

#include "app/tls_hello.hpp"

namespace wiresage {

namespace {

constexpr std::uint8_t handshake = 22, application_data = 23;
constexpr std::uint8_t key_update = 24;  // RFC 8446, 4.6.3.
constexpr std::size_t record_head = 5, message_head = 4;

/// TLS 1.3: records that need not open.  Rejected 0-RTT, or a handshake whose secrets the key log lacks.
constexpr std::uint16_t most_unopened = 64;

constexpr std::size_t index(From from) noexcept { return static_cast<std::size_t>(from); }

}  // namespace

/// Shows the parser what was decrypted.
struct TlsDecryption::Reader final : InOrderSink {
    Reader(TlsDecryption& in, From by, AppContext& with) : of{in}, from{by}, context{with} {}

    Consumed bytes(Bytes shown) noexcept override {
        if (!of.recognised_) {
            FirstBytes said;
            (from == From::client ? said.client : said.server) = shown;
            const Match match = recognise_http(said);
            if (match == Match::maybe) return {};
            of.recognised_ = match == Match::yes;
            if (of.recognised_) ++context.stats.tls_decrypted;
            of.stopped_ = of.stopped_ || !of.recognised_;
            if (of.stopped_) return {.stop = true};
        }
        const Consumed made = of.http_.bytes(from, shown, context);
        of.stopped_ = of.stopped_ || made.stop;
        return made;
    }
    Consumed gap(Bytes unused, std::uint64_t missing) noexcept override {
        const Consumed made = of.recognised_ ? of.http_.gap(from, unused, missing, context) : Consumed{.stop = true};
        of.stopped_ = of.stopped_ || made.stop;
        return made;
    }

    TlsDecryption& of;
    From from;
    AppContext& context;
};

TlsDecryption::TlsDecryption(TlsDecryptionShared& shared, const TlsParameters& of) noexcept : shared_{shared}, of_{of} {
    std::copy_n(of.client_random.begin(), client_random_.size(), client_random_.begin());
    std::copy_n(of.server_random.begin(), server_random_.size(), server_random_.begin());
    of_.client_random = client_random_;
    of_.server_random = server_random_;
    for (auto& side : sides_) side.plain.begin(0);
    ++shared_.connections;
}

TlsDecryption::~TlsDecryption() {
    shared_.waiting.give_back(ticket_);
    --shared_.connections;
}

std::unique_ptr<TlsDecryption> TlsDecryption::make(TlsDecryptionShared& shared, const TlsParameters& of,
                                                   AppStats& stats) noexcept {
    if (of.suite == nullptr || of.version < tls_version::tls10 || of.client_random.size() != 32 ||
        of.server_random.size() != 32)
        return nullptr;
    TlsSecrets secrets;
    if (!shared.keys.grows() && !shared.keys.find(of.client_random, secrets)) return nullptr;
    if (shared.connections >= TlsDecryptionShared::most_connections) {
        ++stats.tls_refused;
        return nullptr;
    }
    std::unique_ptr<TlsDecryption> made{new (std::nothrow) TlsDecryption{shared, of}};
    if (!made || made->look()) return made;
    if (made->stopped_ || !shared.keys.grows()) return nullptr;
    made->ticket_ = shared.waiting.take();
    return made->ticket_ != 0 ? std::move(made) : nullptr;
}

bool TlsDecryption::is_13() const noexcept { return of_.version >= tls_version::tls13; }

/// Looks the secrets up where the key log has changed.  True where they are known.
bool TlsDecryption::look() noexcept {
    const auto changes = shared_.keys.changes();
    if (known_ || stopped_ || changes == looked_at_) return known_;
    looked_at_ = changes;
    if (!shared_.keys.find(client_random_, secrets_)) return false;
    if (is_13()) {
        known_ = secrets_[TlsSecretKind::client_traffic] && secrets_[TlsSecretKind::server_traffic];
        return known_;
    }
    if (!secrets_[TlsSecretKind::master]) return false;
    std::array<TlsOpener, 2> openers;
    known_ = start_openers(of_, secrets_[TlsSecretKind::master], shared_.keys.library(), openers);
    stopped_ = !known_;
    for (std::size_t i = 0; known_ && i < openers.size(); ++i) sides_[i].opener = std::move(openers[i]);
    return known_;
}

/// Reads what waited, with the times at which it came.
bool TlsDecryption::catch_up(AppContext& context) noexcept {
    const auto ticket = ticket_;
    ticket_ = 0;
    ++context.stats.tls_late;
    const bool read_all = shared_.waiting.each(ticket, [&](From from, const Moment& at, Bytes record) {
        AppContext then{context.talk,   at,
                        context.teller, context.buffers,
                        context.shared, context.stats,
                        false,          context.acknowledged_stamp,
                        context.counts};
        return read(from, record, then) != Outcome::stopped;
    });
    shared_.waiting.give_back(ticket);
    return read_all;
}

TlsDecryption::Outcome TlsDecryption::record(From from, Bytes record, AppContext& context) noexcept {
    if (stopped_ || record.size() > record_head + TlsDecryptionShared::most_record) return Outcome::stopped;
    const bool waited = ticket_ != 0;
    if (!look()) {
        // Also where the place was lost: without all that came before, what comes cannot be read.
        if (stopped_ || !shared_.waiting.add(ticket_, from, context.at, record)) return Outcome::stopped;
        return Outcome::read;
    }
    if (waited && !catch_up(context)) return Outcome::stopped;
    return read(from, record, context);
}

TlsDecryption::Outcome TlsDecryption::read(From from, Bytes record, AppContext& context) noexcept {
    Side& side = sides_[index(from)];
    const auto opened = open(from, record);
    if (!opened) {
        if (is_13() && ++side.unopened < most_unopened) return Outcome::read;
        ++context.stats.tls_stopped;
        return Outcome::stopped;
    }
    side.unopened = 0;
    Bytes content = *opened;
    std::uint8_t type = record[0];
    const Outcome outcome = is_13() && side.phase == Phase::early ? Outcome::early : Outcome::read;
    if (is_13()) {  // RFC 8446, 5.2: content, type, zeroes.
        while (!content.empty() && content.back() == 0) content = content.first(content.size() - 1);
        if (content.empty()) return outcome;
        type = content.back();
        content = content.first(content.size() - 1);
    }
    if (type == handshake && is_13() && !inner_handshake(side, content)) return Outcome::stopped;
    if (type != application_data || content.empty()) return outcome;
    return carry(from, content, context) ? outcome : Outcome::stopped;
}

const TlsSecret& TlsDecryption::secret_of(From from, Phase phase) const noexcept {
    static constexpr TlsSecretKind kinds[2][3] = {
        {TlsSecretKind::client_early, TlsSecretKind::client_handshake, TlsSecretKind::client_traffic},
        // A server has no early ones.
        {TlsSecretKind::server_handshake, TlsSecretKind::server_handshake, TlsSecretKind::server_traffic}};
    return secrets_[kinds[index(from)][static_cast<std::size_t>(phase)]];
}

/// With the keys that it should have; in TLS 1.3, where nothing in the clear tells when they change, with later ones.
std::optional<Bytes> TlsDecryption::open(From from, Bytes record) noexcept {
    Side& side = sides_[index(from)];
    const Bytes head = record.first(record_head), body = record.subspan(record_head);
    if (side.opener.is_ready()) {
        if (const auto opened = side.opener.open(head, body, shared_.opened.data())) return opened;
    }
    if (!is_13()) return std::nullopt;
    const auto first = side.opener.is_ready() ? static_cast<int>(side.phase) + 1 : from == From::client ? 0 : 1;
    for (int i = first; i <= static_cast<int>(Phase::traffic); ++i) {
        const auto phase = static_cast<Phase>(i);
        const TlsSecret& secret = secret_of(from, phase);
        TlsOpener next;
        if (!start_opener(*of_.suite, secret, shared_.keys.library(), next)) continue;
        const auto opened = next.open(head, body, shared_.opened.data());
        if (!opened) continue;
        side.opener = std::move(next);
        side.secret = secret;
        side.phase = phase;
        return opened;
    }
    return std::nullopt;
}

/// Finds KeyUpdate among the messages after the handshake.  False where the next keys cannot be made.
bool TlsDecryption::inner_handshake(Side& side, Bytes messages) noexcept {
    if (side.phase != Phase::traffic) return true;
    while (!messages.empty()) {
        const auto passed = std::min<std::size_t>(side.left_of_message, messages.size());
        side.left_of_message -= static_cast<std::uint32_t>(passed);
        messages = messages.subspan(passed);
        if (messages.size() < message_head) return messages.empty();  // A head over two records is nobody's way.
        side.left_of_message =
            static_cast<std::uint32_t>(messages[1]) << 16 | static_cast<std::uint32_t>(messages[2]) << 8 | messages[3];
        if (messages[0] == key_update) {
            // RFC 8446, 5.1: it ends its record.
            side.secret = next_secret(*of_.suite, side.secret, shared_.keys.library());
            side.left_of_message = 0;
            return start_opener(*of_.suite, side.secret, shared_.keys.library(), side.opener);
        }
        messages = messages.subspan(message_head);
    }
    return true;
}

bool TlsDecryption::carry(From from, Bytes plain, AppContext& context) noexcept {
    Reader reader{*this, from, context};
    auto& side = sides_[index(from)].plain;
    side.segment(side.next(), plain.size(), plain, context.buffers, reader);
    return !stopped_;
}

void TlsDecryption::ended(From from, EndedBy how, AppContext& context) noexcept {
    // The last look; what waits may be read yet.
    if (ticket_ != 0 && look() && !catch_up(context)) stopped_ = true;
    if (recognised_ && !stopped_) http_.ended(from, how, context);
}

void TlsDecryption::release(AppContext& context) noexcept {
    http_.release(context);
    for (auto& side : sides_) side.plain.clear(context.buffers);
}

}  // namespace wiresage
