// wiresage: what is wrong on the network, why, with which evidence, and what to do next.

#include <malloc.h>

#include <csignal>
#include <cstdio>
#include <cstring>
#include <new>

#include "base/error.hpp"
#include "base/log.hpp"
#include "daemon/command_line.hpp"

int main(int argc, char** argv) {
    // Nearly all tables grow in one thread: one arena, which grows by a megabyte rather than page by page.
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_TOP_PAD, 1 << 20);
    std::signal(SIGPIPE, SIG_IGN);  // A reader that went away is a failed write, no reason to die.
    try {
        return wiresage::run_command_line(argc, argv);
    } catch (const wiresage::StartupError& error) {
        // Several lines are the configuration's errors: each begins with its place, as editors like it.
        std::fprintf(stderr, "%s%s\n", std::strchr(error.what(), '\n') == nullptr ? "wiresage: " : "", error.what());
        return error.exit_status();
    } catch (const std::bad_alloc&) {
        std::fprintf(stderr, "wiresage: not enough memory for the configured limits; lower limits.flows or pipeline.ring\n");
        return 1;
    }
}
