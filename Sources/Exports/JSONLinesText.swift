import StoreTransfer

/// Rows as JSON objects, one a line, with the names and values of the table: whole numbers to the last digit, money in
/// millionths, JSON as JSON.
struct JSONLinesText: RowText {
    /// What stands before each value.
    private let names: [[UInt8]]
    private let isJSON: [Bool]

    init(_ columns: [ExportPlan.Column]) {
        names = columns.enumerated().map { index, column in
            var name: [UInt8] = Array((index == 0 ? "{" : ",").utf8)
            var heading = column.heading
            heading.withUTF8 { JSONLinesText.append(text: UnsafeRawBufferPointer($0), to: &name) }
            return name + ":".utf8
        }
        isJSON = columns.map { $0.kind == .json }
    }

    func appendHead(to bytes: inout [UInt8]) {}

    func append(_ row: PackedRow, to bytes: inout [UInt8]) throws {
        try row.forEach { index, value in
            guard index < names.count else { return }
            bytes += names[index]
            append(value, isJSON: isJSON[index], to: &bytes)
        }
        bytes += "}\n".utf8
    }

    private func append(_ value: PackedValue, isJSON: Bool, to bytes: inout [UInt8]) {
        switch value {
        case .null: bytes += "null".utf8
        case .integer(let number): ValueText.append(number, to: &bytes)
        // JSON has no word for these.
        case .real(let number) where !number.isFinite: quoted(&bytes) { ValueText.append(number, to: &$0) }
        case .real(let number): ValueText.append(number, to: &bytes)
        case .boolean(let flag): ValueText.append(flag, to: &bytes)
        case .day(let day): quoted(&bytes) { ValueText.append(day: day, to: &$0) }
        case .instant(let moment): quoted(&bytes) { ValueText.append(instant: moment, to: &$0) }
        case .text(let text):
            ValueText.withUTF8(text) { text in
                if isJSON {
                    // Between values only: inside a text they cannot stand.
                    bytes += text.lazy.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 }
                } else {
                    JSONLinesText.append(text: text, to: &bytes)
                }
            }
        case .bytes(let value):
            // A backslash is two.
            quoted(&bytes) {
                $0.append(UInt8(ascii: "\\"))
                ValueText.append(hex: value, to: &$0)
            }
        }
    }

    private func quoted(_ bytes: inout [UInt8], _ body: (inout [UInt8]) -> Void) {
        bytes.append(UInt8(ascii: "\""))
        body(&bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    private static func append(text: UnsafeRawBufferPointer, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        var rest = text[...]
        while let next = rest.firstIndex(where: { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) {
            bytes += rest[..<next]
            append(escaped: rest[next], to: &bytes)
            rest = rest[(next + 1)...]
        }
        bytes += rest
        bytes.append(UInt8(ascii: "\""))
    }

    private static func append(escaped byte: UInt8, to bytes: inout [UInt8]) {
        switch byte {
        case 0x0A: bytes += "\\n".utf8
        case 0x0D: bytes += "\\r".utf8
        case 0x09: bytes += "\\t".utf8
        case 0..<0x20: bytes += "\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8
        default: bytes += [UInt8(ascii: "\\"), byte]
        }
    }
}
