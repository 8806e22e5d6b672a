// Records that wait for their keys.
#include "app/tls_waiting.hpp"

#include <algorithm>
#include <new>

namespace wiresage {

TlsWaiting::Place* TlsWaiting::place(std::uint64_t ticket) noexcept {
    auto* const found =
        std::find_if(places_.begin(), places_.end(), [&](const Place& one) { return one.ticket == ticket; });
    return ticket == 0 || found == places_.end() ? nullptr : found;
}

std::uint64_t TlsWaiting::take() noexcept {
    auto* const oldest = std::min_element(places_.begin(), places_.end(),
                                          [](const Place& a, const Place& b) { return a.ticket < b.ticket; });
    if (!oldest->bytes) oldest->bytes.reset(new (std::nothrow) std::uint8_t[most_bytes]);
    if (!oldest->bytes) return 0;
    oldest->used = 0;
    return oldest->ticket = ++last_ticket_;
}

bool TlsWaiting::add(std::uint64_t ticket, From from, const Moment& at, Bytes record) noexcept {
    Place* const mine = place(ticket);
    const Head head{at, static_cast<std::uint32_t>(record.size()), from};
    if (mine == nullptr || most_bytes - mine->used < sizeof head + record.size()) return false;
    std::memcpy(mine->bytes.get() + mine->used, &head, sizeof head);
    std::memcpy(mine->bytes.get() + mine->used + sizeof head, record.data(), record.size());
    mine->used += sizeof head + record.size();
    return true;
}

void TlsWaiting::give_back(std::uint64_t ticket) noexcept {
    if (Place* const mine = place(ticket)) mine->ticket = 0;
}

}  // namespace wiresage
