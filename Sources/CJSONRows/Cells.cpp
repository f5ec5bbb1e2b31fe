#include "Reader.h"
#include "Scalars.h"
#include "Unicode.h"

namespace cjr {

namespace {

enum CellKind : uint8_t { null = 0, integer = 1, real = 2, text = 3 };
}  // namespace

void Reader::misfit(uint16_t column) {
    misfitCounts_[column] += 1;
    memberMisfit_ = true;
}

/// Names come again in many rows that follow each other: one that is what the column had last has been checked and
/// decoded already, and shares its bytes. False for any other; nothing is passed over then.
bool Reader::passRepeatedText(uint16_t column) {
    const LastText &last = lastTexts_[column];
    if (last.raw.data() == nullptr || !same(tokens_.inner(tokens_.position), last.raw)) return false;
    cell(column) = last.cell;
    tokens_.position += 1;
    return true;
}

/// Stores the scalar at token `at`, which is not null.
void Reader::storeScalar(uint16_t column, uint32_t at) {
    uint8_t kind = plan_->columns[column].kind;
    if (kind == CJRKindJSON) {
        storeJSON(column, at);
        return;
    }
    std::string_view raw = tokens_.token(at);
    bool isQuoted = raw[0] == '"';
    std::string_view written;
    size_t repaired = tokens_.repaired;
    if (isQuoted) {
        raw = raw.substr(1, raw.size() - 2);
        written = raw;
        if (tokens_.hasEscapes(raw)) {
            scratch_.clear();
            tokens_.repaired += decodeEscapes(raw, scratch_);
            raw = scratch_.view();
        }
    }
    CJRCell &stored = cell(column);
    if (!convert(kind, raw, isQuoted, stored)) {
        stored = {0, 0, null};
        misfit(column);
    } else if (kind == CJRKindMinorMoney) {
        pending_.push_back({column, memberName_});
    } else if (isQuoted && stored.kind == text && tokens_.repaired == repaired) {
        lastTexts_[column] = {written, stored};
    }
}

/// Reads `raw`, decoded if it was quoted; false when it does not fit.
bool Reader::convert(uint8_t kind, std::string_view raw, bool isQuoted, CJRCell &cell) {
    int64_t number = 0;
    switch (kind) {
    case CJRKindText:
        // An id may come as a number, whose digits are the text; true and false are no text.
        if (!isQuoted && (raw[0] == 't' || raw[0] == 'f')) return false;
        storeText(cell, raw);
        return true;
    case CJRKindDate:
        if (!isDay(raw)) return false;
        // Of a moment the day that is written in it.
        storeText(cell, raw.substr(0, 10));
        return true;
    case CJRKindDayFirst: {
        char written[10];
        if (!dayFirst(raw, written)) return false;
        storeText(cell, {written, sizeof written});
        return true;
    }
    case CJRKindOpenInstant:
        if (scaledInteger(raw, 0, Excess::refuse, number) && number == 0) return true;
        return instantMicroseconds(raw, number) && storeInstant(number, cell);
    case CJRKindInstant:
        return instantMicroseconds(raw, number) && storeInstant(number, cell);
    case CJRKindReal:
        return storeReal(raw, cell);
    case CJRKindBoolean:
        return booleanWord(raw, number) && storeInteger(number, cell);
    case CJRKindMoney:
        return scaledInteger(raw, 6, Excess::roundHalfUp, number) && storeInteger(number, cell);
    default:
        return scaledInteger(raw, 0, Excess::refuse, number) && storeInteger(number, cell);
    }
}

bool Reader::storeInteger(int64_t value, CJRCell &cell) {
    cell = {uint64_t(value), 0, integer};
    return true;
}

bool Reader::storeReal(std::string_view raw, CJRCell &cell) {
    double value = 0;
    if (!realNumber(raw, value)) return false;
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    cell = {bits, 0, real};
    return true;
}

bool Reader::storeInstant(int64_t microseconds, CJRCell &cell) {
    char written[24];
    if (!writeInstant(microseconds, written)) return false;
    storeText(cell, {written, sizeof written});
    return true;
}

/// The value from token `from` to the present one, as it is but without white space.
void Reader::storeJSON(uint16_t column, uint32_t from) {
    size_t start = text_.size();
    tokens_.copy(from, tokens_.position, text_);
    cell(column) = {start, uint32_t(text_.size() - start), text};
}

/// A constant that does not fit stays without a value, so that its rows are rejected if it is a key.
void Reader::storeConstant(uint16_t column, std::string_view value) {
    CJRCell &stored = cell(column);
    uint8_t kind = plan_->columns[column].kind;
    if (kind == CJRKindJSON) {
        storeText(stored, value);
    } else if (!convert(kind, value, true, stored)) {
        misfitCounts_[column] += 1;
    } else if (kind == CJRKindMinorMoney) {
        int64_t micros;
        stored = __builtin_mul_overflow(int64_t(stored.bits), defaultUnit_, &micros)
            ? CJRCell{0, 0, null}
            : CJRCell{uint64_t(micros), 0, integer};
    }
}

/// Minor units become micros when the whole row was read, for its currency may come last.
void Reader::settleAmounts() {
    for (const PendingAmount &amount : pending_) {
        CJRCell &stored = cell(amount.column);
        int64_t micros;
        if (!__builtin_mul_overflow(int64_t(stored.bits), unit_, &micros)) {
            stored.bits = uint64_t(micros);
            continue;
        }
        stored = {0, 0, null};
        misfit(amount.column);
        keepInExtra(amount.name);
    }
}

void Reader::storeText(CJRCell &cell, std::string_view value) {
    cell = {text_.size(), uint32_t(value.size()), text};
    text_.append(value);
}

}  // namespace cjr
