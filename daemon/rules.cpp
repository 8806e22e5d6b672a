// The rules subcommand: all rules with their thresholds, as a table or as JSON, or one of them explained.

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "daemon/commands.hpp"
#include "daemon/rules_json.hpp"
#include "rules/registry.hpp"
#include "settings/values.hpp"

namespace wiresage {

namespace {

std::string thresholds(const About& about) {
    std::string made;
    for (const auto& setting : about.settings) {
        made += fmt::format("{}{} {}", made.empty() ? "" : ", ", setting.name,
                            setting_text(setting.kind, setting.standard));
    }
    return made;
}

void print_table() {
    std::size_t id_width = 2;
    std::size_t name_width = 4;
    for (const auto* const entry : all_rules()) {
        id_width = std::max(id_width, entry->about->id.size());
        name_width = std::max(name_width, entry->about->name.size());
    }
    std::string out =
        fmt::format("{:{}}  {:8}  {:{}}  {}\n", "ID", id_width, "SEVERITY", "NAME", name_width, "THRESHOLDS");
    for (const auto* const entry : all_rules()) {
        const auto& about = *entry->about;
        out += fmt::format("{:{}}  {:8}  {:{}}  {}\n", about.id, id_width, name(about.severity), about.name, name_width,
                           thresholds(about));
    }
    std::fputs(out.c_str(), stdout);
}

int unknown_rule(const std::string& id) {
    std::vector<std::string_view> ids;
    for (const auto* const entry : all_rules()) ids.push_back(entry->about->id);
    const auto meant = did_you_mean(id, ids);
    const auto hint =
        meant.empty() ? std::string{"`wiresage rules` lists them"} : fmt::format("did you mean {}?", meant);
    std::fprintf(stderr, "wiresage: unknown rule %s; %s\n", printable(id, 64).c_str(), hint.c_str());
    return 2;
}

}  // namespace

int rules_command(bool json, const std::string& id) {
    if (!id.empty() && rule_page(id).empty()) return unknown_rule(id);
    if (json) {
        std::fputs((rules_as_json(default_configuration(all_rules()), id) + "\n").c_str(), stdout);
    } else if (id.empty()) {
        print_table();
    } else {
        std::fputs(std::string{rule_page(id)}.c_str(), stdout);
    }
    return std::fflush(stdout) == 0 ? 0 : 1;
}

}  // namespace wiresage
