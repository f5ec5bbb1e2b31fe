#pragma once
#include "Bytes.h"
#include <string>
#include <string_view>

namespace cjr {

/// Not JSON: where, and what was wrong, in constant words.
struct Malformed {
    const char *message;
    size_t offset;
};

/// A strict walk over the tokens of a body. All that is passed over is checked: brackets match, commas and
/// colons stand where they must, numbers and literals are well formed, escapes are known.
class Tokens {
public:
    static constexpr uint32_t maxDepth = 1024;

    Tokens() = default;
    Tokens(std::string_view body, const uint32_t *starts, uint32_t count);

    uint32_t position = 0;
    /// Lone surrogates that became U+FFFD while copying or decoding.
    size_t repaired = 0;

    bool atEnd() const { return position >= count_; }
    /// First byte of the present token, 0 after the last.
    char first() const { return position < count_ ? body_[starts_[position]] : 0; }

    /// The bytes of token `at`, without the white space after it.
    std::string_view token(uint32_t at) const {
        uint32_t end = starts_[at + 1];
        while (isSpace(body_[end - 1])) --end;
        return {body_ + starts_[at], end - starts_[at]};
    }
    /// The bytes of tokens [from, to), without the white space after them.
    std::string_view text(uint32_t from, uint32_t to) const {
        std::string_view last = token(to - 1);
        return {body_ + starts_[from], size_t(last.data() + last.size() - (body_ + starts_[from]))};
    }
    /// One behind the bracket that closes the one at the present token, 0 when there is none. Looks at brackets only.
    uint32_t closing() const {
        uint32_t depth = 0;
        for (uint32_t at = position; at < count_; ++at) {
            // Both kinds of brackets differ in one bit.
            uint8_t kind = uint8_t(body_[starts_[at]]) | 0x20;
            depth += uint32_t(kind == '{') - uint32_t(kind == '}');
            if (depth == 0) return at + 1;
        }
        return 0;
    }
    /// What stands between the quotes of string token `at`, undecoded.
    std::string_view inner(uint32_t at) const {
        std::string_view whole = token(at);
        return whole.substr(1, whole.size() - 2);
    }
    bool hasEscapes(std::string_view text) {
        const char *end = text.data() + text.size();
        if (text.data() >= plainFrom_ && end <= plainTo_) return false;
        return searchEscapes(text.data(), end);
    }
    /// The inner text of string token `at`, decoded into `scratch` if it must be.
    std::string_view decoded(uint32_t at, Buffer &scratch) {
        std::string_view text = inner(at);
        return hasEscapes(text) ? decodeInto(text, scratch) : text;
    }

    /// Passes over one value of any kind.
    void skip() {
        if (first() == '"') passString();
        else skipOther();
    }
    /// Passes over a string, checking its escapes. Stage 1 has closed it, so the token's last byte is a quote.
    void passString() {
        const char *from = body_ + starts_[position], *to = body_ + starts_[position + 1];
        if (from < plainFrom_ || to > plainTo_) checkEscapes();
        position += 1;
    }
    /// Passes over a member's name and colon; returns the name's token.
    uint32_t passName() {
        uint32_t name = position;
        if (first() != '"') fail("a member without a name");
        passString();
        if (first() != ':') fail("a name without a colon");
        position += 1;
        return name;
    }
    /// Whether a member of this name comes, written without escapes: then two tokens may be passed.
    bool isName(std::string_view name) const {
        if (position + 1 >= count_) return false;
        const char *from = body_ + starts_[position], *to = body_ + starts_[position + 1];
        return size_t(to - from) >= name.size() + 2 && *from == '"' && from[name.size() + 1] == '"' && *to == ':'
            && same({from + 1, name.size()}, name);
    }
    /// After a member or element: true for a comma (passed), false for the closing `end` (passed).
    bool passSeparator(char end) {
        char byte = first();
        if (byte != ',' && byte != end) failSeparator();
        position += 1;
        return byte == ',';
    }

    /// Appends the tokens [from, to) as compact JSON.
    void copy(uint32_t from, uint32_t to, Buffer &out);

    [[noreturn]] void fail(const char *message) const;

    static bool isSpace(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

private:
    void passScalar();
    static std::string_view decodeInto(std::string_view text, Buffer &scratch);
    void skipOther();
    void checkEscapes();
    [[noreturn]] void failSeparator() const;
    bool searchEscapes(const char *from, const char *to);

    const char *body_ = nullptr;
    const uint32_t *starts_ = nullptr;
    uint32_t count_ = 0;
    uint32_t length_ = 0;
    /// There is no backslash from here to there: tokens are mostly visited in order, so that the body is
    /// searched about once.
    const char *plainFrom_ = nullptr, *plainTo_ = nullptr;
};

}  // namespace cjr
