// The file of tls.keylog.

#include "daemon/key_file.hpp"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <string_view>

#include "base/error.hpp"

namespace wiresage {

namespace {

int open_for_reading(const std::string& path) noexcept {
    return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

}  // namespace

Descriptor::~Descriptor() {
    if (number_ >= 0) ::close(number_);
}

std::unique_ptr<KeyFile> KeyFile::open(const std::string& path, bool watched) {
    if (path.empty()) return nullptr;
    Descriptor file{open_for_reading(path)};
    struct stat about {};
    if (file.get() < 0 || ::fstat(file.get(), &about) != 0 || !S_ISREG(about.st_mode))
        throw StartupError{StartupError::Kind::system, path + ": the key log of tls.keylog cannot be read"};
    return std::unique_ptr<KeyFile>{new KeyFile{path, std::move(file), watched}};
}

KeyFile::KeyFile(std::string path, Descriptor file, bool watched)
    : path_{std::move(path)}, file_{std::move(file)}, keys_{watched} {
    if (watched) changes_ = Descriptor{::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)};
    watch();
    read_on();
}

void KeyFile::watch() {
    if (changes_.get() >= 0) ::inotify_add_watch(changes_.get(), path_.c_str(), IN_MODIFY);
}

void KeyFile::poll() {
    // What changed is read from the file itself.
    std::array<char, 4096> events;
    while (changes_.get() >= 0 && ::read(changes_.get(), events.data(), events.size()) > 0) {
    }
    follow();
    read_on();
}

/// Another file under the name, or the same one cut off.
void KeyFile::follow() {
    struct stat here {};
    struct stat named {};
    if (::fstat(file_.get(), &here) != 0) return;
    const bool replaced =
        ::stat(path_.c_str(), &named) == 0 && (named.st_ino != here.st_ino || named.st_dev != here.st_dev);
    if (replaced && S_ISREG(named.st_mode)) {
        Descriptor next{open_for_reading(path_)};
        if (next.get() < 0) return;  // Not ours to read; the old one stays.
        read_on();
        file_ = std::move(next);
        keys_.begin_anew();
        watch();
    } else if (here.st_size < ::lseek(file_.get(), 0, SEEK_CUR)) {
        ::lseek(file_.get(), 0, SEEK_SET);
        keys_.begin_anew();
    }
}

void KeyFile::read_on() {
    std::array<char, 65536> buffer;
    for (;;) {
        const auto count = ::read(file_.get(), buffer.data(), buffer.size());
        if (count <= 0) break;
        keys_.add(std::string_view{buffer.data(), static_cast<std::size_t>(count)});
    }
    OPENSSL_cleanse(buffer.data(), buffer.size());
}

}  // namespace wiresage
