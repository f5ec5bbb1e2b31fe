/// The text of one cell as the library wants it: bytes with a zero behind them, at most as long as Excel takes, and
/// with nothing in them that Excel or XML would take for something else.
struct CellText {
    /// In units of UTF-16, of which signs beyond U+FFFF have two.
    static let longest = 32_767

    private var bytes: [UInt8] = []

    /// True when the text had to be cut; it then ends with `…`.
    mutating func fill(_ text: UnsafeRawBufferPointer) -> Bool {
        bytes.removeAll(keepingCapacity: true)
        var isCut = false
        // A byte is one unit at most, and an escaped one seven.
        if CellText.isPlain(text), text.count <= CellText.longest {
            bytes += text
        } else {
            isCut = fill(escaping: String(decoding: text, as: UTF8.self))
        }
        bytes.append(0)
        return isCut
    }

    func withCString<Value>(_ body: (UnsafePointer<CChar>?) -> Value) -> Value {
        bytes.withUnsafeBytes { body($0.bindMemory(to: CChar.self).baseAddress) }
    }

    /// Nothing in it has to be escaped: no zero, no `_x`, and of what begins with EF nothing but wide forms.
    private static func isPlain(_ text: UnsafeRawBufferPointer) -> Bool {
        var last: UInt8 = 0
        for (index, byte) in text.enumerated() {
            if byte == 0 || (last == UInt8(ascii: "_") && byte == UInt8(ascii: "x")) { return false }
            if byte == 0xEF, index + 1 < text.count, text[index + 1] == 0xBF { return false }
            last = byte
        }
        return true
    }

    /// `_x0000_` stands for U+0000 in a cell, so a text like that begins with `_x005F_`. Other control characters the
    /// library escapes itself.
    private mutating func fill(escaping text: String) -> Bool {
        var units = 0
        var scalars = text.unicodeScalars[...]
        while let scalar = scalars.first {
            let escaped: String? =
                switch scalar.value {
                case 0: "_x0000_"
                case 0xFFFE: "_xFFFE_"
                case 0xFFFF: "_xFFFF_"
                case 0x5F where CellText.isEscape(scalars): "_x005F_"
                default: nil
                }
            let size = escaped?.utf8.count ?? UTF16.width(scalar)
            // What does not fit gives its place, and that of the mark, away.
            if units + size > CellText.longest - 1, scalars.count > 1 || units + size > CellText.longest {
                bytes += "…".utf8
                return true
            }
            units += size
            bytes += (escaped ?? String(scalar)).utf8
            scalars = scalars.dropFirst()
        }
        return false
    }

    /// `_x`, four hexadecimal digits, `_`.
    private static func isEscape(_ scalars: Substring.UnicodeScalarView.SubSequence) -> Bool {
        let start = Array(scalars.prefix(7))
        return start.count == 7 && start[1] == "x" && start[6] == "_"
            && start[2..<6].allSatisfy { $0.properties.isASCIIHexDigit }
    }
}
