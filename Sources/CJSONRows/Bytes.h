#pragma once
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

namespace cjr {

/// A buffer that grows and is never cleared byte by byte: what vectors of bytes cost too much for.
class Buffer {
public:
    ~Buffer() { free(data_); }
    Buffer() = default;
    Buffer(const Buffer &) = delete;
    Buffer &operator=(const Buffer &) = delete;

    const uint8_t *data() const { return data_; }
    size_t size() const { return size_; }
    size_t capacity() const { return capacity_; }
    void clear() { size_ = 0; }
    void shrink(size_t size) { size_ = size; }
    void release() {
        free(data_);
        data_ = nullptr;
        size_ = capacity_ = 0;
    }

    /// Room for `count` more bytes; they belong to the buffer after `grow`.
    uint8_t *room(size_t count) {
        if (capacity_ - size_ < count) enlarge(count);
        return data_ + size_;
    }
    void grow(size_t count) { size_ += count; }

    void append(const void *bytes, size_t count) {
        if (count == 0) return;
        memcpy(room(count), bytes, count);
        size_ += count;
    }
    void append(std::string_view text) { append(text.data(), text.size()); }
    void push(uint8_t byte) {
        *room(1) = byte;
        size_ += 1;
    }
    std::string_view view(size_t from = 0) const {
        return {reinterpret_cast<const char *>(data_) + from, size_ - from};
    }

private:
    void enlarge(size_t count);

    uint8_t *data_ = nullptr;
    size_t size_ = 0;
    size_t capacity_ = 0;
};

/// Equality of short texts, without a call.
inline bool same(std::string_view left, std::string_view right) {
    size_t size = left.size();
    if (size != right.size()) return false;
    const char *a = left.data(), *b = right.data();
    auto word = [](const char *p) {
        uint64_t value;
        memcpy(&value, p, 8);
        return value;
    };
    if (size >= 8) {
        for (size_t i = 0; i + 8 < size; i += 8) {
            if (word(a + i) != word(b + i)) return false;
        }
        return word(a + size - 8) == word(b + size - 8);
    }
    for (size_t i = 0; i < size; ++i) {
        if (a[i] != b[i]) return false;
    }
    return true;
}

/// A hash of 64 bits, the same on every machine of one byte order: sixteen bytes are multiplied at a time, in three
/// lanes where there are many.
inline uint64_t hashOf(std::string_view text, uint64_t seed) {
    constexpr uint64_t salt[] = {0xA0761D6478BD642F, 0xE7037ED1A0B428DB, 0x8EBC6AF09C88C6E3};
    auto fold = [](uint64_t a, uint64_t b) {
        unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
        return uint64_t(product) ^ uint64_t(product >> 64);
    };
    auto word = [](const char *p) {
        uint64_t value;
        memcpy(&value, p, 8);
        return value;
    };
    char shortText[16] = {};
    const char *at = text.data(), *end = at + text.size();
    uint64_t lanes[] = {seed ^ salt[0], seed ^ salt[1], seed ^ salt[2]};
    if (text.size() < 16) {
        memcpy(shortText, at, text.size());
        at = shortText;
        end = at + 16;
    }
    for (; end - at >= 48; at += 48) {
        for (int lane = 0; lane < 3; ++lane) {
            const char *p = at + 16 * lane;
            lanes[lane] = fold(word(p) ^ salt[lane], word(p + 8) ^ lanes[lane]);
        }
    }
    uint64_t hash = lanes[0] ^ lanes[1] ^ lanes[2];
    for (; end - at > 16; at += 16) hash = fold(word(at) ^ salt[0], word(at + 8) ^ hash);
    // The last sixteen bytes, some of them perhaps for the second time.
    return fold(fold(word(end - 16) ^ salt[1], word(end - 8) ^ hash) ^ salt[2], text.size() ^ seed);
}

}  // namespace cjr
