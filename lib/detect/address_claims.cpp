// Who says where an address is.

#include "detect/address_claims.hpp"

#include <algorithm>

namespace wiresage {

namespace {

constexpr Duration answer_span = std::chrono::seconds{2};                // A reply later than this answers nobody.
constexpr Duration second_answer_span = std::chrono::milliseconds{200};  // Several that answer do so at once.
constexpr Duration between_span =
    std::chrono::seconds{60};  // The two halves of an interception; tools repeat in seconds.
constexpr std::size_t most_claimed = 16;
constexpr std::size_t most_told = 16;

}  // namespace

std::optional<AddressClaim> AddressClaims::see(const Fact& fact, const Neighbor& what) {
    if (what.probe || what.sender_ip.is_unspecified() || what.sender_ip.is_multicast()) return {};
    const auto now = fact.at.time;
    const bool to_all = what.announcement || what.target_ip.is_multicast();
    if (!what.reply && !to_all) asked_.at({what.target_ip, what.sender_ip}) = {now, {}};
    if (what.sender_mac.is_zero() || what.sender_mac.is_group()) return {};

    AddressClaim claim{what.sender_ip, what.sender_mac, {}, {}, false, false};
    if (what.reply && !to_all) {
        claim.told = what.target_ip;
        claim.told_mac = what.nd ? what.frame_target : what.target_mac;
        claim.unasked = !answers(claim, now);
        claim.intercepts = claim.unasked && intercepts(claim, now);
    } else {
        claim.unasked = to_all;
    }
    auto& claimed = stations_.at(claim.mac).claimed;
    if (claimed.size() < most_claimed && std::find(claimed.begin(), claimed.end(), claim.ip) == claimed.end())
        claimed.push_back(claim.ip);
    return claim;
}

bool AddressClaims::answers(const AddressClaim& claim, EventTime now) {
    auto* const asked = asked_.find({claim.ip, claim.told});
    if (asked == nullptr || now - asked->at > answer_span) return false;
    if (asked->answered == EventTime{}) asked->answered = now;
    return now - asked->answered <= second_answer_span;
}

bool AddressClaims::intercepts(const AddressClaim& claim, EventTime now) {
    auto& told = stations_.at(claim.mac).told;
    std::erase_if(told, [&](const Told& one) {
        return now - one.at > between_span || (one.ip == claim.ip && one.to == claim.told);
    });
    if (told.size() == most_told) told.erase(told.begin());
    told.push_back({claim.ip, claim.told, claim.told_mac, now});
    // To A: "I am B", and to B: "I am A", while it sends to A and B at other MACs than its own.
    return std::any_of(told.begin(), told.end(), [&](const Told& one) {
        return one.ip == claim.told && one.to == claim.ip && one.to_mac != claim.mac && claim.told_mac != claim.mac &&
               !one.to_mac.is_zero() && !claim.told_mac.is_zero();
    });
}

std::size_t AddressClaims::claimed_by(const MacAddress& mac) const {
    const auto* const station = stations_.find(mac);
    return station == nullptr ? 0 : station->claimed.size();
}

}  // namespace wiresage
