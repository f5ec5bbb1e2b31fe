#include "Unicode.h"
#include <cstdlib>
#include <new>

namespace cjr {

void Buffer::enlarge(size_t count) {
    size_t wanted = capacity_ < 4096 ? 4096 : capacity_ * 2;
    if (wanted < size_ + count) wanted = size_ + count;
    void *moved = realloc(data_, wanted);
    if (moved == nullptr) throw std::bad_alloc();
    data_ = static_cast<uint8_t *>(moved);
    capacity_ = wanted;
}

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

/// Length of the UTF-8 sequence at `p`, or minus the length of the broken part to replace.
int sequence(const uint8_t *p, size_t left) {
    uint8_t lead = p[0];
    if (lead < 0x80) return 1;
    int length = lead >= 0xC2 && lead <= 0xDF ? 2 : (lead & 0xF0) == 0xE0 ? 3 : lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
    if (length == 0) return -1;
    uint8_t low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    uint8_t high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    for (int i = 1; i < length; ++i) {
        if (size_t(i) >= left || p[i] < low || p[i] > high) return -i;
        low = 0x80;
        high = 0xBF;
    }
    return length;
}

int hexDigit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// The four digits at `at`, or -1.
int codeUnit(std::string_view text, size_t at) {
    if (at + 4 > text.size()) return -1;
    int value = 0;
    for (size_t i = at; i < at + 4; ++i) {
        int digit = hexDigit(text[i]);
        if (digit < 0) return -1;
        value = value * 16 + digit;
    }
    return value;
}

/// The unit of a `\uXXXX` that begins at `at`, or -1.
int escapedUnit(std::string_view text, size_t at) {
    if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u') return -1;
    return codeUnit(text, at + 2);
}

bool isHigh(int unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
bool isLow(int unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

void appendScalar(uint32_t scalar, Buffer &out) {
    if (scalar < 0x80) {
        out.push(uint8_t(scalar));
    } else if (scalar < 0x800) {
        out.push(uint8_t(0xC0 | scalar >> 6));
        out.push(uint8_t(0x80 | (scalar & 0x3F)));
    } else if (scalar < 0x10000) {
        out.push(uint8_t(0xE0 | scalar >> 12));
        out.push(uint8_t(0x80 | (scalar >> 6 & 0x3F)));
        out.push(uint8_t(0x80 | (scalar & 0x3F)));
    } else {
        out.push(uint8_t(0xF0 | scalar >> 18));
        out.push(uint8_t(0x80 | (scalar >> 12 & 0x3F)));
        out.push(uint8_t(0x80 | (scalar >> 6 & 0x3F)));
        out.push(uint8_t(0x80 | (scalar & 0x3F)));
    }
}

char plainEscape(char c) {
    switch (c) {
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return c;  // quote, backslash, slash
    }
}

}  // namespace

size_t repairUTF8(std::string_view text, Buffer &out) {
    auto bytes = reinterpret_cast<const uint8_t *>(text.data());
    size_t repaired = 0, start = 0, i = 0;
    while (i < text.size()) {
        int length = sequence(bytes + i, text.size() - i);
        if (length > 0) {
            i += size_t(length);
            continue;
        }
        out.append(text.substr(start, i - start));
        out.append(replacement);
        repaired += 1;
        i += size_t(-length);
        start = i;
    }
    out.append(text.substr(start));
    return repaired;
}

size_t decodeEscapes(std::string_view text, Buffer &out) {
    size_t repaired = 0, i = 0;
    while (i < text.size()) {
        size_t backslash = text.find('\\', i);
        if (backslash == std::string_view::npos) break;
        out.append(text.substr(i, backslash - i));
        int unit = escapedUnit(text, backslash);
        if (unit < 0) {
            out.push(uint8_t(plainEscape(text[backslash + 1])));
            i = backslash + 2;
            continue;
        }
        i = backslash + 6;
        uint32_t scalar = uint32_t(unit);
        if (isHigh(unit) && isLow(escapedUnit(text, i))) {
            scalar = 0x10000 + ((scalar - 0xD800) << 10) + uint32_t(escapedUnit(text, i) - 0xDC00);
            i += 6;
        } else if (isHigh(unit) || isLow(unit)) {
            scalar = 0xFFFD;
            repaired += 1;
        }
        appendScalar(scalar, out);
    }
    out.append(text.substr(i));
    return repaired;
}

size_t copyEscaped(std::string_view text, Buffer &out) {
    size_t repaired = 0, i = 0;
    while (i < text.size()) {
        size_t backslash = text.find('\\', i);
        if (backslash == std::string_view::npos) break;
        out.append(text.substr(i, backslash - i));
        int unit = escapedUnit(text, backslash);
        size_t length = unit < 0 ? 2 : isHigh(unit) && isLow(escapedUnit(text, backslash + 6)) ? 12 : 6;
        if (length == 6 && (isHigh(unit) || isLow(unit))) {
            out.append("\\ufffd");
            repaired += 1;
        } else {
            out.append(text.substr(backslash, length));
        }
        i = backslash + length;
    }
    out.append(text.substr(i));
    return repaired;
}

bool escapesAreValid(std::string_view text) {
    size_t i = 0;
    while ((i = text.find('\\', i)) != std::string_view::npos) {
        if (i + 1 >= text.size()) return false;
        switch (text[i + 1]) {
        case '"': case '\\': case '/': case 'b': case 'f': case 'n': case 'r': case 't':
            i += 2;
            break;
        case 'u':
            if (codeUnit(text, i + 2) < 0) return false;
            i += 6;
            break;
        default:
            return false;
        }
    }
    return true;
}

}  // namespace cjr
