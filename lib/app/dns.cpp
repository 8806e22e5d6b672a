// DNS: queries and what comes of them.
#include "app/dns.hpp"

#include <algorithm>

#include "app/app_counts.hpp"
#include "app/shared.hpp"
#include "fact/texts.hpp"

namespace wiresage {

namespace {

constexpr std::uint16_t dns_port = 53, netbios_port = 137, multicast_dns_port = 5353, llmnr_port = 5355;
constexpr Duration told_for = std::chrono::seconds{60};
constexpr std::size_t most_tcp_message = 16384;  // Longer ones are zone transfers, passed over.

namespace rcode {
constexpr std::uint8_t no_error = 0, server_failure = 2, name_error = 3, refused = 5;
}

bool has_port(const Conversation& talk, std::uint16_t port) noexcept {
    return talk.client.port == port || talk.server.port == port;
}

/// Nobody need answer these, and anybody may.
bool is_multicast(const Conversation& talk) noexcept {
    return has_port(talk, multicast_dns_port) || has_port(talk, llmnr_port) || talk.server.ip.is_multicast();
}

/// The bucket of DnsTally::times: each limit is the last one times the square root of two (99/70).
std::size_t bucket_of(Duration took) noexcept {
    std::int64_t limit = 250'000;
    std::size_t bucket = 0;
    while (bucket + 1 < DnsTally::most_times && took.count() > limit) {
        limit = limit * 99 / 70;
        ++bucket;
    }
    return bucket;
}

void add_zone(DnsTally& tally, std::uint64_t zone) noexcept {
    const auto hash = static_cast<std::uint32_t>(zone);
    const auto end = tally.zones.begin() + tally.zone_count;
    if (tally.zone_count == DnsTally::most_zones || std::find(tally.zones.begin(), end, hash) != end) return;
    tally.zones[tally.zone_count++] = hash;
}

/// Flags and counts that a message of today has.
bool is_plausible(const DnsMessage& message) noexcept {
    if (message.opcode != 0 || !message.has_question) return false;
    return message.response || (message.rcode == 0 && message.answers == 0);
}

/// Enough of a question for 16-bit types to mean something: no type beyond those assigned.
bool is_known_type(std::uint16_t type) noexcept {
    return (type >= 1 && type <= 110) || (type >= 249 && type <= 258) || type == 65281;
}

}  // namespace

std::size_t DnsShared::chain_of(std::uint32_t flow, std::uint16_t id) noexcept {
    return spread(std::uint64_t{flow} << 16 | id) % 1024;
}

DnsTally* DnsShared::tally(const Endpoint& server, std::uint16_t vlan) noexcept {
    const Key key{server, vlan};
    auto* const found = tallies_.at(key, AddressHash{}(server) + vlan);
    if (found != nullptr) found->server = server;
    return found;
}

void DnsShared::message(From from, const DnsMessage& message, bool over_tcp, AppContext& context) noexcept {
    const Conversation& talk = context.talk;
    const bool by_client = from == From::client;
    DnsReply made;
    // Who asks is the client, whoever began the flow as far as it was seen.
    const bool client_asks = by_client != message.response;
    made.client = client_asks ? talk.client : talk.server;
    made.server = client_asks ? talk.server : talk.client;
    made.name_hash = text_hash(message.name.text());
    made.zone_hash = text_hash(dns_zone(message.name.text()));
    made.type = message.type;
    made.id = message.id;
    made.rcode = message.rcode;
    made.over_tcp = over_tcp;
    made.asked = context.at.time;
    made.asked_stamp = context.at.stamp;
    made.asked_frame = context.at.frame;
    message.response ? answer(made, message, context) : query(made, talk);
}

DnsShared::Open* DnsShared::find(const DnsReply& made, const Conversation& talk) noexcept {
    for (auto at = chains_[chain_of(talk.flow, made.id)]; at != 0;) {
        Open& looked = open_[at - 1];
        if (looked.flow == talk.flow && looked.generation == talk.generation && looked.id == made.id &&
            looked.name_hash == made.name_hash && looked.type == made.type) {
            return &looked;
        }
        at = looked.next;
    }
    return nullptr;
}

void DnsShared::unlink(const Open& of, std::uint32_t number) noexcept {
    std::uint32_t* link = &chains_[chain_of(of.flow, of.id)];
    while (*link != 0 && *link != number + 1) link = &open_[*link - 1].next;
    if (*link != 0) *link = of.next;
}

void DnsShared::query(const DnsReply& made, const Conversation& talk) noexcept {
    if (find(made, talk) != nullptr) return;  // Asked again: it waits since the first time.
    if (!open_) open_ = std::make_unique<Open[]>(most_open);
    if (end_ - begin_ == most_open) {
        const auto oldest = static_cast<std::uint32_t>(begin_++ % most_open);
        if (open_[oldest].open) unlink(open_[oldest], oldest);
    }
    const auto number = static_cast<std::uint32_t>(end_++ % most_open);
    Open& opened = open_[number];
    opened.client = made.client;
    opened.server = made.server;
    opened.asked = made.asked;
    opened.asked_stamp = made.asked_stamp;
    opened.frame = made.asked_frame;
    opened.name_hash = made.name_hash;
    opened.zone_hash = made.zone_hash;
    opened.flow = talk.flow;
    opened.generation = talk.generation;
    opened.id = made.id;
    opened.type = made.type;
    opened.vlan = talk.vlan;
    opened.open = true;
    opened.over_tcp = made.over_tcp;
    auto& chain = chains_[chain_of(talk.flow, made.id)];
    opened.next = chain;
    chain = number + 1;
}

void DnsShared::answer(DnsReply made, const DnsMessage& message, AppContext& context) noexcept {
    const EventTime now = made.asked;
    auto* const sums = tally(made.server, context.talk.vlan);
    Open* const asked = find(made, context.talk);
    if (asked != nullptr) {
        made.asked = asked->asked;
        made.asked_stamp = asked->asked_stamp;
        made.asked_frame = asked->frame;
        made.query_seen = true;
        asked->open = false;
        unlink(*asked, static_cast<std::uint32_t>(asked - open_.get()));
    } else {
        made.asked_frame = 0;
    }
    made.recursive = message.recursion_desired && message.recursion_available;
    if (sums != nullptr) {
        ++sums->queries;
        ++sums->answered;
        sums->servfail += message.rcode == rcode::server_failure;
        sums->refused += message.rcode == rcode::refused;
        sums->name_errors += message.rcode == rcode::name_error;
        if (made.query_seen) {
            auto& times = sums->times[bucket_of(now - made.asked)];
            if (times != UINT16_MAX) ++times;
        }
        add_zone(*sums, made.zone_hash);
    }
    tell(made, message, context);
}

void DnsShared::tell(const DnsReply& told, const DnsMessage& message, AppContext& context) noexcept {
    DnsReply made = told;
    made.ttl = message.ttl;
    const bool asks_address = made.type == dns_type::a || made.type == dns_type::aaaa;
    if (made.rcode != rcode::no_error) {
        made.news = DnsNews::failed;
    } else if (message.address_count > 0) {
        made.news = DnsNews::resolved;
    } else if (asks_address && !message.truncated) {
        made.news = DnsNews::no_data;
    } else {
        return;
    }
    if (made.news != DnsNews::failed) {
        const auto hash = spread(made.name_hash + made.type) + AddressHash{}(made.client.ip) + message.address_count;
        if (told_.again(spread(hash), context.at.time, told_for)) return;
    }
    TextWriter texts;
    texts.add(message.name.text(), 255);
    std::array<char, DnsMessage::most_addresses * 16> raw;
    for (std::size_t i = 0; i < message.address_count; ++i) {
        std::memcpy(raw.data() + i * 16, message.addresses[i].bytes.data(), 16);
    }
    texts.add({raw.data(), message.address_count * std::size_t{16}});
    texts.add(message.canonical.text(), 255);
    context.teller.tell(context.talk, made, texts.written(), static_cast<std::size_t>(made.news));
}

bool DnsShared::tick(AppContext& context, EventTime capture_end) noexcept {
    for (; begin_ != end_; ++begin_) {
        const auto number = static_cast<std::uint32_t>(begin_ % most_open);
        Open& oldest = open_[number];
        if (oldest.open && context.at.time - oldest.asked < patience) break;
        if (!oldest.open) continue;
        oldest.open = false;
        unlink(oldest, number);
        if (capture_end < oldest.asked + patience) continue;  // The end of a capture is no outage.
        if (auto* const sums = tally(oldest.server, oldest.vlan)) {
            ++sums->queries;
            ++sums->silent;
            add_zone(*sums, oldest.zone_hash);
        }
        DnsReply made;
        made.client = oldest.client;
        made.server = oldest.server;
        made.asked = oldest.asked;
        made.asked_stamp = oldest.asked_stamp;
        made.asked_frame = oldest.frame;
        made.name_hash = oldest.name_hash;
        made.zone_hash = oldest.zone_hash;
        made.type = oldest.type;
        made.id = oldest.id;
        made.news = DnsNews::silent;
        made.over_tcp = oldest.over_tcp;
        made.query_seen = true;
        Conversation talk;
        talk.vlan = oldest.vlan;
        context.teller.tell(talk, made, {}, static_cast<std::size_t>(DnsNews::silent));
    }
    if (begin_ == end_) begin_ = end_ = 0;  // The first places again: they are in the cache.
    tallies_.flush([&](const Key& key, const DnsTally& tally) { context.teller.sum(key.vlan, tally); });
    return begin_ != end_;
}

bool recognise_dns(From, Bytes payload, const Conversation& talk) noexcept {
    if (has_port(talk, netbios_port)) return false;
    DnsMessage message;
    if (!read_dns(payload, message)) return false;
    if (has_port(talk, multicast_dns_port) || has_port(talk, llmnr_port)) return true;
    if (!is_plausible(message)) return false;
    return has_port(talk, dns_port) || (is_known_type(message.type) && !message.name.text().empty());
}

bool read_dns_datagram(From from, Bytes payload, std::size_t, AppContext& context) noexcept {
    DnsMessage message;
    const bool is_one = read_dns(payload, message);
    if (!is_one) return true;  // Cut off, or another kind among queries: no reason to give up.
    if (message.opcode == 0 && message.has_question && !is_multicast(context.talk)) {
        context.shared.dns.message(from, message, false, context);
    }
    return true;
}

Match recognise_dns_over_tcp(const FirstBytes& said) noexcept {
    if (said.client_port != dns_port && said.server_port != dns_port) return Match::no;
    const Bytes first = said.client.empty() ? said.server : said.client;
    if (first.size() < 2 + 12) return Match::maybe;
    const std::size_t length = std::size_t{first[0]} << 8 | first[1];
    DnsMessage message;
    return length >= 12 && read_dns(first.subspan(2), message) && message.opcode <= 5 ? Match::yes : Match::no;
}

Consumed DnsOverTcp::bytes(From from, Bytes shown, AppContext& context) noexcept {
    if (shown.size() < 2) return {};
    const std::size_t length = std::size_t{shown[0]} << 8 | shown[1];
    if (length < 12) return {.stop = true};
    if (length > most_tcp_message) return {.used = 2, .skip = length};
    if (shown.size() < 2 + length) return {};
    DnsMessage message;
    const bool is_one = read_dns(shown.subspan(2, length), message);
    if (is_one && context.counts != nullptr) context.counts->dns_message(message.response, message.rcode);
    if (is_one && message.opcode == 0 && message.has_question) {
        context.shared.dns.message(from, message, true, context);
    }
    return {.used = 2 + length};
}

}  // namespace wiresage
