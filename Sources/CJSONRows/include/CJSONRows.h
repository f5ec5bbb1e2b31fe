#pragma once
#include <stddef.h>
#include <stdint.h>

// JSON objects to a flat table of cells. This target knows nothing of platforms: it is told which
// members of a row are columns, and how each value is stored.
//
// simdjson checks the UTF-8 of a body and finds the start of every token at gigabytes per second
// (its "stage 1", which its On-Demand API iterates over as well). Everything after that is a strict walk
// over those tokens, so that only JSON is ever accepted, stored or kept as raw text.

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    const uint8_t *data;
    size_t size;
} CJRText;

/// How a value is read and stored.
enum CJRKind {
    CJRKindText = 0,
    CJRKindInteger = 1,
    CJRKindReal = 2,
    CJRKindBoolean = 3,
    CJRKindDate = 4,
    CJRKindInstant = 5,
    CJRKindMoney = 6,
    CJRKindMinorMoney = 7,
    CJRKindJSON = 8,
    /// A day as `21-11-2026` or `21.11.2026`.
    CJRKindDayFirst = 9,
    /// An instant, 0 for none.
    CJRKindOpenInstant = 10,
};

typedef struct {
    /// A dotted path in the row; empty for a constant of the read.
    CJRText path;
    /// A `CJRKind`.
    uint8_t kind;
    /// A row without a value here is rejected.
    uint8_t isKey;
    /// Not filled: its member is known, and is not read.
    uint8_t isFilled;
    /// The value is given with each read.
    uint8_t isConstant;
    /// The path is in the object that holds the list of rows (`CJRPlaceNested`).
    uint8_t isAbove;
} CJRColumn;

/// Digits after the point of one currency's minor unit, where they are not 2.
typedef struct {
    CJRText currency;
    uint8_t digits;
} CJRMinorDigits;

typedef struct CJRPlan CJRPlan;

/// Compiles columns once. Null when a path makes no sense. Everything is copied.
CJRPlan *cjr_plan_create(
    const CJRColumn *columns, size_t columnCount, const CJRText *ignored, size_t ignoredCount,
    const CJRMinorDigits *digits, size_t digitsCount, CJRText currencyPath);
void cjr_plan_destroy(CJRPlan *plan);

enum CJRPlace {
    /// An array of rows.
    CJRPlaceList = 0,
    /// An object whose values are rows.
    CJRPlaceValues = 1,
    /// One object that is the row.
    CJRPlaceSingle = 2,
    /// An array of objects that each hold an array of rows.
    CJRPlaceNested = 3,
};

enum CJRStatus {
    CJRStatusOK = 0,
    /// `message` and `offset` say what and where.
    CJRStatusNotJSON = 1,
    CJRStatusNoRows = 2,
    CJRStatusNoMemory = 3,
};

/// 16 bytes; the kinds are null 0, integer 1, real 2, text 3.
typedef struct {
    uint64_t bits;
    uint32_t length;
    uint8_t kind;
} CJRCell;

/// Rows that need not be read when they come again: a hash table over the hashes of their JSON. `slots` holds
/// positions in `hashes` plus one, 0 where nothing is; a hash stands in the slot that its low bits name or in the
/// first free one behind it. `slotCount` is a power of two, or 0 for no rows.
typedef struct {
    /// The hash of all that decides which cells a row's JSON becomes.
    uint64_t seed;
    const uint64_t *hashes;
    const uint32_t *slots;
    size_t slotCount;
} CJRKnown;

/// What a read gave. All pointers belong to the calling thread's reader and live until its next read.
typedef struct {
    /// Row by row: one cell per filled column, in the order of the columns, then one for unknown members.
    const CJRCell *cells;
    size_t cellCount;
    /// One per row of cells: the hash of its JSON, with the seed.
    const uint64_t *hashes;
    size_t hashCount;
    /// Positions of known rows that came, in the order in which they came. They have no cells.
    const uint32_t *known;
    size_t knownCount;
    /// The bytes that text cells point into.
    CJRText text;
    /// The body without its rows, as a compact JSON object.
    CJRText rest;
    /// Rows that lack a key value, raw, one after another; each ends at its entry in `rejectedEnds`.
    CJRText rejected;
    const size_t *rejectedEnds;
    size_t rejectedCount;
    /// Names of unknown members, one after another, as `rejected`.
    CJRText unknown;
    const size_t *unknownEnds;
    size_t unknownCount;
    /// Values that did not fit, one count per column.
    const uint32_t *misfits;
    /// Byte sequences and escapes that were no Unicode text and became U+FFFD.
    size_t repaired;
    /// Constant English words for `CJRStatusNotJSON`.
    const char *message;
    size_t offset;
} CJRPage;

/// Reads one body. A path leads through each element of an array that it meets on its way. `inner` names the member
/// that holds the rows for `CJRPlaceNested`. `constants` holds one text per column (data null where there is none);
/// `currency` is the one in which minor units are counted where the row does not name another.
int cjr_read(
    const CJRPlan *plan, CJRText body, int place, CJRText path, CJRText inner, const CJRText *constants,
    CJRText currency, CJRKnown known, CJRPage *page);

/// Gives back what an unusually large body took. The calling thread's last page is gone after it.
void cjr_trim(void);

#ifdef __cplusplus
}
#endif
