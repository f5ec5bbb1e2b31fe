import CJSONRows
import SyncCore

/// The columns of one reader as the C++ side holds them. Immutable after its making, and reads keep their
/// state per thread, so that any thread may use it: hence the unchecked conformance.
final class CompiledRows: @unchecked Sendable {
    private let plan: OpaquePointer
    /// Of all that decides which cells a row's JSON becomes, but for the constants of a read.
    private let seed: UInt64
    /// To be raised when this program makes other cells of the same JSON: what is known from before is read anew.
    private static let meaning = 1

    init(schema: StreamSchema, filled: [Int], minorDigits: [String: Int], currencyPath: String?) {
        var arena = TextArena()
        let columns = schema.columns.enumerated().map { position, column in
            var path = CJRText()
            var isAbove = false
            switch column.source {
            case .path(let text): path = arena.add(text)
            case .above(let text):
                path = arena.add(text)
                isAbove = true
            case .context: break
            }
            return CJRColumn(
                path: path, kind: UInt8(column.compiledKind.rawValue),
                isKey: schema.key.contains(column.name) ? 1 : 0, isFilled: filled.contains(position) ? 1 : 0,
                isConstant: column.source == .context ? 1 : 0, isAbove: isAbove ? 1 : 0)
        }
        let ignored = schema.ignored.map { arena.add($0) }
        let digits = minorDigits.sorted { $0.key < $1.key }.map {
            CJRMinorDigits(currency: arena.add($0.key), digits: UInt8($0.value))
        }
        let currency = currencyPath.map { arena.add($0) } ?? CJRText()
        let plan = cjr_plan_create(
            columns, columns.count, ignored, ignored.count, digits, digits.count, currency)
        arena.free()
        guard let plan else { preconditionFailure("\(schema.table): a path or a currency makes no sense") }
        self.plan = plan
        let meanings = schema.columns.map { "\($0.name) \($0.type) \($0.source) \($0.form)" }
        let parts = ["\(CompiledRows.meaning)", "\(schema.key)", "\(filled)", "\(schema.ignored)", currencyPath ?? ""]
        let currencies = minorDigits.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        self.seed = CompiledRows.hash(meanings + parts + currencies, from: KeyHash())
    }

    private static func hash(_ texts: [String], from start: KeyHash) -> UInt64 {
        var hash = start
        for text in texts { Array(text.utf8).withUnsafeBytes { hash.add($0) } }
        return hash.value
    }

    deinit { cjr_plan_destroy(plan) }

    /// `consume` sees the page only while it runs.
    func read<Result>(
        _ body: [UInt8], at rows: RowsAt, constants: [String?], currency: String, known: KnownRows?,
        consume: (CJRPage) -> Result
    ) throws(MalformedBody) -> Result {
        var arena = TextArena()
        defer {
            arena.free()
            cjr_trim()
        }
        let texts = constants.map { text in text.map { arena.add($0) } ?? CJRText() }
        let (place, path, inner) = rows.compiled
        let (pathText, innerText) = (arena.add(path), arena.add(inner))
        let currencyText = arena.add(currency)
        var start = KeyHash()
        start.add(seed)
        let constantsSeed = CompiledRows.hash(constants.map { $0 ?? "" } + [currency], from: start)
        var page = CJRPage()
        let status = body.withUnsafeBufferPointer { bytes in
            let slots = known?.slots ?? []
            let hashes = known?.rows.contents ?? []
            return slots.withUnsafeBufferPointer { slots in
                hashes.withUnsafeBufferPointer { hashes in
                    let known = CJRKnown(
                        seed: constantsSeed, hashes: hashes.baseAddress, slots: slots.baseAddress,
                        slotCount: slots.count)
                    return cjr_read(
                        plan, CJRText(data: bytes.baseAddress, size: bytes.count), Int32(place.rawValue), pathText,
                        innerText, texts, currencyText, known, &page)
                }
            }
        }
        switch UInt32(status) {
        case CJRStatusOK.rawValue: return consume(page)
        case CJRStatusNoRows.rawValue: throw .noRows
        case CJRStatusNotJSON.rawValue:
            throw .notJSON("\(page.message.map { String(cString: $0) } ?? "") at byte \(page.offset)")
        default: throw .notJSON("there is not enough memory to read it")
        }
    }
}

/// Copies of Swift texts for the length of a call.
private struct TextArena {
    private var copies: [UnsafeMutableBufferPointer<UInt8>] = []

    mutating func add(_ text: String) -> CJRText {
        // One byte more, so that an empty text has an address too: a null one stands for no text.
        let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: text.utf8.count + 1)
        _ = copy.initialize(from: text.utf8)
        copies.append(copy)
        return CJRText(data: copy.baseAddress, size: text.utf8.count)
    }

    mutating func free() {
        for copy in copies { copy.deallocate() }
        copies = []
    }
}

extension RowsAt {
    fileprivate var compiled: (CJRPlace, path: String, inner: String) {
        switch self {
        case .list(let path): (CJRPlaceList, path, "")
        case .values(let path): (CJRPlaceValues, path, "")
        case .single(let path): (CJRPlaceSingle, path, "")
        case .nested(let path, let rows): (CJRPlaceNested, path, rows)
        }
    }
}

extension Column {
    fileprivate var compiledKind: CJRKind {
        switch form {
        case .usual: type.compiledKind
        case .dayFirst: CJRKindDayFirst
        case .zeroIsNone: CJRKindOpenInstant
        }
    }
}

extension ColumnType {
    fileprivate var compiledKind: CJRKind {
        switch self {
        case .text: CJRKindText
        case .integer: CJRKindInteger
        case .real: CJRKindReal
        case .boolean: CJRKindBoolean
        case .date: CJRKindDate
        case .instant: CJRKindInstant
        case .money: CJRKindMoney
        case .minorMoney: CJRKindMinorMoney
        case .json: CJRKindJSON
        }
    }
}
