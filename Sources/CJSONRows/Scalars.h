#pragma once
#include "Bytes.h"
#include <string_view>

namespace cjr {

/// Whether `text` is a number by the grammar of JSON.
bool isJSONNumber(std::string_view text);

/// What to do with digits beyond the wanted scale.
enum class Excess { refuse, roundHalfUp };

/// The decimal number `text` times 10^`scale` as an integer, by its digits and never through a double.
/// Exponents are understood, leading zeros allowed, a plus sign or a separator is not. Half a unit is
/// rounded away from zero. False for anything else, and when the result does not fit.
bool scaledInteger(std::string_view text, int scale, Excess excess, int64_t &value);

/// A finite double, correctly rounded.
bool realNumber(std::string_view text, double &value);

/// `true`, `false`, `1` or `0`.
bool booleanWord(std::string_view text, int64_t &value);

/// A day that exists, `2026-11-21`, and nothing else.
bool isDay(std::string_view text);

/// A day that exists, `21-11-2026` or `21.11.2026`, written to `out` as `2026-11-21`, 10 bytes.
bool dayFirst(std::string_view text, char *out);

/// Microseconds since 1970, from unix seconds or from ISO 8601 with an offset: `Z`, `+0700`, `+07:00`, `+07`,
/// and ` 0700`, which is a plus that was decoded as a space. Without an offset the moment is unknown: false.
bool instantMicroseconds(std::string_view text, int64_t &value);

/// `2026-11-21T03:04:05.678Z`, 24 bytes; false outside of the years 1 to 9999.
bool writeInstant(int64_t microseconds, char *out);

}  // namespace cjr
