// Every rule, in the order of lib/rules/CMakeLists.txt.
#pragma once

#include <span>
#include <string_view>

#include "detect/rule.hpp"

namespace wiresage {

/// All rules; static data.
std::span<const RuleEntry* const> all_rules() noexcept;

/// The rule's page `<id>.md`, as compiled in; empty where there is no such rule.
std::string_view rule_page(std::string_view id) noexcept;

}  // namespace wiresage
