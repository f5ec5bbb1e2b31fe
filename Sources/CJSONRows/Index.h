#pragma once
#include <memory>
#include <string_view>

namespace cjr {

/// simdjson's structural index of a body: where each token starts. Kept apart, because its header is large.
class Index {
public:
    enum class Result { ok, empty, badUTF8, controlCharacter, unclosedString, tooLarge, noMemory, other };

    Index();
    ~Index();

    /// Checks the UTF-8 and finds the tokens. Never reads beyond the body's last byte.
    Result build(std::string_view body);

    /// Offsets of tokens; one more entry after the last holds the body's length.
    const uint32_t *starts() const;
    uint32_t count() const;

    /// Gives back the memory of an unusually large body.
    void trim(size_t keep);

private:
    struct Parser;
    std::unique_ptr<Parser> parser_;
};

}  // namespace cjr
