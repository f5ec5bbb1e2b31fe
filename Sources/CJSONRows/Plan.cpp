#include "Plan.h"
#include "Bytes.h"

namespace cjr {

namespace {

uint32_t hash(std::string_view name) {
    if (name.empty()) return 0;
    uint32_t first = uint8_t(name.front()), middle = uint8_t(name[name.size() / 2]), last = uint8_t(name.back());
    return (uint32_t(name.size()) * 0x9E3779B1u) ^ (first * 0x85EBCA6Bu) ^ (middle * 0xC2B2AE35u) ^
           (last * 0x27D4EB2Fu);
}

/// A step of a path: a member's name, and what is in brackets behind it.
struct Step {
    std::string name, selector;
    std::vector<std::string> wanted;
};

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts(1);
    for (char c : text) {
        if (c == separator) parts.emplace_back();
        else parts.back().push_back(c);
    }
    return parts;
}

/// `actions[action_type=a|b].value`; dots within brackets separate nothing.
bool parse(std::string_view path, std::vector<Step> &steps) {
    size_t at = 0;
    while (true) {
        Step step;
        while (at < path.size() && path[at] != '.' && path[at] != '[') step.name.push_back(path[at++]);
        if (step.name.empty()) return false;
        if (at < path.size() && path[at] == '[') {
            size_t close = path.find(']', at), equals = path.find('=', at);
            if (close == std::string_view::npos || equals >= close || equals == at + 1) return false;
            step.selector = path.substr(at + 1, equals - at - 1);
            step.wanted = split(path.substr(equals + 1, close - equals - 1), '|');
            at = close + 1;
        }
        steps.push_back(std::move(step));
        if (at == path.size()) return true;
        if (path[at] != '.') return false;
        at += 1;
    }
}

class Compiler {
public:
    explicit Compiler(Plan &plan) : plan_(plan) {}

    Member &member(ObjectPlan &object, const std::string &name) {
        for (Member &known : object.members) {
            if (known.name == name) return known;
        }
        object.members.emplace_back();
        object.members.back().name = name;
        object.members.back().id = plan_.memberCount++;
        return object.members.back();
    }

    /// The plan of the value at the end of `steps` from `root`; marks all values on the way with `column` unless it
    /// is -1.
    ValuePlan &value(ObjectPlan &root, const std::vector<Step> &steps, int column) {
        ObjectPlan *object = &root;
        ValuePlan *value = nullptr;
        for (size_t i = 0; i < steps.size(); ++i) {
            if (i > 0) {
                mark(*value, column);
                if (!value->object) value->object.reset(new ObjectPlan);
                object = value->object.get();
            }
            value = &member(*object, steps[i].name).value;
            if (!steps[i].wanted.empty()) {
                mark(*value, column);
                if (!value->list) value->list.reset(new ListPlan);
                value = &pick(*value->list, steps[i]).value;
            }
        }
        return *value;
    }

    void seal(ObjectPlan &object) {
        object.seal();
        for (Member &member : object.members) seal(member.value);
    }

private:
    void seal(ValuePlan &value) {
        value.isOneText = value.columns.size() == 1 && value.below.empty() && !value.isCurrency
            && isStoredAsText(plan_.columns[value.columns[0]].kind);
        if (value.object) seal(*value.object);
        if (!value.list) return;
        for (Pick &pick : value.list->picks) seal(pick.value);
    }

    static bool isStoredAsText(uint8_t kind) {
        switch (kind) {
        case CJRKindText:
        case CJRKindDate:
        case CJRKindDayFirst:
        case CJRKindInstant:
        case CJRKindOpenInstant: return true;
        default: return false;
        }
    }

    static void mark(ValuePlan &value, int column) {
        if (column >= 0) value.below.push_back(uint16_t(column));
    }

    Pick &pick(ListPlan &list, const Step &step) {
        uint32_t selector = 0;
        while (selector < list.selectors.size() && list.selectors[selector] != step.selector) ++selector;
        if (selector == list.selectors.size()) list.selectors.push_back(step.selector);
        for (Pick &known : list.picks) {
            if (known.selector == selector && known.wanted == step.wanted) return known;
        }
        list.picks.emplace_back();
        Pick &added = list.picks.back();
        added.id = plan_.pickCount++;
        added.selector = selector;
        added.wanted = step.wanted;
        return added;
    }

    Plan &plan_;
};

}  // namespace

uint32_t ObjectPlan::find(std::string_view name) const {
    uint32_t mask = uint32_t(slots.size()) - 1;
    for (uint32_t slot = hash(name) & mask;; slot = (slot + 1) & mask) {
        uint32_t index = slots[slot];
        if (index == none || same(members[index].name, name)) return index;
    }
}

void ObjectPlan::seal() {
    size_t size = 8;
    while (size < members.size() * 4) size *= 2;
    slots.assign(size, none);
    for (uint32_t i = 0; i < members.size(); ++i) {
        uint32_t slot = hash(members[i].name) & (size - 1);
        while (slots[slot] != none) slot = (slot + 1) & (size - 1);
        slots[slot] = i;
    }
}

uint8_t Plan::digits(std::string_view currency) const {
    for (auto &entry : minorDigits) {
        if (entry.first == currency) return entry.second;
    }
    return 2;
}

std::unique_ptr<Plan> compile(
    const CJRColumn *columns, size_t columnCount, const CJRText *ignored, size_t ignoredCount,
    const CJRMinorDigits *digits, size_t digitsCount, CJRText currencyPath) {
    std::unique_ptr<Plan> plan(new Plan);
    Compiler compiler(*plan);
    if (columnCount >= UINT16_MAX) return nullptr;
    for (size_t i = 0; i < columnCount; ++i) {
        ColumnPlan column;
        column.kind = columns[i].kind;
        column.isKey = columns[i].isKey;
        column.isConstant = columns[i].isConstant;
        column.isAbove = columns[i].isAbove;
        if (columns[i].isFilled) column.cell = int32_t(plan->cellsPerRow++);
        if (column.isKey) plan->keys.push_back(uint16_t(i));
        plan->columns.push_back(column);
        if (column.isConstant) continue;
        std::vector<Step> steps;
        if (!parse(view(columns[i].path), steps)) return nullptr;
        ObjectPlan &root = column.isAbove ? plan->above : plan->row;
        if (columns[i].isFilled) compiler.value(root, steps, int(i)).columns.push_back(uint16_t(i));
        else compiler.member(root, steps[0].name);
    }
    plan->cellsPerRow += 1;
    if (currencyPath.size > 0) {
        std::vector<Step> steps;
        if (!parse(view(currencyPath), steps)) return nullptr;
        compiler.value(plan->row, steps, -1).isCurrency = true;
        plan->hasCurrencyPath = true;
    }
    for (size_t i = 0; i < ignoredCount; ++i) {
        Member &member = compiler.member(plan->row, std::string(view(ignored[i])));
        if (member.value.isIdle()) member.isIgnored = true;
    }
    for (size_t i = 0; i < digitsCount; ++i) {
        if (digits[i].digits > 6) return nullptr;
        plan->minorDigits.emplace_back(std::string(view(digits[i].currency)), digits[i].digits);
    }
    compiler.seal(plan->row);
    compiler.seal(plan->above);
    return plan;
}

}  // namespace cjr
