#include "Reader.h"
#include <algorithm>

namespace cjr {

namespace {
constexpr uint32_t unranked = UINT32_MAX;
}

/// Passes over a row that is known. Its bytes are those of a row that was read before, so they need no checks; where
/// brackets do not match, nothing is known.
bool Reader::passKnownRow() {
    if (known_.slotCount == 0 || tokens_.first() != '{') return false;
    uint32_t end = tokens_.closing();
    if (end == 0) return false;
    uint64_t hash = hashOf(tokens_.text(tokens_.position, end), known_.seed);
    size_t mask = known_.slotCount - 1;
    for (size_t slot = hash & mask; known_.slots[slot] != 0; slot = (slot + 1) & mask) {
        uint32_t position = known_.slots[slot] - 1;
        if (known_.hashes[position] != hash) continue;
        knownRows_.push_back(position);
        tokens_.position = end;
        return true;
    }
    return false;
}

/// Reads the row at the present value into cells, or keeps it raw when it lacks a key.
void Reader::readRow() {
    uint32_t from = tokens_.position;
    if (tokens_.first() != '{') {
        tokens_.skip();
        return reject(from);
    }
    rowStart_ = cells_.size();
    cells_.insert(cells_.end(), template_.begin(), template_.end());
    rowNumber_ += 1;
    unit_ = defaultUnit_;
    extra_.clear();
    pending_.clear();
    kept_.clear();
    if (!unknownInRow_.empty()) unknownInRow_.clear();
    size_t textMark = text_.size();

    tokens_.position += 1;
    uint32_t previous = 0;
    bool more = tokens_.first() != '}';
    if (!more) tokens_.position += 1;
    while (more) {
        readMember(previous);
        more = tokens_.passSeparator('}');
    }
    settleAmounts();
    finishRow(from, textMark);
}

/// Keeps the value that began at token `from` raw.
void Reader::reject(uint32_t from) {
    tokens_.copy(from, tokens_.position, rejected_.bytes);
    rejected_.close();
}

void Reader::finishRow(uint32_t from, size_t textMark) {
    for (uint16_t key : plan_->keys) {
        if (cell(key).kind != 0) continue;
        cells_.resize(rowStart_);
        text_.shrink(textMark);
        lastTexts_.assign(plan_->columns.size(), LastText{});
        return reject(from);
    }
    hashes_.push_back(hashOf(tokens_.text(from, tokens_.position), known_.seed));
    if (extra_.size() > 0) {
        extra_.push('}');
        storeText(cells_[rowStart_ + plan_->cellsPerRow - 1], extra_.view());
    }
}

void Reader::readMember(uint32_t &previous) {
    uint32_t name = tokens_.position;
    uint32_t index = passMemberName(previous);
    uint32_t from = tokens_.position;
    if (index == ObjectPlan::none) {
        tokens_.skip();
        if (tokens_.token(from) != "null" && isNewUnknown(name)) keepInExtra(name);
        return;
    }
    previous = index + 1;
    const Member &member = plan_->row.members[index];
    if (member.isIgnored || member.value.isIdle() || isRepeated(member)) {
        tokens_.skip();
        return;
    }
    memberName_ = name;
    memberMisfit_ = false;
    readValue(member.value);
    if (memberMisfit_) keepInExtra(name);
}

/// The member whose name is passed over, `none` for one that the plan does not know. Members mostly come in the order
/// of the row before, so the one that followed `previous` is tried first.
uint32_t Reader::passMemberName(uint32_t previous) {
    const ObjectPlan &row = plan_->row;
    uint32_t guess = successors_[previous];
    if (guess < row.members.size() && tokens_.isName(row.members[guess].name)) {
        tokens_.position += 2;
        return guess;
    }
    uint32_t index = row.find(tokens_.decoded(tokens_.passName(), scratch_));
    if (index != ObjectPlan::none) successors_[previous] = index;
    return index;
}

/// Of two members with one name the first one counts.
bool Reader::isRepeated(const Member &member) {
    uint32_t &seen = seenInRow_[member.id];
    if (seen == rowNumber_) return true;
    seen = rowNumber_;
    return false;
}

bool Reader::isNewUnknown(uint32_t name) {
    std::string text(tokens_.decoded(name, scratch_));
    if (!unknownInRow_.insert(text).second) return false;
    if (unknownNames_.insert(text).second) {
        unknown_.bytes.append(text);
        unknown_.close();
    }
    return true;
}

/// Adds the row's member at `name` to the raw ones, once.
void Reader::keepInExtra(uint32_t name) {
    if (std::find(kept_.begin(), kept_.end(), name) != kept_.end()) return;
    kept_.push_back(name);
    uint32_t after = tokens_.position;
    tokens_.position = name + 2;
    tokens_.skip();
    extra_.push(extra_.size() == 0 ? '{' : ',');
    tokens_.copy(name, tokens_.position, extra_);
    tokens_.position = after;
}

void Reader::readValue(const ValuePlan &plan) {
    uint32_t at = tokens_.position;
    char byte = tokens_.first();
    if (byte == '{' || byte == '[') return readContainer(plan, byte);
    if (byte == '"' && plan.isOneText && passRepeatedText(plan.columns[0])) return;
    tokens_.skip();
    if (byte == 'n') return;  // null: as if it were absent
    for (uint16_t column : plan.columns) storeScalar(column, at);
    for (uint16_t column : plan.below) misfit(column);
    if (plan.isCurrency && byte == '"') {
        int64_t unit = 1'000'000;
        for (uint8_t i = plan_->digits(tokens_.decoded(at, scratch_)); i > 0; --i) unit /= 10;
        unit_ = unit;
    }
}

void Reader::readContainer(const ValuePlan &plan, char bracket) {
    uint32_t from = tokens_.position;
    bool hasPlan = bracket == '{' ? plan.object != nullptr : plan.list != nullptr;
    if (!hasPlan) {
        tokens_.skip();
        for (uint16_t column : plan.below) misfit(column);
    } else if (bracket == '{') {
        readObject(*plan.object);
    } else {
        readList(*plan.list);
    }
    for (uint16_t column : plan.columns) {
        if (plan_->columns[column].kind == CJRKindJSON) storeJSON(column, from);
        else misfit(column);
    }
}

void Reader::readObject(const ObjectPlan &plan) {
    tokens_.position += 1;
    bool more = tokens_.first() != '}';
    if (!more) tokens_.position += 1;
    while (more) {
        uint32_t index = plan.find(tokens_.decoded(tokens_.passName(), scratch_));
        if (index == ObjectPlan::none || isRepeated(plan.members[index])) tokens_.skip();
        else readValue(plan.members[index].value);
        more = tokens_.passSeparator('}');
    }
}

/// Walks the list once to find the element of each pick, and then reads those elements.
void Reader::readList(const ListPlan &plan) {
    for (const Pick &pick : plan.picks) winners_[pick.id] = {unranked, 0};
    tokens_.position += 1;
    bool more = tokens_.first() != ']';
    if (!more) tokens_.position += 1;
    while (more) {
        if (tokens_.first() == '{') judgeElement(plan);
        else tokens_.skip();
        more = tokens_.passSeparator(']');
    }
    uint32_t after = tokens_.position;
    for (const Pick &pick : plan.picks) {
        if (winners_[pick.id].rank == unranked) continue;
        tokens_.position = winners_[pick.id].element;
        readValue(pick.value);
    }
    tokens_.position = after;
}

void Reader::judgeElement(const ListPlan &plan) {
    uint32_t element = tokens_.position;
    tokens_.position += 1;
    uint64_t judged = 0;
    bool more = tokens_.first() != '}';
    if (!more) tokens_.position += 1;
    while (more) {
        size_t selector = passSelector(plan);
        uint64_t bit = uint64_t(1) << (selector % 64);
        uint32_t value = tokens_.position;
        char byte = tokens_.first();
        tokens_.skip();
        if (selector < plan.selectors.size() && (judged & bit) == 0 && byte != '{' && byte != '[') {
            judged |= bit;
            std::string_view text = byte == '"' ? tokens_.decoded(value, scratch_) : tokens_.token(value);
            judge(plan, uint32_t(selector), text, element);
        }
        more = tokens_.passSeparator('}');
    }
}

/// Passes over a member's name: which selector it is, or how many there are.
size_t Reader::passSelector(const ListPlan &plan) {
    size_t selector = 0, count = plan.selectors.size();
    while (selector < count && !tokens_.isName(plan.selectors[selector])) ++selector;
    if (selector < count) {
        tokens_.position += 2;
        return selector;
    }
    std::string_view raw = tokens_.inner(tokens_.passName());
    if (!tokens_.hasEscapes(raw)) return count;
    std::string_view name = tokens_.decoded(tokens_.position - 2, scratch_);
    for (selector = 0; selector < count && plan.selectors[selector] != name; ++selector) {}
    return selector;
}

void Reader::judge(const ListPlan &plan, uint32_t selector, std::string_view text, uint32_t element) {
    for (const Pick &pick : plan.picks) {
        if (pick.selector != selector) continue;
        Winner &winner = winners_[pick.id];
        uint32_t ranks = std::min(uint32_t(pick.wanted.size()), winner.rank);
        for (uint32_t rank = 0; rank < ranks; ++rank) {
            if (!same(pick.wanted[rank], text)) continue;
            winner = {rank, element};
            break;
        }
    }
}

}  // namespace cjr
