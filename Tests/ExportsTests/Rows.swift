import StoreTransfer
import SyncCore

@testable import Exports

/// A value of a row that is written.
enum Value {
    case null
    case integer(Int64)
    case real(Double)
    case boolean(Bool)
    case day(String)
    case instant(String)
    case text(String)
    case raw([UInt8])

    func append(to batch: inout RowBatch) {
        switch self {
        case .null: batch.appendNull()
        case .integer(let number): batch.append(integer: number)
        case .real(let number): batch.append(real: number)
        case .boolean(let flag): batch.append(boolean: flag)
        case .day(let day): batch.append(day: CivilDate(day)?.daysSince1970 ?? 0)
        case .instant(let moment): batch.append(instant: Instant(iso: moment)?.microseconds ?? 0)
        case .text(let text): batch.append(text: text)
        case .raw(let bytes): bytes.withUnsafeBytes { batch.append(text: $0) }
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
}

extension ExportPlan.Column {
    static func of(_ heading: String, _ kind: ValueKind, isDecimal: Bool = false) -> Self {
        Self(heading: heading, kind: kind, isDecimal: isDecimal)
    }
}

extension RowText {
    func text(_ rows: [[Value]]) throws -> String {
        var bytes: [UInt8] = []
        appendHead(to: &bytes)
        try RowBatch(rows).forEach { try append($0, to: &bytes) }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// A database of rows that are made up while they are read.
final class MadeUpRows: RowSnapshot {
    let streams: [TableLayout]
    let views: Set<String>
    private let count: Int
    private let row: (Int) -> [Value]
    private let sign: StopSign
    private(set) var opened: [RowQuery] = []
    private var next = 0

    init(
        _ layout: TableLayout, count: Int, views: Set<String> = [], sign: StopSign = StopSign(),
        _ row: @escaping (Int) -> [Value]
    ) {
        streams = [layout]
        self.views = views
        self.count = count
        self.sign = sign
        self.row = row
    }

    func open(_ query: RowQuery) throws {
        opened.append(query)
        next = query.table.name == streams[0].name ? 0 : count
    }

    func read(into batch: inout RowBatch, size: Int) throws -> Bool {
        try sign.guarding {
            let before = batch.count
            while batch.bytes.count < size, next < count {
                batch.beginRow()
                for value in row(next) { value.append(to: &batch) }
                batch.endRow()
                next += 1
            }
            return batch.count > before
        }
    }

    var stop: @Sendable () -> Void { { [sign] in sign.raise() } }
}
