import StoreTransfer

/// Rows as lines of comma-separated values (RFC 4180).
///
/// Texts and JSON stand in quotation marks, all else does not; so an empty text, `""`, and no value differ. A text that
/// a spreadsheet would take for a formula gets an apostrophe before it (OWASP ASVS 5.0, 1.2.10); numbers stay numbers.
struct CSVText: RowText {
    private let columns: [ExportPlan.Column]
    private let hasMark: Bool

    init(_ columns: [ExportPlan.Column], mark: Bool) {
        self.columns = columns
        hasMark = mark
    }

    func appendHead(to bytes: inout [UInt8]) {
        if hasMark { bytes += [0xEF, 0xBB, 0xBF] }
        for (index, column) in columns.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            var heading = column.heading
            heading.withUTF8 { CSVText.append(text: UnsafeRawBufferPointer($0), to: &bytes) }
        }
        CSVText.endLine(&bytes)
    }

    func append(_ row: PackedRow, to bytes: inout [UInt8]) throws {
        try row.forEach { index, value in
            guard index < columns.count else { return }
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            append(value, columns[index], to: &bytes)
        }
        CSVText.endLine(&bytes)
    }

    private func append(_ value: PackedValue, _ column: ExportPlan.Column, to bytes: inout [UInt8]) {
        switch value {
        case .null: break
        case .integer(let micros) where column.isDecimal: ValueText.append(micros: micros, to: &bytes)
        case .integer(let number): ValueText.append(number, to: &bytes)
        case .real(let number): ValueText.append(number, to: &bytes)
        case .boolean(let flag): ValueText.append(flag, to: &bytes)
        case .day(let day): ValueText.append(day: day, to: &bytes)
        case .instant(let moment): ValueText.append(instant: moment, to: &bytes)
        case .text(let text): ValueText.withUTF8(text) { CSVText.append(text: $0, to: &bytes) }
        case .bytes(let value): ValueText.append(hex: value, to: &bytes)
        }
    }

    private static func endLine(_ bytes: inout [UInt8]) { bytes += [0x0D, 0x0A] }

    private static func append(text: UnsafeRawBufferPointer, to bytes: inout [UInt8]) {
        let mark = UInt8(ascii: "\"")
        bytes.append(mark)
        if looksLikeFormula(text) { bytes.append(UInt8(ascii: "'")) }
        var rest = text[...]
        while let next = rest.firstIndex(of: mark) {
            bytes += rest[...next]
            bytes.append(mark)
            rest = rest[(next + 1)...]
        }
        bytes += rest
        bytes.append(mark)
    }

    /// Whether a spreadsheet may take a text for a formula: by its first sign, the wide forms of East Asia included.
    static func looksLikeFormula(_ text: UnsafeRawBufferPointer) -> Bool {
        switch text.first {
        case UInt8(ascii: "="), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "@"): true
        case 0x09, 0x0A, 0x0D, 0x00: true
        // U+FF1D, U+FF0B, U+FF0D, U+FF20.
        case 0xEF: text.count > 2 && text[1] == 0xBC && [0x9D, 0x8B, 0x8D, 0xA0].contains(text[2])
        default: false
        }
    }
}
