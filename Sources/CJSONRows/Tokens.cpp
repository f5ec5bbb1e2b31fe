#include "Tokens.h"
#include "Scalars.h"
#include "Unicode.h"

namespace cjr {

Tokens::Tokens(std::string_view body, const uint32_t *starts, uint32_t count)
    : body_(body.data()), starts_(starts), count_(count), length_(uint32_t(body.size())), plainFrom_(body.data()),
      plainTo_(body.data()) {}

void Tokens::fail(const char *message) const {
    throw Malformed{message, position < count_ ? starts_[position] : length_};
}

bool Tokens::searchEscapes(const char *from, const char *to) {
    if (from < plainFrom_) return memchr(from, '\\', size_t(to - from)) != nullptr;
    if (from >= plainTo_) {
        size_t left = size_t(body_ + length_ - from);
        auto found = static_cast<const char *>(memchr(from, '\\', left));
        plainFrom_ = from;
        plainTo_ = found == nullptr ? body_ + length_ : found;
    }
    return plainTo_ < to;
}

std::string_view Tokens::decodeInto(std::string_view text, Buffer &scratch) {
    scratch.clear();
    decodeEscapes(text, scratch);
    return scratch.view();
}

void Tokens::checkEscapes() {
    std::string_view text = inner(position);
    if (hasEscapes(text) && !escapesAreValid(text)) fail("an unknown escape in a string");
}

void Tokens::failSeparator() const {
    fail(atEnd() ? "it ends too early" : "a comma or a closing bracket is missing");
}

void Tokens::passScalar() {
    if (atEnd()) fail("it ends too early");
    std::string_view text = token(position);
    bool good = false;
    switch (text[0]) {
    case 't': good = text == "true"; break;
    case 'f': good = text == "false"; break;
    case 'n': good = text == "null"; break;
    default: good = isJSONNumber(text);
    }
    if (!good) fail("an unexpected character");
    position += 1;
}

void Tokens::skipOther() {
    // Depths of objects are ones, of lists zeros.
    uint64_t kinds[maxDepth / 64];
    uint32_t depth = 0;
    auto inObject = [&] { return (kinds[(depth - 1) / 64] >> ((depth - 1) % 64) & 1) != 0; };
    while (true) {
        char byte = first();
        if (byte == '{' || byte == '[') {
            if (depth == maxDepth) fail("it is nested too deeply");
            position += 1;
            if (first() == (byte == '{' ? '}' : ']')) {
                position += 1;
            } else {
                uint64_t bit = uint64_t(1) << (depth % 64);
                if (depth % 64 == 0) kinds[depth / 64] = 0;
                kinds[depth / 64] = byte == '{' ? kinds[depth / 64] | bit : kinds[depth / 64] & ~bit;
                depth += 1;
                if (byte == '{') passName();
                continue;
            }
        } else if (byte == '"') {
            passString();
        } else {
            passScalar();
        }
        while (true) {
            if (depth == 0) return;
            bool isObject = inObject();
            if (passSeparator(isObject ? '}' : ']')) {
                if (isObject) passName();
                break;
            }
            depth -= 1;
        }
    }
}

void Tokens::copy(uint32_t from, uint32_t to, Buffer &out) {
    std::string_view whole = text(from, to);
    bool mayBeLoose = false;
    for (char c : whole) mayBeLoose |= uint8_t(c) <= ' ';
    if (!mayBeLoose && !hasEscapes(whole)) {
        out.append(whole);
        return;
    }
    for (uint32_t at = from; at < to; ++at) {
        std::string_view piece = token(at);
        if (piece[0] == '"' && hasEscapes(piece)) {
            repaired += copyEscaped(piece, out);
        } else {
            out.append(piece);
        }
    }
}

}  // namespace cjr
