// The values one rule runs with.

#include "detect/settings.hpp"

#include <cassert>

namespace wiresage {

RuleSettings::RuleSettings(std::span<const Setting> declared) : declared_{declared} {
    for (const auto& setting : declared) values_.push_back(setting.standard);
}

std::int64_t RuleSettings::operator[](std::string_view name) const {
    for (std::size_t i = 0; i < declared_.size(); ++i) {
        if (declared_[i].name == name) return values_[i];
    }
    assert(false && "a rule reads only settings that it declares");
    return 0;
}

void RuleSettings::set(std::string_view name, std::int64_t value) {
    for (std::size_t i = 0; i < declared_.size(); ++i) {
        if (declared_[i].name == name) values_[i] = value;
    }
}

}  // namespace wiresage
