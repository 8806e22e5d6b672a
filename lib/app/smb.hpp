// SMB over TCP and over NetBIOS sessions: sessions refused, reads, lists asked of browsers.
#pragma once

#include <array>
#include <cstdint>

#include "app/parser.hpp"
#include "app/smb_messages.hpp"
#include "app/smb_reads.hpp"

namespace wiresage {

class SmbParser final : public StreamParser {
public:
    Consumed bytes(From from, Bytes shown, AppContext& context) noexcept override;
    Consumed gap(From from, Bytes unused, std::uint64_t missing, AppContext& context) noexcept override;
    void ended(From from, EndedBy how, AppContext& context) noexcept override;
    void release(AppContext& context) noexcept override;

private:
    /// Where a side stands in its stream.
    struct Side {
        std::uint64_t body = 0;    ///< So many bytes of a read's answer are still to come.
        std::uint64_t answer = 0;  ///< Bytes of the file that it holds.
        bool in_order = false;     ///< Frames follow one another since a frame was found.
    };
    /// The request of a stage that has no answer yet, or the last one.
    struct Asked {
        EventTime time;
        EventTime stamp;
        std::uint64_t frame = 0;
    };

    Consumed message(From from, Bytes shown, std::size_t length, AppContext& context) noexcept;
    Consumed body(From from, Bytes shown, AppContext& context) noexcept;
    Consumed control(From from, const SessionFrame& frame, Bytes shown, AppContext& context) noexcept;
    void smb1_request(const SmbMessage& head, Bytes message, AppContext& context) noexcept;
    void smb1_response(const SmbMessage& head, Bytes message, AppContext& context) noexcept;
    void smb2_request(const SmbMessage& head, Bytes message, AppContext& context) noexcept;
    void smb2_response(const SmbMessage& head, Bytes message, AppContext& context) noexcept;
    std::uint64_t file_bytes_of_answer(SmbKind kind, const SmbMessage& head, Bytes message,
                                       AppContext& context) noexcept;
    void asked(SmbStage stage, const AppContext& context) noexcept;
    void outcome(SmbStage stage, const SmbMessage& head, AppContext& context) noexcept;
    void tell(SmbStage stage, std::uint32_t status, bool netbios, AppContext& context) noexcept;
    void logon(const SmbLogonWord& word) noexcept;
    void list_asked(Bytes message, AppContext& context) noexcept;
    SmbReadTracker* tracker(AppContext& context) noexcept;
    void lost(AppContext& context) noexcept;

    std::array<Side, 2> sides_{};
    std::array<Asked, 3> asked_{};
    SmbText user_;
    SmbText share_;
    std::uint16_t reads_ = SmbReadPool::none;
    SmbDialect dialect_ = SmbDialect::unknown;
    SmbLogon logon_ = SmbLogon::unknown;
    std::uint16_t sought_ = 0;
    std::uint8_t accepted_told_ = 0;
    bool no_tracker_ = false;
    bool sealed_ = false;
};

Match recognise_smb(const FirstBytes& said) noexcept;

}  // namespace wiresage
