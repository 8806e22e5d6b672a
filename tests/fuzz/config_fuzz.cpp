// Fuzz target: the configuration's reader over any text.  Whatever it is, reading ends without throwing, what it says
// is bounded and printable, and reading it again gives the same.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/log.hpp"
#include "unit/settings/sample_rules.hpp"

namespace {

using namespace wiresage;

constexpr std::size_t most_message_bytes = 4'096;

void require(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text{reinterpret_cast<const char*>(data), size};
    const auto first = testing::read_sample(text);
    const auto second = testing::read_sample(text);

    require(first.errors.size() == second.errors.size() && first.errors.size() <= 100);
    for (std::size_t i = 0; i < first.errors.size(); ++i) {
        const auto line = first.errors[i].text();
        require(line == second.errors[i].text());
        require(line.size() <= most_message_bytes && printable(line, 4 * most_message_bytes) == line);
    }
    require(first.configuration.rules.size() == testing::sample_rules.size());
    require(describe_change(first.configuration, second.configuration).empty());
    return 0;
}
