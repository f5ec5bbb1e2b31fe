#include "Reader.h"
#include "Unicode.h"

namespace cjr {

namespace {

/// Buffers larger than this are given back after a read, so that one huge body does not cost a thread
/// its memory for ever.
constexpr size_t keptCapacity = 2 << 20;

int64_t microsPerMinorUnit(uint8_t digits) {
    int64_t unit = 1'000'000;
    for (uint8_t i = 0; i < digits; ++i) unit /= 10;
    return unit;
}

CJRText text(const Buffer &buffer) { return {buffer.data(), buffer.size()}; }

}  // namespace

int Reader::read(
    const Plan &plan, std::string_view body, const Place &place, const CJRText *constants,
    std::string_view currency, const CJRKnown &known, CJRPage &page) {
    known_ = known;
    prepare(plan, constants, currency);
    place_ = place.kind;
    inner_ = place.inner;
    std::string_view path = place.path;
    steps_.clear();
    for (size_t at = 0; !path.empty() && at <= path.size();) {
        size_t dot = std::min(path.find('.', at), path.size());
        steps_.emplace_back(path.substr(at, dot - at));
        at = dot + 1;
    }
    int status = CJRStatusOK;
    try {
        if (const char *problem = index(body)) throw Malformed{problem, 0};
        if (steps_.empty()) rest_.append("{}");
        descend(0);
        if (!tokens_.atEnd()) tokens_.fail("something follows it");
        if (!foundRows_) status = CJRStatusNoRows;
    } catch (const Malformed &malformed) {
        status = CJRStatusNotJSON;
        page.message = malformed.message;
        page.offset = malformed.offset;
    }
    if (status == CJRStatusOK) show(page);
    return status;
}

void Reader::prepare(const Plan &plan, const CJRText *constants, std::string_view currency) {
    plan_ = &plan;
    for (Buffer *buffer : {&text_, &rest_, &repairedBody_}) buffer->clear();
    rejected_.clear();
    unknown_.clear();
    unknownNames_.clear();
    cells_.clear();
    hashes_.clear();
    knownRows_.clear();
    repairedBytes_ = 0;
    foundRows_ = false;
    misfitCounts_.assign(plan.columns.size(), 0);
    rowNumber_ = 0;
    seenInRow_.assign(plan.memberCount, 0);
    successors_.assign(plan.row.members.size() + 1, 0);
    winners_.resize(plan.pickCount);
    lastTexts_.assign(plan.columns.size(), LastText{});
    defaultUnit_ = microsPerMinorUnit(plan.digits(currency));
    unit_ = defaultUnit_;

    // Constants are converted once, into the cells that every row begins with.
    rowStart_ = 0;
    cells_.assign(plan.cellsPerRow, CJRCell{0, 0, 0});
    for (size_t i = 0; i < plan.columns.size(); ++i) {
        if (plan.columns[i].isConstant && plan.columns[i].cell >= 0 && constants[i].data != nullptr) {
            storeConstant(uint16_t(i), view(constants[i]));
        }
    }
    template_.assign(cells_.begin(), cells_.end());
    cells_.clear();
}

/// Finds the tokens; null, or what is wrong with the body as a whole.
const char *Reader::index(std::string_view body) {
    if (body.substr(0, 3) == "\xEF\xBB\xBF") body.remove_prefix(3);
    Index::Result result = index_.build(body);
    if (result == Index::Result::badUTF8) {
        repairedBytes_ = repairUTF8(body, repairedBody_);
        body = repairedBody_.view();
        result = index_.build(body);
    }
    switch (result) {
    case Index::Result::ok: tokens_ = Tokens(body, index_.starts(), index_.count()); return nullptr;
    case Index::Result::empty: return "it is empty";
    case Index::Result::badUTF8: return "it is not UTF-8";
    case Index::Result::controlCharacter: return "a control character in a string";
    case Index::Result::unclosedString: return "it ends within a string";
    case Index::Result::tooLarge: return "it is larger than 4 GB";
    case Index::Result::noMemory: throw std::bad_alloc();
    case Index::Result::other: return "it cannot be read";
    }
    return "it cannot be read";
}

/// Walks towards the rows, copying all that stands beside the path.
void Reader::descend(size_t step) {
    if (step == steps_.size()) {
        foundRows_ = readRows() || foundRows_;
        return;
    }
    if (step > 0 && tokens_.first() == '[') return descendIntoEach(step);
    if (tokens_.first() != '{') {
        uint32_t from = tokens_.position;
        tokens_.skip();
        tokens_.copy(from, tokens_.position, rest_);
        return;
    }
    tokens_.position += 1;
    rest_.push('{');
    bool taken = false, isFirst = true, more = tokens_.first() != '}';
    if (!more) tokens_.position += 1;
    while (more) {
        uint32_t name = tokens_.passName();
        bool isOnPath = tokens_.decoded(name, scratch_) == steps_[step];
        if (isOnPath && !taken && step + 1 == steps_.size()) {
            descend(step + 1);
        } else if (isOnPath && taken) {
            tokens_.skip();  // of two members with one name the first one counts
        } else {
            if (!isFirst) rest_.push(',');
            isFirst = false;
            tokens_.copy(name, name + 2, rest_);
            uint32_t from = tokens_.position;
            if (isOnPath) {
                descend(step + 1);
            } else {
                tokens_.skip();
                tokens_.copy(from, tokens_.position, rest_);
            }
        }
        taken = taken || isOnPath;
        more = tokens_.passSeparator('}');
    }
    rest_.push('}');
}

/// The path goes through every element; one without elements has no rows, and says so.
void Reader::descendIntoEach(size_t step) {
    tokens_.position += 1;
    rest_.push('[');
    bool more = tokens_.first() != ']';
    if (!more) {
        tokens_.position += 1;
        foundRows_ = true;
    }
    while (more) {
        descend(step);
        more = tokens_.passSeparator(']');
        if (more) rest_.push(',');
    }
    rest_.push(']');
}

/// The rows at the present value; false when it is of another kind.
bool Reader::readRows() {
    bool isList = place_ == CJRPlaceList || place_ == CJRPlaceNested;
    if (tokens_.first() != (isList ? '[' : '{')) {
        tokens_.skip();
        return false;
    }
    switch (place_) {
    case CJRPlaceSingle: readRow(); break;
    case CJRPlaceNested: readNested(); break;
    default: readList(isList ? ']' : '}');
    }
    return true;
}

/// The elements of a list, or the values of an object, are rows.
void Reader::readList(char end) {
    tokens_.position += 1;
    bool more = tokens_.first() != end;
    if (!more) tokens_.position += 1;
    while (more) {
        if (end == '}') tokens_.passName();
        if (!passKnownRow()) readRow();
        more = tokens_.passSeparator(end);
    }
}

void Reader::show(CJRPage &page) const {
    page.cells = cells_.data();
    page.cellCount = cells_.size();
    page.hashes = hashes_.data();
    page.hashCount = hashes_.size();
    page.known = knownRows_.data();
    page.knownCount = knownRows_.size();
    page.text = text(text_);
    page.rest = text(rest_);
    page.rejected = text(rejected_.bytes);
    page.rejectedEnds = rejected_.ends.data();
    page.rejectedCount = rejected_.ends.size();
    page.unknown = text(unknown_.bytes);
    page.unknownEnds = unknown_.ends.data();
    page.unknownCount = unknown_.ends.size();
    page.misfits = misfitCounts_.data();
    page.repaired = repairedBytes_ + tokens_.repaired;
}

void Reader::trim() {
    index_.trim(keptCapacity);
    for (Buffer *buffer : {&text_, &rest_, &extra_, &scratch_, &repairedBody_, &rejected_.bytes, &unknown_.bytes}) {
        if (buffer->capacity() > keptCapacity) buffer->release();
    }
    if (cells_.capacity() * sizeof(CJRCell) > keptCapacity) std::vector<CJRCell>().swap(cells_);
}

}  // namespace cjr
