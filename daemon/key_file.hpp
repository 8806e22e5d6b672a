// The file of tls.keylog: what is there, and what is appended.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "app/key_log.hpp"

namespace wiresage {

/// A file descriptor that is closed when it goes; -1: none.
class Descriptor {
public:
    explicit Descriptor(int number = -1) noexcept : number_{number} {}
    Descriptor(Descriptor&& other) noexcept : number_{std::exchange(other.number_, -1)} {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~Descriptor();
    int get() const noexcept { return number_; }

private:
    int number_;
};

/// Opened once, before privileges are dropped, and read on from there.  A file that was cut off or replaced is read
/// from its beginning, where it may still be opened.
class KeyFile {
public:
    /// Null where the path is empty.  Throws StartupError where it cannot be opened.  `watched`: it will be polled.
    static std::unique_ptr<KeyFile> open(const std::string& path, bool watched);

    /// Reads what was appended.  One thread.
    void poll();
    /// Readable where the file changed (inotify); -1 where the kernel does not tell: then only poll() does.
    int changes() const noexcept { return changes_.get(); }

    const KeyLog& keys() const noexcept { return keys_; }

private:
    KeyFile(std::string path, Descriptor file, bool watched);
    void watch();
    void follow();
    void read_on();

    std::string path_;
    Descriptor file_;
    Descriptor changes_;
    KeyLog keys_;
};

}  // namespace wiresage
