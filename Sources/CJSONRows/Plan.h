#pragma once
#include "CJSONRows.h"
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cjr {

struct ObjectPlan;
struct ListPlan;

/// What to do with one value of a row.
struct ValuePlan {
    /// Columns that are the value itself.
    std::vector<uint16_t> columns;
    /// Columns that lie deeper; none of them can be read when the value is of another kind.
    std::vector<uint16_t> below;
    std::unique_ptr<ObjectPlan> object;
    std::unique_ptr<ListPlan> list;
    /// The value names the currency of the row.
    bool isCurrency = false;
    /// It is one column's alone, and stored as a text.
    bool isOneText = false;

    /// The value is known, and nobody reads it.
    bool isIdle() const { return columns.empty() && !object && !list && !isCurrency; }
};

struct Member {
    std::string name;
    /// Its number in the whole plan, for telling a second member of the same name.
    uint32_t id = 0;
    bool isIgnored = false;
    ValuePlan value;
};

/// The members of an object that are known.
struct ObjectPlan {
    static constexpr uint32_t none = UINT32_MAX;
    std::vector<Member> members;
    /// Open addressing over `members`; filled by `seal`.
    std::vector<uint32_t> slots;

    uint32_t find(std::string_view name) const;
    void seal();
};

/// One way to choose an element of a list of objects.
struct Pick {
    uint32_t id = 0;
    uint32_t selector = 0;
    /// The first element with the first of these wins, else with the second, and so on.
    std::vector<std::string> wanted;
    ValuePlan value;
};

struct ListPlan {
    /// Names of the members that picks look at.
    std::vector<std::string> selectors;
    std::vector<Pick> picks;
};

struct ColumnPlan {
    uint8_t kind = 0;
    bool isKey = false;
    bool isConstant = false;
    bool isAbove = false;
    /// Position among the cells of a row, or -1 when the column is not filled.
    int32_t cell = -1;
};

/// Columns compiled to a tree of the members that they read. Immutable, shared by all threads.
struct Plan {
    std::vector<ColumnPlan> columns;
    std::vector<uint16_t> keys;
    ObjectPlan row;
    /// Of the object that holds the list of rows.
    ObjectPlan above;
    uint32_t memberCount = 0;
    uint32_t pickCount = 0;
    uint32_t cellsPerRow = 0;
    bool hasCurrencyPath = false;
    std::vector<std::pair<std::string, uint8_t>> minorDigits;

    uint8_t digits(std::string_view currency) const;
};

/// Null when a path makes no sense.
std::unique_ptr<Plan> compile(
    const CJRColumn *columns, size_t columnCount, const CJRText *ignored, size_t ignoredCount,
    const CJRMinorDigits *digits, size_t digitsCount, CJRText currencyPath);

inline std::string_view view(CJRText text) { return {reinterpret_cast<const char *>(text.data), text.size}; }

}  // namespace cjr
