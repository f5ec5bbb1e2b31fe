import StoreTransfer

/// A value that a test can keep.
enum Value: Hashable {
    case null
    case integer(Int64)
    case real(Double)
    case boolean(Bool)
    case day(Int32)
    case instant(Int64)
    case text(String)
    case bytes([UInt8])

    init(_ packed: PackedValue) {
        switch packed {
        case .null: self = .null
        case .integer(let number): self = .integer(number)
        case .real(let number): self = .real(number)
        case .boolean(let flag): self = .boolean(flag)
        case .day(let day): self = .day(day)
        case .instant(let moment): self = .instant(moment)
        case .text(let text): self = .text(String(decoding: text, as: UTF8.self))
        case .bytes(let bytes): self = .bytes(Array(bytes))
        }
    }

    func append(to batch: inout RowBatch) {
        switch self {
        case .null: batch.appendNull()
        case .integer(let number): batch.append(integer: number)
        case .real(let number): batch.append(real: number)
        case .boolean(let flag): batch.append(boolean: flag)
        case .day(let day): batch.append(day: day)
        case .instant(let moment): batch.append(instant: moment)
        case .text(let text): batch.append(text: text)
        case .bytes(let bytes): bytes.withUnsafeBytes { batch.append(bytes: $0) }
        }
    }
}

extension RowBatch {
    init(_ rows: [[Value]]) {
        self.init()
        for row in rows {
            beginRow()
            for value in row { value.append(to: &self) }
            endRow()
        }
    }

    var rows: [[Value]] {
        get throws {
            var rows: [[Value]] = []
            try forEach { row in
                var values: [Value] = []
                try row.forEach { _, value in values.append(Value(value)) }
                rows.append(values)
            }
            return rows
        }
    }
}

/// Values at the ends of what their types hold.
let nasty: [Value] = [
    .null, .integer(.min), .integer(.max), .integer(-1), .integer(0), .real(.infinity), .real(-.infinity),
    .real(.leastNonzeroMagnitude), .real(-1.5e300), .boolean(true), .boolean(false), .day(-719_162), .day(2_932_896),
    .instant(-62_135_596_800_000_001), .instant(1_795_000_000_123_456), .text(""), .text("a\0b"), .text("🦑 tiếng Việt"),
    .text(String(repeating: "{\"a\":1}", count: 150_000)), .bytes([]), .bytes([0, 255, 0]),
]

/// A small seeded generator.
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
