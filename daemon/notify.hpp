// What systemd is told (sd_notify(3)); nothing happens where there is no systemd.
#pragma once

#include <chrono>
#include <string>

namespace wiresage {

void notify_ready(const std::string& status);
void notify_reloading();
void notify_stopping();
void notify_watchdog();

/// How often the watchdog wants to be fed, halved; zero: no watchdog.
std::chrono::milliseconds watchdog_interval();

}  // namespace wiresage
