// What can be wrong with a capture file: values, reported at the end, never thrown.
#pragma once

#include <cstdint>
#include <string>

namespace wiresage {

struct FileError {
    enum class Kind : std::uint8_t {
        unreadable,         ///< The system refuses to open or read it.
        empty,              ///< No byte in it.
        foreign,            ///< Neither pcap nor pcapng.
        truncated,          ///< It ends within a packet or block; everything before was delivered.
        corrupt,            ///< It contradicts itself; everything before was delivered.
        link_type,          ///< Its packets are of a link type that is not understood: refused as a whole.
        foreign_interface,  ///< Some of its packets are: those are delivered all the same, and not understood.
        filter,             ///< The filter does not compile for its link type: refused as a whole.
        too_many_inputs,    ///< More interfaces over all files than InputList::most; reading ends here.
    };

    Kind kind = Kind::unreadable;
    std::string file;          ///< As it was given, with its folder.
    std::string what;          ///< In words, for people.
    std::uint64_t offset = 0;  ///< In the file, or in what it inflates to; 0 where that has no meaning.

    /// True where the source must give nothing of this file: nothing was delivered from it.
    bool is_refusal() const noexcept {
        return kind == Kind::unreadable || kind == Kind::empty || kind == Kind::foreign || kind == Kind::link_type ||
               kind == Kind::filter;
    }

    /// One line: file, what, where.
    std::string message() const {
        const bool has_place = kind == Kind::truncated || kind == Kind::corrupt || kind == Kind::too_many_inputs;
        return file + ": " + what + (has_place ? " (byte " + std::to_string(offset) + ")" : "");
    }
};

}  // namespace wiresage
