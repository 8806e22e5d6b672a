// Names, identity and small helpers of findings and alerts.

#include "alert/alert.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>

namespace wiresage {

namespace {

constexpr std::array<std::string_view, 4> severity_names{"info", "warning", "error", "critical"};
constexpr std::array<std::string_view, 3> confidence_names{"low", "medium", "high"};
constexpr std::array<std::string_view, 3> urgency_names{"note", "ticket", "page"};
constexpr std::array<std::string_view, 3> state_names{"firing", "update", "resolved"};

template <typename T>
void cut(std::vector<T>& list) {
    if (list.size() > Evidence::most_listed) list.resize(Evidence::most_listed);
}

}  // namespace

std::string_view name(Severity severity) noexcept { return severity_names[static_cast<std::size_t>(severity)]; }
std::string_view name(Confidence confidence) noexcept { return confidence_names[static_cast<std::size_t>(confidence)]; }
std::string_view name(Urgency urgency) noexcept { return urgency_names[static_cast<std::size_t>(urgency)]; }
std::string_view name(AlertState state) noexcept { return state_names[static_cast<std::size_t>(state)]; }

std::optional<Severity> parse_severity(std::string_view text) noexcept {
    for (std::size_t i = 0; i < severity_names.size(); ++i) {
        if (severity_names[i] == text) return static_cast<Severity>(i);
    }
    return {};
}

Confidence lowered(Confidence confidence) noexcept {
    return confidence == Confidence::high ? Confidence::medium : Confidence::low;
}

void Evidence::set(std::string_view key, std::vector<std::int64_t> list, std::uint64_t total) {
    cut(list);
    if (total > list.size()) totals_.emplace_back(fmt::format("{}_total", key), static_cast<std::int64_t>(total));
    items_.push_back({key, std::move(list)});
}

void Evidence::set(std::string_view key, std::vector<std::string> list, std::uint64_t total) {
    cut(list);
    if (total > list.size()) totals_.emplace_back(fmt::format("{}_total", key), static_cast<std::int64_t>(total));
    items_.push_back({key, std::move(list)});
}

const EvidenceValue* Evidence::find(std::string_view key) const noexcept {
    for (const auto& item : items_) {
        if (item.key == key) return &item.value;
    }
    return nullptr;
}

std::string with_vlan(std::string entity, std::uint16_t vlan) {
    return vlan == 0 ? entity : fmt::format("{} vlan {}", entity, vlan);
}

std::string alert_id(std::string_view rule, std::string_view entity, std::string_view observer) {
    std::string text{rule};
    text.append(1, '\0').append(entity).append(1, '\0').append(observer);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha256(), nullptr);
    std::string hex;
    for (std::size_t i = 0; i < 8; ++i) hex += fmt::format("{:02x}", digest[i]);
    return hex;
}

}  // namespace wiresage
