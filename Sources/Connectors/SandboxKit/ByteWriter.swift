import SyncCore

/// Bytes of an answer as they grow: no `String` and no boxed value between a number and its digits, so
/// that pages are rendered faster than any client reads them.
struct ByteWriter: ~Copyable {
    private var base: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    private(set) var count = 0

    init(capacity: Int = 1024) {
        self.capacity = max(64, capacity)
        base = .allocate(capacity: self.capacity)
    }

    deinit { base.deallocate() }

    /// Makes room for `more` bytes.
    @inline(__always)
    private mutating func reserve(_ more: Int) {
        if count + more > capacity { grow(more) }
    }

    private mutating func grow(_ more: Int) {
        capacity = max(capacity * 2, count + more)
        let wider = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        wider.update(from: base, count: count)
        base.deallocate()
        base = wider
    }

    mutating func literal(_ text: StaticString) {
        let length = text.utf8CodeUnitCount
        reserve(length)
        base.advanced(by: count).update(from: text.utf8Start, count: length)
        count += length
    }

    mutating func append(_ bytes: [UInt8]) {
        reserve(bytes.count)
        let target = base.advanced(by: count)
        bytes.withUnsafeBufferPointer { source in
            if let start = source.baseAddress { target.update(from: start, count: source.count) }
        }
        count += bytes.count
    }

    mutating func byte(_ byte: UInt8) {
        reserve(1)
        base[count] = byte
        count += 1
    }

    mutating func integer(_ value: Int64) {
        reserve(20)
        var left = value.magnitude
        if value < 0 {
            base[count] = 0x2D
            count += 1
        }
        var digits = 1
        var bound: UInt64 = 10
        while digits < 19, left >= bound {
            digits += 1
            bound = bound &* 10
        }
        var place = count + digits
        count = place
        for _ in 0..<digits {
            place -= 1
            let quotient = left / 10
            base[place] = 0x30 &+ UInt8(truncatingIfNeeded: left &- quotient &* 10)
            left = quotient
        }
    }

    /// `value` as a decimal with that many places, in units of the last place.
    mutating func decimal(_ value: Int64, places: Int) {
        var power: Int64 = 1
        for _ in 0..<places { power *= 10 }
        if value < 0 { byte(0x2D) }
        let whole = Int64(value.magnitude / UInt64(power))
        let rest = Int64(value.magnitude % UInt64(power))
        integer(whole)
        guard places > 0 else { return }
        byte(0x2E)
        var padding = power / 10
        while padding > 1, rest < padding {
            byte(0x30)
            padding /= 10
        }
        integer(rest)
    }

    /// `2026-09-01` of a day counted from 1970.
    mutating func day(_ day: Int32) {
        let (year, month, date) = CivilDate(daysSince1970: day).parts
        integer(Int64(year))
        byte(0x2D)
        twoDigits(month)
        byte(0x2D)
        twoDigits(date)
    }

    mutating func twoDigits(_ value: Int) {
        byte(0x30 &+ UInt8(truncatingIfNeeded: value / 10))
        byte(0x30 &+ UInt8(truncatingIfNeeded: value % 10))
    }

    /// A JSON string in ASCII, slashes escaped.
    mutating func quoted(_ text: String) {
        byte(0x22)
        for unit in text.utf16 {
            switch unit {
            case 0x22, 0x5C, 0x2F:
                byte(0x5C)
                byte(UInt8(truncatingIfNeeded: unit))
            case 0x0A: literal("\\n")
            case 0x0D: literal("\\r")
            case 0x09: literal("\\t")
            case 0x20..<0x7F: byte(UInt8(truncatingIfNeeded: unit))
            default:
                literal("\\u")
                for shift in [12, 8, 4, 0] {
                    let digit = UInt8(truncatingIfNeeded: (unit >> UInt16(shift)) & 15)
                    byte(digit < 10 ? 0x30 + digit : 0x57 + digit)
                }
            }
        }
        byte(0x22)
    }

    /// Nothing but the opening bracket of a list was written last.
    var endsList: Bool { count > 0 && base[count - 1] == 0x5B }

    /// Takes the quotes off the string that begins at `start` and ends here.
    mutating func unquote(from start: Int) {
        guard count >= start + 2 else { return }
        let length = count - start - 2
        for index in 0..<length { base[start + index] = base[start + index + 1] }
        count = start + length
    }

    /// Drops the last bytes again.
    mutating func cut(to length: Int) { count = min(count, length) }

    func bytes() -> [UInt8] {
        Array(UnsafeBufferPointer(start: base, count: count))
    }
}
