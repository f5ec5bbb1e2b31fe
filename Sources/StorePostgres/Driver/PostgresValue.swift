/// A value on its way into a statement. An enum and no protocol: nothing is boxed.
package enum PostgresValue: Sendable, Hashable {
    case null
    case integer(Int64)
    /// Travels exactly, NaN and infinities included.
    case real(Double)
    /// PostgreSQL knows no U+0000; it arrives as U+FFFD.
    case text(String)
    case bytes([UInt8])
    /// One parameter: `id = ANY($1::bigint[])`.
    case integers([Int64])
    /// One parameter: `id = ANY($1::text[])`.
    case texts([String])
    /// One parameter: `unnest($1::date[])`. No lists within.
    case list([PostgresValue])
}

/// The values of one statement in the form that libpq wants. It keeps its memory for the next statement.
///
/// Everything but bytes travels as text, so that the server decides on the type from the statement: the same
/// number fits an `integer`, a `bigint` and a `numeric`.
struct PostgresParameters {
    private var bytes: [UInt8] = []
    /// Where each value begins in `bytes`; -1 for NULL.
    private var starts: [Int] = []
    private var lengths: [Int32] = []
    private var formats: [Int32] = []
    private var pointers: [UnsafePointer<CChar>?] = []

    mutating func fill(_ values: [PostgresValue]) {
        bytes.removeAll(keepingCapacity: true)
        starts.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
        formats.removeAll(keepingCapacity: true)
        for value in values {
            let start = bytes.count
            append(value)
            starts.append(value == .null ? -1 : start)
            lengths.append(Int32(bytes.count - start))
            if case .bytes = value { formats.append(1) } else { formats.append(0) }
            bytes.append(0)
        }
    }

    /// Count, values, lengths and formats.
    mutating func withPointers<Value>(
        _ body: (Int32, UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?) -> Value
    ) -> Value {
        bytes.withUnsafeBytes { bytes in
            pointers.removeAll(keepingCapacity: true)
            for start in starts {
                let value = start < 0 ? nil : bytes.baseAddress.map { $0 + start }
                pointers.append(value?.assumingMemoryBound(to: CChar.self))
            }
            return pointers.withUnsafeBufferPointer { pointers in
                lengths.withUnsafeBufferPointer { lengths in
                    formats.withUnsafeBufferPointer {
                        body(Int32(starts.count), pointers.baseAddress, lengths.baseAddress, $0.baseAddress)
                    }
                }
            }
        }
    }

    private mutating func append(_ value: PostgresValue) {
        switch value {
        case .null: break
        case .integer(let number): append(ascii: String(number))
        // The shortest text that reads back as the same number.
        case .real(let number): append(ascii: number.description)
        case .text(let text): append(text)
        case .bytes(let value): bytes += value
        case .integers(let numbers): appendList(numbers) { $0.append(ascii: String($1)) }
        case .texts(let texts): appendList(texts) { $0.appendQuoted($1) }
        case .list(let values): appendList(values) { $0.appendElement($1) }
        }
    }

    private mutating func appendElement(_ value: PostgresValue) {
        switch value {
        case .null: append(ascii: "NULL")
        case .text(let text): appendQuoted(text)
        case .bytes(let bytes):
            appendQuoted("\\x" + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
        case .integer, .real: append(value)
        case .integers, .texts, .list: preconditionFailure("a list within a list")
        }
    }

    private mutating func append(ascii text: String) {
        bytes += text.utf8
    }

    private mutating func append(_ text: String) {
        let start = bytes.count
        bytes += text.utf8
        guard bytes[start...].contains(0) else { return }
        bytes.removeSubrange(start...)
        for byte in text.utf8 { appendCharacter(byte) }
    }

    private mutating func appendCharacter(_ byte: UInt8) {
        if byte == 0 { bytes += replacementCharacter } else { bytes.append(byte) }
    }

    private mutating func appendList<Element>(
        _ elements: [Element], _ append: (inout PostgresParameters, Element) -> Void
    ) {
        bytes.append(UInt8(ascii: "{"))
        for (index, element) in elements.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            append(&self, element)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    private mutating func appendQuoted(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { bytes.append(UInt8(ascii: "\\")) }
            appendCharacter(byte)
        }
        bytes.append(UInt8(ascii: "\""))
    }
}

/// U+FFFD in UTF-8.
let replacementCharacter: [UInt8] = [0xEF, 0xBF, 0xBD]
