// TLS secrets out of a key log.
#include "app/key_log.hpp"

#include <openssl/crypto.h>
#include <openssl/provider.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <optional>

#include "base/hash.hpp"

namespace wiresage {

namespace {

constexpr std::size_t most_line = 1024, random_bytes = 32;
constexpr int most_tries = 64;

struct Label {
    std::string_view text;
    TlsSecretKind kind;
};
constexpr Label labels[] = {
    {"CLIENT_RANDOM", TlsSecretKind::master},
    {"CLIENT_EARLY_TRAFFIC_SECRET", TlsSecretKind::client_early},
    {"CLIENT_HANDSHAKE_TRAFFIC_SECRET", TlsSecretKind::client_handshake},
    {"SERVER_HANDSHAKE_TRAFFIC_SECRET", TlsSecretKind::server_handshake},
    {"CLIENT_TRAFFIC_SECRET_0", TlsSecretKind::client_traffic},
    {"SERVER_TRAFFIC_SECRET_0", TlsSecretKind::server_traffic},
};

int digit(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// Bytes of a hexadecimal word; 0 where it is none or does not fit.
std::size_t unhex(std::string_view text, std::uint8_t* out, std::size_t most) noexcept {
    if (text.size() % 2 != 0 || text.size() / 2 > most) return 0;
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = digit(text[i]);
        const int low = digit(text[i + 1]);
        if (high < 0 || low < 0) return 0;
        out[i / 2] = static_cast<std::uint8_t>(high * 16 + low);
    }
    return text.size() / 2;
}

std::string_view word(std::string_view& rest) noexcept {
    const auto end = std::min(rest.find(' '), rest.size());
    const auto found = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return found;
}

std::optional<TlsSecretKind> kind_of(std::string_view label) noexcept {
    const auto* const found =
        std::find_if(std::begin(labels), std::end(labels), [&](const Label& known) { return known.text == label; });
    return found == std::end(labels) ? std::nullopt : std::optional{found->kind};
}

void wipe(std::string& text) noexcept { OPENSSL_cleanse(text.data(), text.size()); }

}  // namespace

TlsSecret::~TlsSecret() { OPENSSL_cleanse(bytes.data(), bytes.size()); }

void KeyLog::FreeEntries::operator()(Entry* entries) const noexcept {
    munmap(entries, most_connections * sizeof(Entry));  // The kernel wipes pages before it hands them on.
}

KeyLog::KeyLog(bool grows) : grows_{grows}, library_{OSSL_LIB_CTX_new()} {
    // Zeroes that are not resident until they are used; kept out of core dumps.
    const std::size_t size = most_connections * sizeof(Entry);
    void* const room = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (room == MAP_FAILED) throw std::bad_alloc{};
    madvise(room, size, MADV_DONTDUMP);
    entries_.reset(static_cast<Entry*>(room));
    rest_.reserve(most_line);
    providers_[0] = OSSL_PROVIDER_load(library_, "default");
    providers_[1] = OSSL_PROVIDER_load(library_, "legacy");  // Null where it is not installed: no RC4 then.
}

KeyLog::~KeyLog() {
    wipe(rest_);
    for (auto* const provider : providers_) {
        if (provider != nullptr) OSSL_PROVIDER_unload(provider);
    }
    OSSL_LIB_CTX_free(library_);
}

KeyLog::Entry* KeyLog::set_of(const Random& random) const noexcept {
    return entries_.get() + spread(random[0] ^ random[3]) % sets * ways;
}

void KeyLog::keep(const Random& random, TlsSecretKind kind, const TlsSecret& secret) noexcept {
    constexpr auto relaxed = std::memory_order_relaxed, release = std::memory_order_release;
    Entry* const set = set_of(random);
    Entry* place = set;
    const std::uint64_t now = changes_.load(relaxed) + 1;
    bool known = false;
    for (Entry* one = set; one != set + ways && !known; ++one) {
        known = one->age.load(relaxed) != 0 &&
                std::equal(random.begin(), random.end(), one->random.begin(),
                           [](std::uint64_t a, const auto& b) { return a == b.load(relaxed); });
        if (known || one->age.load(relaxed) < place->age.load(relaxed)) place = one;
    }
    // Whoever sees one of these stores sees the odd turn before it.
    const auto turn = place->turn.load(relaxed);
    place->turn.store(turn + 1, relaxed);
    if (!known) {
        place->sizes.store(0, release);
        for (std::size_t i = 0; i < random.size(); ++i) place->random[i].store(random[i], release);
        for (auto& words : place->secrets) {
            for (auto& one : words) one.store(0, release);
        }
    }
    place->age.store(now, release);
    const auto number = static_cast<std::size_t>(kind);
    for (std::size_t i = 0; i < secret_words; ++i) {
        std::uint64_t value;
        std::memcpy(&value, secret.bytes.data() + 8 * i, sizeof value);
        place->secrets[number][i].store(value, release);
    }
    const std::uint64_t others = place->sizes.load(relaxed) & ~(std::uint64_t{0xff} << 8 * number);
    place->sizes.store(others | std::uint64_t{secret.size} << 8 * number, release);
    place->turn.store(turn + 2, release);
    changes_.store(now, release);
}

void KeyLog::line(std::string_view text) noexcept {
    if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
    const auto kind = kind_of(word(text));
    std::array<std::uint8_t, random_bytes> random;
    if (!kind || unhex(word(text), random.data(), random.size()) != random.size()) return;
    TlsSecret secret;
    secret.size = static_cast<std::uint8_t>(unhex(word(text), secret.bytes.data(), secret.bytes.size()));
    if (!secret) return;
    Random words;
    std::memcpy(words.data(), random.data(), random.size());
    keep(words, *kind, secret);
}

void KeyLog::add(std::string_view text) {
    while (!text.empty()) {
        const auto end = text.find('\n');
        const auto piece = text.substr(0, end);
        too_long_ = too_long_ || rest_.size() + piece.size() > most_line;
        if (!too_long_) rest_ += piece;
        if (end == std::string_view::npos) return;
        if (!too_long_) line(rest_);
        begin_anew();
        text.remove_prefix(end + 1);
    }
}

void KeyLog::begin_anew() {
    wipe(rest_);
    rest_.clear();
    too_long_ = false;
}

bool KeyLog::read(const Entry& entry, const Random& wanted, TlsSecrets& out) noexcept {
    constexpr auto acquire = std::memory_order_acquire;
    for (int tries = 0; tries < most_tries; ++tries) {
        const auto before = entry.turn.load(acquire);
        bool is_it = entry.age.load(acquire) != 0;
        for (std::size_t i = 0; i < wanted.size(); ++i) is_it = is_it && entry.random[i].load(acquire) == wanted[i];
        const auto sizes = entry.sizes.load(acquire);
        for (std::size_t kind = 0; is_it && kind < tls_secret_kinds; ++kind) {
            auto& secret = out.of[kind];
            secret.size = std::min<std::uint8_t>(static_cast<std::uint8_t>(sizes >> 8 * kind), TlsSecret::most_bytes);
            for (std::size_t i = 0; i < secret_words; ++i) {
                const auto value = entry.secrets[kind][i].load(acquire);
                std::memcpy(secret.bytes.data() + 8 * i, &value, sizeof value);
            }
        }
        if (before % 2 == 0 && entry.turn.load(std::memory_order_relaxed) == before) return is_it;
    }
    return false;  // Being written all the time: not known yet.
}

bool KeyLog::find(Bytes client_random, TlsSecrets& out) const noexcept {
    Random wanted;
    if (client_random.size() != random_bytes) return false;
    std::memcpy(wanted.data(), client_random.data(), random_bytes);
    const Entry* const set = set_of(wanted);
    return std::any_of(set, set + ways, [&](const Entry& one) { return read(one, wanted, out); });
}

}  // namespace wiresage
