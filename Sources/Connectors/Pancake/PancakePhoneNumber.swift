/// A phone number in the form in which all its spellings are alike: `0900000001` for `+84 900 000 001`.
struct PancakePhoneNumber: Equatable {
    let digits: String

    private init(_ digits: String) { self.digits = digits }

    /// A value that holds a number and nothing else, of any country.
    init?(whole text: String) {
        let scalars = Array(text.unicodeScalars)
        let numbers = scalars.filter(PancakePhoneNumber.isDigit)
        guard (8...15).contains(numbers.count),
            scalars.allSatisfy({ PancakePhoneNumber.isDigit($0) || PancakePhoneNumber.isMark($0) || $0 == "+" })
        else { return nil }
        var text = ""
        text.unicodeScalars.append(contentsOf: numbers)
        self.init(PancakePhoneNumber.national(text))
    }

    /// `84900000001`, `0084900000001` and `840900000001` as one would dial them in Vietnam.
    private static func national(_ digits: String) -> String {
        for code in ["0084", "84"] where digits.hasPrefix(code) {
            let rest = digits.dropFirst(code.count)
            let own = rest.hasPrefix("0") ? rest.dropFirst() : rest
            if (9...10).contains(own.count) { return "0\(own)" }
        }
        return digits
    }

    /// A text with what `replacement` gives in place of each number in it.
    static func replaced(in text: String, with replacement: (PancakePhoneNumber) -> String) -> String {
        // Most texts have none.
        guard text.utf8.reduce(0, { $0 + ((0x30...0x39).contains($1) ? 1 : 0) }) >= 9 else { return text }
        let scalars = Array(text.unicodeScalars)
        var out = String.UnicodeScalarView()
        var at = 0
        while at < scalars.count {
            if let (number, end) = found(in: scalars, at: at) {
                out.append(contentsOf: replacement(number).unicodeScalars)
                at = end
            } else {
                out.append(scalars[at])
                at += 1
            }
        }
        return String(out)
    }

    // MARK: Finding

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    /// What stands between the digits of a number.
    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        [" ", ".", "-", "(", ")", "\u{A0}", "\u{2011}", "\u{2013}"].contains(scalar)
    }

    /// The number that begins at a place, and where it ends.
    private static func found(
        in scalars: [Unicode.Scalar], at start: Int
    ) -> (number: PancakePhoneNumber, end: Int)? {
        let hasPlus = scalars[start] == "+"
        guard hasPlus || scalars[start] == "0" || scalars[start] == "8", start == 0 || !isDigit(scalars[start - 1]),
            hasPlus || !isDate(scalars, at: start)
        else { return nil }
        let groups = groups(in: scalars, from: hasPlus ? start + 1 : start)
        for length in lengths(groups.digits, hasPlus: hasPlus) {
            guard let end = groups.ends[length] else { continue }
            return (PancakePhoneNumber(national(String(groups.digits.prefix(length)))), end)
        }
        return nil
    }

    /// The digits from a place on, with at most two marks between them, and where each group of them ends, by how many
    /// digits there are up to it.
    private static func groups(in scalars: [Unicode.Scalar], from start: Int) -> (digits: String, ends: [Int: Int]) {
        var digits = ""
        var ends: [Int: Int] = [:]
        var at = start
        var marks = 0
        while at < scalars.count, digits.utf8.count <= 16 {
            if isDigit(scalars[at]) {
                digits.unicodeScalars.append(scalars[at])
                marks = 0
                if at + 1 == scalars.count || !isDigit(scalars[at + 1]) { ends[digits.utf8.count] = at + 1 }
            } else {
                marks += 1
                guard isMark(scalars[at]), marks <= 2 else { break }
            }
            at += 1
        }
        return (digits, ends)
    }

    /// How many digits a number may have that begins so, the likeliest first.
    private static func lengths(_ digits: String, hasPlus: Bool) -> [Int] {
        if hasPlus { return digits.hasPrefix("84") ? [11, 12, 13] : Array(9...15) }
        if digits.hasPrefix("0084") { return [13, 14, 15] }
        if digits.hasPrefix("84") { return [11, 12] }
        if digits.hasPrefix("01") || digits.hasPrefix("02") { return [11, 10] }
        return digits.hasPrefix("0") ? [10, 11] : []
    }

    /// `05.11.2025`.
    private static func isDate(_ scalars: [Unicode.Scalar], at start: Int) -> Bool {
        guard start + 10 <= scalars.count, [".", "-", " "].contains(scalars[start + 2]),
            scalars[start + 2] == scalars[start + 5]
        else { return false }
        func number(_ range: Range<Int>) -> Int? {
            var text = ""
            text.unicodeScalars.append(contentsOf: scalars[start + range.lowerBound..<start + range.upperBound])
            return text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
        }
        guard let day = number(0..<2), let month = number(3..<5), let year = number(6..<10) else { return false }
        return (1...31).contains(day) && (1...12).contains(month) && (1900...2099).contains(year)
    }
}
