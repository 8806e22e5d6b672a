// Passive DNS.
#include "detect/dns_memory.hpp"

#include <algorithm>

#include "fact/texts.hpp"

namespace wiresage {

void DnsMemory::see(const Fact& fact, const DnsReply& what) {
    if (what.news != DnsNews::resolved) return;
    TextReader texts{fact.texts()};
    const std::string name{texts.next()};
    const auto addresses = texts.next();
    for (std::size_t at = 0; at + 16 <= addresses.size(); at += 16) {
        Address address;
        std::copy_n(addresses.begin() + static_cast<std::ptrdiff_t>(at), 16, address.bytes.begin());
        const KnownName known{name, fact.at.time, std::chrono::seconds{what.ttl}};
        by_address_.at(address) = known;
        by_client_.at({what.client.ip, address}) = known;
    }
}

const KnownName* DnsMemory::lately(const KnownName* found, EventTime now) {
    if (found == nullptr || now - found->answered > std::max(found->lifetime, least_lifetime)) return nullptr;
    return found;
}

const KnownName* DnsMemory::of(const Address& address, EventTime now) const { return lately(by_address_.find(address), now); }

const KnownName* DnsMemory::asked(const Address& client, const Address& address, EventTime now) const {
    return lately(by_client_.find({client, address}), now);
}

}  // namespace wiresage
