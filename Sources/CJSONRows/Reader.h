#pragma once
#include "Bytes.h"
#include "Index.h"
#include "Plan.h"
#include "Tokens.h"
#include <unordered_set>

namespace cjr {

/// A run of texts one after another, each with its end.
struct TextList {
    Buffer bytes;
    std::vector<size_t> ends;

    void clear() {
        bytes.clear();
        ends.clear();
    }
    void close() { ends.push_back(bytes.size()); }
};

/// Where the rows of a body are.
struct Place {
    /// A `CJRPlace`.
    int kind;
    std::string_view path, inner;
};

/// The buffers of one thread, used again for every read, and what the last read left in them.
class Reader {
public:
    int read(
        const Plan &plan, std::string_view body, const Place &place, const CJRText *constants,
        std::string_view currency, const CJRKnown &known, CJRPage &page);
    /// Gives back what an unusually large body took; the last page is gone then.
    void trim();

private:
    // One read, from outside in.
    void prepare(const Plan &plan, const CJRText *constants, std::string_view currency);
    const char *index(std::string_view body);
    void descend(size_t step);
    void descendIntoEach(size_t step);
    bool readRows();
    void readList(char end);
    void readNested();
    void readRowsWithin();
    void readAbove();
    uint64_t seedBelow() const;
    void reject(uint32_t from);
    bool passKnownRow();
    void readRow();
    void finishRow(uint32_t from, size_t textMark);
    void show(CJRPage &page) const;

    // Within a row.
    void readMember(uint32_t &previous);
    uint32_t passMemberName(uint32_t previous);
    bool isRepeated(const Member &member);
    bool isNewUnknown(uint32_t name);
    void keepInExtra(uint32_t name);
    void readValue(const ValuePlan &plan);
    void readContainer(const ValuePlan &plan, char bracket);
    void readObject(const ObjectPlan &plan);
    void readList(const ListPlan &plan);
    void judgeElement(const ListPlan &plan);
    size_t passSelector(const ListPlan &plan);
    void judge(const ListPlan &plan, uint32_t selector, std::string_view text, uint32_t element);

    // Cells.
    bool passRepeatedText(uint16_t column);
    void storeScalar(uint16_t column, uint32_t at);
    bool convert(uint8_t kind, std::string_view text, bool isQuoted, CJRCell &cell);
    void storeText(CJRCell &cell, std::string_view text);
    bool storeInteger(int64_t value, CJRCell &cell);
    bool storeReal(std::string_view text, CJRCell &cell);
    bool storeInstant(int64_t microseconds, CJRCell &cell);
    void storeJSON(uint16_t column, uint32_t from);
    void storeConstant(uint16_t column, std::string_view text);
    void misfit(uint16_t column);
    void settleAmounts();
    CJRCell &cell(uint16_t column) { return cells_[rowStart_ + size_t(plan_->columns[column].cell)]; }

    /// The text that a column had last: between its quotes, and its cell.
    struct LastText {
        std::string_view raw;
        CJRCell cell;
    };
    struct Winner {
        uint32_t rank, element;
    };
    /// An amount that waits for the row's currency.
    struct PendingAmount {
        uint16_t column;
        uint32_t name;
    };

    const Plan *plan_ = nullptr;
    Tokens tokens_;
    Index index_;
    Buffer repairedBody_;
    size_t repairedBytes_ = 0;

    int place_ = 0;
    std::vector<std::string> steps_;
    std::string inner_;
    bool foundRows_ = false;

    CJRKnown known_{};
    std::vector<uint32_t> knownRows_;
    std::vector<uint64_t> hashes_;

    std::vector<CJRCell> cells_, template_, outerTemplate_;
    Buffer text_, rest_, extra_, scratch_;
    TextList rejected_, unknown_;
    std::vector<uint32_t> misfitCounts_;
    std::unordered_set<std::string> unknownNames_, unknownInRow_;

    size_t rowStart_ = 0;
    uint32_t rowNumber_ = 0;
    std::vector<uint32_t> seenInRow_;
    std::vector<uint32_t> successors_;
    std::vector<Winner> winners_;
    std::vector<LastText> lastTexts_;
    std::vector<PendingAmount> pending_;
    /// Name tokens of the members that are kept raw.
    std::vector<uint32_t> kept_;
    /// The name of the row's member that is being read, and whether a value in it did not fit.
    uint32_t memberName_ = 0;
    bool memberMisfit_ = false;
    /// Micros per minor unit: where the row does not say, and in the present row.
    int64_t defaultUnit_ = 0, unit_ = 0;
};

}  // namespace cjr
