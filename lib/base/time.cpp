// Event time as text.

#include "base/time.hpp"

#include <fmt/format.h>

namespace wiresage {

std::string rfc3339(EventTime at) {
    using std::chrono::days, std::chrono::floor, std::chrono::hh_mm_ss, std::chrono::sys_time, std::chrono::year_month_day;
    const sys_time<std::chrono::nanoseconds> utc{at.time_since_epoch()};
    const auto day = floor<days>(utc);
    const year_month_day date{day};
    const hh_mm_ss clock{utc - day};
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                       clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

}  // namespace wiresage
