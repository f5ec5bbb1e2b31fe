#include "Index.h"
#include <simdjson.h>

namespace cjr {

namespace {
// The walk over the tokens has its own limit; this one only sizes buffers that we do not use.
constexpr size_t depth = 1;
}  // namespace

struct Index::Parser {
    std::unique_ptr<simdjson::internal::dom_parser_implementation> stages;
};

Index::Index() : parser_(new Parser) {}
Index::~Index() = default;

Index::Result Index::build(std::string_view body) {
    if (body.empty()) return Result::empty;
    // Offsets are 32 bits wide.
    if (body.size() > 0xFFFFFF00u) return Result::tooLarge;
    auto &stages = parser_->stages;
    simdjson::error_code error = simdjson::SUCCESS;
    if (!stages) {
        auto implementation = simdjson::get_active_implementation().operator->();
        error = implementation->create_dom_parser_implementation(body.size(), depth, stages);
    } else if (stages->capacity() < body.size()) {
        error = stages->set_capacity(body.size() + body.size() / 4);
    }
    if (error) {
        stages.reset();
        return Result::noMemory;
    }
    error = stages->stage1(
        reinterpret_cast<const uint8_t *>(body.data()), body.size(), simdjson::stage1_mode::regular);
    switch (error) {
    case simdjson::SUCCESS: return Result::ok;
    case simdjson::EMPTY: return Result::empty;
    case simdjson::UTF8_ERROR: return Result::badUTF8;
    case simdjson::UNESCAPED_CHARS: return Result::controlCharacter;
    case simdjson::UNCLOSED_STRING: return Result::unclosedString;
    default: return Result::other;
    }
}

const uint32_t *Index::starts() const { return parser_->stages->structural_indexes.get(); }
uint32_t Index::count() const { return parser_->stages->n_structural_indexes; }

void Index::trim(size_t keep) {
    if (parser_->stages && parser_->stages->capacity() > keep) parser_->stages.reset();
}

}  // namespace cjr
