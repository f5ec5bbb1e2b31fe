#include "CJSONRows.h"
#include "Reader.h"
#include <new>

struct CJRPlan {
    std::unique_ptr<cjr::Plan> plan;
};

CJRPlan *cjr_plan_create(
    const CJRColumn *columns, size_t columnCount, const CJRText *ignored, size_t ignoredCount,
    const CJRMinorDigits *digits, size_t digitsCount, CJRText currencyPath) {
    try {
        auto plan = cjr::compile(columns, columnCount, ignored, ignoredCount, digits, digitsCount, currencyPath);
        return plan ? new CJRPlan{std::move(plan)} : nullptr;
    } catch (...) {
        return nullptr;
    }
}

void cjr_plan_destroy(CJRPlan *plan) { delete plan; }

static thread_local cjr::Reader reader;

int cjr_read(
    const CJRPlan *plan, CJRText body, int place, CJRText path, CJRText inner, const CJRText *constants,
    CJRText currency, CJRKnown known, CJRPage *page) {
    try {
        return reader.read(
            *plan->plan, cjr::view(body), {place, cjr::view(path), cjr::view(inner)}, constants, cjr::view(currency),
            known, *page);
    } catch (...) {
        return CJRStatusNoMemory;
    }
}

void cjr_trim(void) { reader.trim(); }
