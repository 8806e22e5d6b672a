// Secrets sent in the clear, told once and then summed.
#include "app/logins.hpp"

#include "fact/texts.hpp"

namespace wiresage {

void Logins::tell(LoginProtocol protocol, std::string_view user, AppContext& context) noexcept {
    const auto& talk = context.talk;
    for (std::size_t i = 0; i < used_; ++i) {
        auto& entry = entries_[i];
        const auto& login = entry.login;
        if (login.client.ip != talk.client.ip || login.server != talk.server || login.protocol != protocol ||
            entry.vlan != talk.vlan) {
            continue;
        }
        ++entry.login.times;
        return;
    }
    const CleartextLogin told{talk.client, talk.server, 1, protocol};
    TextWriter texts;
    texts.add(user, 64);
    if (!context.teller.tell(talk, told, texts.written(), static_cast<std::size_t>(protocol))) return;
    const bool full = used_ == most;
    const std::size_t at = full ? next_++ % most : used_++;
    if (full && entries_[at].login.times > 0) context.teller.sum(entries_[at].vlan, entries_[at].login);
    entries_[at] = {told, context.at.time, talk.vlan};
    entries_[at].login.times = 0;
}

bool Logins::tick(AppContext& context) noexcept {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < used_; ++i) {
        auto entry = entries_[i];
        if (context.at.time - entry.told >= sum_over) {
            if (entry.login.times == 0) continue;  // Quiet: forgotten.
            context.teller.sum(entry.vlan, entry.login);
            entry.told = context.at.time;
            entry.login.times = 0;
        }
        entries_[kept++] = entry;
    }
    used_ = kept;
    return used_ > 0;
}

}  // namespace wiresage
