#include "Reader.h"

namespace cjr {

/// Each element of the present list holds rows.
void Reader::readNested() {
    tokens_.position += 1;
    bool more = tokens_.first() != ']';
    if (!more) tokens_.position += 1;
    while (more) {
        if (tokens_.first() == '{') {
            readRowsWithin();
        } else {
            uint32_t from = tokens_.position;
            tokens_.skip();
            reject(from);
        }
        more = tokens_.passSeparator(']');
    }
}

/// The rows in one member of the present object. Columns that are members of the object itself are read first, for they
/// may stand behind the rows; then every row begins with their cells. An object without rows is none.
void Reader::readRowsWithin() {
    uint32_t from = tokens_.position;
    readAbove();
    uint32_t end = tokens_.position;
    uint64_t seed = known_.seed;
    known_.seed = seedBelow();
    tokens_.position = from + 1;
    bool isFound = false, more = tokens_.first() != '}';
    while (more) {
        bool isInner = tokens_.decoded(tokens_.passName(), scratch_) == inner_;
        if (isInner && !isFound && tokens_.first() == '[') readList(']');
        else tokens_.skip();
        isFound = isFound || isInner;
        more = tokens_.passSeparator('}');
    }
    tokens_.position = end;
    known_.seed = seed;
    template_.swap(outerTemplate_);
}

/// Reads the object's own cells into the template of its rows, and keeps that of the body.
void Reader::readAbove() {
    rowStart_ = cells_.size();
    cells_.insert(cells_.end(), template_.begin(), template_.end());
    rowNumber_ += 1;
    unit_ = defaultUnit_;
    pending_.clear();
    // What does not fit is counted; there is no row to keep it in.
    kept_.clear();
    memberName_ = tokens_.position + 1;
    readObject(plan_->above);
    settleAmounts();
    outerTemplate_.assign(cells_.begin() + int64_t(rowStart_), cells_.end());
    cells_.resize(rowStart_);
    template_.swap(outerTemplate_);
}

/// The seed for rows whose cells depend on the object that they are in.
uint64_t Reader::seedBelow() const {
    uint64_t seed = known_.seed;
    for (const ColumnPlan &column : plan_->columns) {
        if (!column.isAbove || column.cell < 0) continue;
        const CJRCell &cell = template_[size_t(column.cell)];
        auto bytes = cell.kind == 3 ? reinterpret_cast<const char *>(text_.data() + cell.bits)
                                    : reinterpret_cast<const char *>(&cell.bits);
        seed = hashOf({bytes, cell.kind == 3 ? cell.length : sizeof cell.bits}, seed + cell.kind);
    }
    return seed;
}

}  // namespace cjr
