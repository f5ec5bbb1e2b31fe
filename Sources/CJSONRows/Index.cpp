#include "Index.h"
#include <simdjson.h>

namespace cjr {

namespace {
// The walk over the tokens has its own limit; this one only sizes buffers that we do not use.
constexpr size_t depth = 1;

/// The kernels for vector units copy the last block of a body. The one for processors without them reads a
/// little beyond it, and needs a copy with room behind.
bool readsBeyondEnd(const simdjson::implementation &implementation) { return implementation.name() == "fallback"; }
}  // namespace

struct Index::Parser {
    std::unique_ptr<simdjson::internal::dom_parser_implementation> stages;
    std::string padded;
};

Index::Index() : parser_(new Parser) {}
Index::~Index() = default;

Index::Result Index::build(std::string_view body) {
    if (body.empty()) return Result::empty;
    // Offsets are 32 bits wide.
    if (body.size() > 0xFFFFFF00u) return Result::tooLarge;
    auto &stages = parser_->stages;
    auto implementation = simdjson::get_active_implementation().operator->();
    simdjson::error_code error = simdjson::SUCCESS;
    if (!stages) {
        error = implementation->create_dom_parser_implementation(body.size(), depth, stages);
    } else if (stages->capacity() < body.size()) {
        error = stages->set_capacity(body.size() + body.size() / 4);
    }
    if (error) {
        stages.reset();
        return Result::noMemory;
    }
    auto bytes = reinterpret_cast<const uint8_t *>(body.data());
    if (readsBeyondEnd(*implementation)) {
        parser_->padded.assign(body).append(simdjson::SIMDJSON_PADDING, ' ');
        bytes = reinterpret_cast<const uint8_t *>(parser_->padded.data());
    }
    error = stages->stage1(bytes, body.size(), simdjson::stage1_mode::regular);
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
    if (parser_->padded.capacity() > keep) std::string().swap(parser_->padded);
}

}  // namespace cjr
