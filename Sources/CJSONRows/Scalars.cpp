#include "Scalars.h"
#include <charconv>

namespace cjr {

namespace {

bool isDigit(char c) { return c >= '0' && c <= '9'; }

size_t digitsEnd(std::string_view text, size_t at) {
    while (at < text.size() && isDigit(text[at])) ++at;
    return at;
}

/// A decimal number in parts: value = ±digits × 10^exponent, where `digits` are those of `whole` and
/// `fraction` one after the other.
struct Decimal {
    std::string_view whole, fraction;
    int64_t exponent = 0;
    bool negative = false;

    char digit(size_t i) const { return i < whole.size() ? whole[i] : fraction[i - whole.size()]; }
    size_t count() const { return whole.size() + fraction.size(); }
};

/// Beyond this an exponent is out of every range, and sums with it cannot overflow.
constexpr int64_t farExponent = 1'000'000'000;

bool readDecimal(std::string_view text, Decimal &out) {
    size_t at = 0;
    if (!text.empty() && text[0] == '-') {
        out.negative = true;
        at = 1;
    }
    size_t end = digitsEnd(text, at);
    out.whole = text.substr(at, end - at);
    at = end;
    if (at < text.size() && text[at] == '.') {
        end = digitsEnd(text, at + 1);
        out.fraction = text.substr(at + 1, end - at - 1);
        at = end;
    }
    if (out.whole.empty() && out.fraction.empty()) return false;
    int64_t exponent = 0;
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        at += 1;
        bool negative = at < text.size() && text[at] == '-';
        if (at < text.size() && (text[at] == '-' || text[at] == '+')) at += 1;
        end = digitsEnd(text, at);
        if (end == at) return false;
        for (; at < end; ++at) {
            if (exponent < farExponent) exponent = exponent * 10 + (text[at] - '0');
        }
        if (negative) exponent = -exponent;
    }
    out.exponent = exponent - int64_t(out.fraction.size());
    return at == text.size();
}

constexpr double powersOfTen[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

}  // namespace

bool isJSONNumber(std::string_view text) {
    size_t at = !text.empty() && text[0] == '-' ? 1 : 0;
    size_t end = digitsEnd(text, at);
    if (end == at || (text[at] == '0' && end > at + 1)) return false;
    at = end;
    if (at < text.size() && text[at] == '.') {
        end = digitsEnd(text, at + 1);
        if (end == at + 1) return false;
        at = end;
    }
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        at += 1;
        if (at < text.size() && (text[at] == '-' || text[at] == '+')) at += 1;
        end = digitsEnd(text, at);
        if (end == at) return false;
        at = end;
    }
    return at == text.size();
}

/// The usual case at speed: plain digits with at most `scale` decimals, far from any limit.
static bool shortScaledInteger(std::string_view text, int scale, int64_t &value) {
    static constexpr int64_t powers[] = {1, 10, 100, 1000, 10'000, 100'000, 1'000'000};
    if (text.size() > 12 || scale > 6) return false;
    int64_t digits = 0;
    int decimals = -1;
    for (size_t i = 0; i < text.size(); ++i) {
        if (isDigit(text[i])) {
            digits = digits * 10 + (text[i] - '0');
            decimals += decimals >= 0 ? 1 : 0;
        } else if (text[i] == '.' && decimals < 0) {
            decimals = 0;
        } else {
            return false;
        }
    }
    if (!isDigit(text.empty() ? '.' : text.back()) || decimals > scale) return false;
    value = digits * powers[scale - (decimals < 0 ? 0 : decimals)];
    return true;
}

bool scaledInteger(std::string_view text, int scale, Excess excess, int64_t &value) {
    if (shortScaledInteger(text, scale, value)) return true;
    Decimal number;
    if (!readDecimal(text, number)) return false;
    size_t start = 0, count = number.count();
    while (start < count && number.digit(start) == '0') ++start;
    if (start == count) {
        value = 0;
        return true;
    }
    int64_t shift = number.exponent + scale;
    int64_t kept = int64_t(count - start) + shift;  // digits of the result
    if (kept > 19) return false;
    uint64_t magnitude = 0;
    size_t i = start;
    for (int64_t k = 0; k < kept; ++k) {
        uint64_t digit = i < count ? uint64_t(number.digit(i++) - '0') : 0;
        if (__builtin_mul_overflow(magnitude, uint64_t(10), &magnitude)) return false;
        if (__builtin_add_overflow(magnitude, digit, &magnitude)) return false;
    }
    if (excess == Excess::refuse) {
        for (; i < count; ++i) {
            if (number.digit(i) != '0') return false;
        }
    } else if (i < count && kept >= 0 && number.digit(i) >= '5') {
        magnitude += 1;
    }
    uint64_t limit = uint64_t(INT64_MAX) + (number.negative ? 1 : 0);
    if (magnitude > limit) return false;
    value = number.negative ? int64_t(0 - magnitude) : int64_t(magnitude);
    return true;
}

bool realNumber(std::string_view text, double &value) {
    Decimal number;
    if (!readDecimal(text, number)) return false;
    if (number.count() <= 15 && number.exponent >= -22 && number.exponent <= 22) {
        // Both are exact, so that one operation rounds correctly.
        uint64_t digits = 0;
        for (char c : number.whole) digits = digits * 10 + uint64_t(c - '0');
        for (char c : number.fraction) digits = digits * 10 + uint64_t(c - '0');
        double magnitude = number.exponent < 0 ? double(digits) / powersOfTen[-number.exponent]
                                               : double(digits) * powersOfTen[number.exponent];
        value = number.negative ? -magnitude : magnitude;
        return true;
    }
    auto result = std::from_chars(text.data(), text.data() + text.size(), value);
    return result.ec == std::errc() && result.ptr == text.data() + text.size();
}

bool booleanWord(std::string_view text, int64_t &value) {
    value = text == "true" || text == "1" ? 1 : 0;
    return value == 1 || text == "false" || text == "0";
}

}  // namespace cjr
