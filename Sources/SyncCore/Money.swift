/// An amount in millionths of a currency: never a floating-point number.
package struct Money: Sendable, Hashable, Comparable {
    package var micros: Int64

    package init(micros: Int64) { self.micros = micros }

    /// Reads `150000` and `12.5`: digits, and at most six behind a point. Nil for anything else, and for more than a
    /// trillion.
    package init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, (1...12).contains(first.count), first.allSatisfy(Money.isDigit) else {
            return nil
        }
        let fraction = parts.count > 1 ? Array(parts[1]) : []
        guard fraction.count <= 6, fraction.allSatisfy(Money.isDigit), parts.count == 1 || !fraction.isEmpty else {
            return nil
        }
        var micros: Int64 = 0
        for digit in first { micros = micros * 10 + Int64(digit - UInt8(ascii: "0")) }
        for place in 0..<6 {
            micros = micros * 10 + (place < fraction.count ? Int64(fraction[place] - UInt8(ascii: "0")) : 0)
        }
        self.micros = micros
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    package static func < (left: Money, right: Money) -> Bool { left.micros < right.micros }
}

extension Money: CustomStringConvertible {
    /// `150000`, `12.5`: as a JSON number, with no more digits than it has.
    package var description: String {
        let (whole, rest) = micros.magnitude.quotientAndRemainder(dividingBy: 1_000_000)
        let sign = micros < 0 ? "-" : ""
        guard rest > 0 else { return "\(sign)\(whole)" }
        var digits = String(rest + 1_000_000).dropFirst()
        while digits.last == "0" { digits.removeLast() }
        return "\(sign)\(whole).\(digits)"
    }
}
