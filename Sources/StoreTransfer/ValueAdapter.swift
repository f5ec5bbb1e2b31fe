#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Changes the few values that a database cannot hold into those that it can, and counts them.
///
/// PostgreSQL has no U+0000 in texts and refuses what is no UTF-8: both become U+FFFD. SQLite has no NaN: it becomes
/// NULL, as SQLite itself makes it.
package struct ValueAdapter: Sendable {
    package enum Target: Sendable {
        case postgres, sqlite
        /// Holds everything.
        case archive
    }

    private let target: Target
    /// How many values were changed so far.
    package private(set) var changed = 0

    package init(for target: Target) {
        self.target = target
    }

    /// Almost always there is nothing to change, and nothing is moved.
    package mutating func adapt(_ batch: inout RowBatch) throws {
        if target == .archive { return }
        var isClean = true
        try batch.forEach { row in
            guard isClean else { return }
            try row.forEach { _, value in if !fits(value) { isClean = false } }
        }
        guard !isClean else { return }
        var adapted = RowBatch()
        var count = 0
        try batch.forEach { row in
            adapted.beginRow()
            try row.forEach { _, value in
                if fits(value) {
                    adapted.append(value)
                } else {
                    ValueAdapter.replace(value, in: &adapted)
                    count += 1
                }
            }
            adapted.endRow()
        }
        adapted.position = batch.position
        changed += count
        batch = adapted
    }

    private func fits(_ value: PackedValue) -> Bool {
        switch (target, value) {
        case (.postgres, .text(let text)): ValueAdapter.isPlain(text)
        case (.sqlite, .real(let number)): !number.isNaN
        default: true
        }
    }

    private static func replace(_ value: PackedValue, in batch: inout RowBatch) {
        guard case .text(let text) = value else { return batch.appendNull() }
        // Decoding repairs what is no UTF-8.
        batch.append(text: String(decoding: text, as: UTF8.self).replacing("\0", with: "\u{FFFD}"))
    }

    /// UTF-8 without U+0000.
    private static func isPlain(_ text: UnsafeRawBufferPointer) -> Bool {
        guard let start = text.baseAddress, !text.isEmpty else { return true }
        return memchr(start, 0, text.count) == nil && isUTF8(text)
    }

    /// Whether bytes are whole characters; quick where all of them are of ASCII.
    package static func isUTF8(_ text: UnsafeRawBufferPointer) -> Bool {
        var offset = 0
        while text.count - offset >= 8 {
            if text.loadUnaligned(fromByteOffset: offset, as: UInt64.self) & 0x8080_8080_8080_8080 != 0 { break }
            offset += 8
        }
        let rest = text[offset...]
        return rest.allSatisfy { $0 < 0x80 } || String(validating: rest, as: UTF8.self) != nil
    }
}
