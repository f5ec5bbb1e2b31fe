#pragma once
#include "Bytes.h"

namespace cjr {

/// Copies `text` and replaces each byte sequence that is not UTF-8 by U+FFFD (one per maximal part of a
/// broken sequence, as browsers do). Returns how many were replaced.
size_t repairUTF8(std::string_view text, Buffer &out);

/// Decodes what stands between the quotes of a JSON string whose escapes were checked. A lone surrogate
/// becomes U+FFFD; returns how many did.
size_t decodeEscapes(std::string_view text, Buffer &out);

/// Copies what stands between the quotes, escapes as they are, but lone surrogates replaced by `\ufffd`.
size_t copyEscaped(std::string_view text, Buffer &out);

/// Whether every escape between the quotes is one that JSON knows.
bool escapesAreValid(std::string_view text);

}  // namespace cjr
