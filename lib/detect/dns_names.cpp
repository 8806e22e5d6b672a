// Kinds of names.
#include "detect/dns_names.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>

namespace wiresage {

namespace {

/// Zones of block and allow lists in wide use.
constexpr std::string_view list_zones[] = {"spamhaus.org",
                                           "spamhaus.net",
                                           "surbl.org",
                                           "uribl.com",
                                           "barracudacentral.org",
                                           "spamcop.net",
                                           "sorbs.net",
                                           "dnswl.org",
                                           "mailspike.net",
                                           "abuseat.org",
                                           "njabl.org",
                                           "spamrats.com",
                                           "psbl.surriel.com",
                                           "wpbl.info",
                                           "manitu.net",
                                           "dnsbl.info",
                                           "uceprotect.net",
                                           "backscatterer.org",
                                           "invaluement.com",
                                           "senderscore.com",
                                           "junkemailfilter.com",
                                           "nszones.com",
                                           "rfc-clueless.org",
                                           "support-intelligence.net",
                                           "ahbl.org",
                                           "dronebl.org",
                                           "efnetrbl.org",
                                           "blocklist.de",
                                           "spameatingmonkey.net",
                                           "truncate.gbudb.net",
                                           "hostkarma.com",
                                           "habeas.com",
                                           "isipp.com",
                                           "rbl.jp",
                                           "team-cymru.com",
                                           "ascams.com"};

/// Words in the names of lists' zones that are not in the table.
constexpr std::string_view list_words[] = {"dnsbl", "rbl", "dnswl", "dbl", "uribl", "rhsbl", "blocklist", "dnsxl"};

bool ends_with(std::string_view name, std::string_view end) noexcept {
    if (name.size() < end.size() || name.substr(name.size() - end.size()) != end) return false;
    return name.size() == end.size() || name[name.size() - end.size() - 1] == '.';
}

bool is_number(std::string_view label) noexcept {
    return !label.empty() && label.size() <= 3 &&
           std::all_of(label.begin(), label.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view take_label(std::string_view& rest) noexcept {
    const auto dot = std::min(rest.find('.'), rest.size());
    const auto label = rest.substr(0, dot);
    rest.remove_prefix(std::min(dot + 1, rest.size()));
    return label;
}

/// Begins with a reversed IPv4 address (four numbers), or with 32 nibbles of an IPv6 one.
bool begins_with_address(std::string_view name) noexcept {
    int numbers = 0;
    int nibbles = 0;
    for (auto rest = name; !rest.empty() && is_number(take_label(rest));) ++numbers;
    for (auto rest = name; !rest.empty() && take_label(rest).size() == 1;) ++nibbles;
    return numbers >= 4 || nibbles >= 32;
}

std::string_view last_two_labels(std::string_view name) noexcept {
    const auto last = name.rfind('.');
    if (last == std::string_view::npos || last == 0) return name;
    const auto before = name.rfind('.', last - 1);
    return before == std::string_view::npos ? name : name.substr(before + 1);
}

}  // namespace

std::string_view first_label(std::string_view name) noexcept {
    return name.substr(0, std::min(name.find('.'), name.size()));
}

bool is_list_lookup(std::string_view name) noexcept {
    if (begins_with_address(name)) return true;
    if (std::any_of(std::begin(list_zones), std::end(list_zones), [&](auto zone) { return ends_with(name, zone); }))
        return true;
    for (auto rest = name; !rest.empty();) {
        const auto label = take_label(rest);
        if (std::find(std::begin(list_words), std::end(list_words), label) != std::end(list_words)) return true;
    }
    return false;
}

bool is_host_name(std::string_view name) noexcept {
    if (name.find('.') == std::string_view::npos || name.find('_') != std::string_view::npos) return false;
    if (ends_with(name, "in-addr.arpa") || ends_with(name, "ip6.arpa") || ends_with(name, "local")) return false;
    return !is_list_lookup(name);
}

bool is_same_search(std::string_view a, std::string_view b) noexcept {
    if (a.size() < b.size()) std::swap(a, b);
    if (a == b) return true;
    if (a.substr(0, b.size()) == b && a[b.size()] == '.') return true;
    if (first_label(a) != first_label(b)) return false;
    const auto zone = last_two_labels(b);
    return zone.find('.') != std::string_view::npos && zone.size() < b.size() && last_two_labels(a) == zone;
}

}  // namespace wiresage
