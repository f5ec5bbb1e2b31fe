/// Where a listing of conversations stands: the newest come first, and whoever gets a message moves to the top while
/// the list is read (platforms.md 2.3). What it knows of the list is when the oldest conversation that it has read was
/// changed: all that is newer has been read, or has moved to the top since.
///
/// A pass goes from the top to the end, or to where everything is known. The end is an empty page; because one comes
/// also where the cursor's own conversation has moved away, the list is asked once more from the oldest change on.
/// Behind it comes another pass over what has moved meanwhile, until one is read in a single page.
struct PancakeScan: Codable, Equatable {
    /// A conversation of a page.
    struct Row: Equatable {
        var id: String
        /// Microseconds since 1970; nil where that cannot be read.
        var changed: Int64?
    }

    /// A page of the list is that long, if it is not the last.
    static let page = 60
    private static let mostPasses = 6
    /// Pages of conversations that all changed in one moment, as behind an import.
    private static let mostStalls = 50
    private static let second: Int64 = 1_000_000

    /// Nothing that was changed before is wanted, in microseconds.
    private(set) var stop: Int64?
    private var pass = 0
    /// Calls of this pass.
    private var calls = 0
    /// The cursor: the last conversation of the page before; nil for the first page, and behind a jump.
    private(set) var after: String?
    /// The bound of a jump, in unix seconds.
    private var jump: Int64?
    /// `oldest` at the last jump: another from there would tell nothing new.
    private var jumpedFrom: Int64?
    /// The jump is to prove that an empty page was the end.
    private var provesEnd = false
    private var oldest: Int64?
    /// The conversations of the page before.
    private var last: [String] = []
    private var stalls = 0
    /// The newest change when this pass began, and whose.
    private var top: Int64?
    private var atTop: [String] = []
    /// The same of the pass before.
    private var topBefore: Int64?
    private var atTopBefore: [String] = []
    /// The newest change when the first pass began: up to there all is read in the end.
    private(set) var mark: Int64?

    /// - Parameter since: unix seconds.
    init(since: Int64? = nil) {
        stop = since.map { $0 * PancakeScan.second }
    }

    /// The bound of the next call, in unix seconds.
    var until: Int64? { jump }

    enum Step: Equatable {
        case goesOn
        /// All is read.
        case done
        /// The list repeats itself: what is left of it cannot be read.
        case lost
    }

    /// Takes a page; `wanted` are the positions of rows that were not read before in their present form.
    mutating func take(_ rows: [Row]) -> (wanted: [Int], step: Step) {
        calls += 1
        guard !rows.isEmpty else { return ([], atEnd()) }
        if calls == 1 { begin(rows) }
        let wanted = rows.indices.filter { isWanted(rows[$0]) }
        // What was at the top when the pass before began still is: nothing has moved since.
        if pass > 0, calls == 1, wanted.isEmpty { return ([], .done) }
        return (wanted, next(rows))
    }

    private mutating func begin(_ rows: [Row]) {
        topBefore = top
        atTopBefore = atTop
        top = rows.compactMap(\.changed).max()
        atTop = rows.filter { $0.changed == top }.map(\.id)
        if pass == 0 { mark = top }
    }

    private func isWanted(_ row: Row) -> Bool {
        guard !last.contains(row.id) else { return false }
        guard let changed = row.changed else { return true }
        if let stop, changed < stop { return false }
        if pass > 0, changed == topBefore, atTopBefore.contains(row.id) { return false }
        // What is newer was read, or comes with the next pass.
        return oldest.map { changed <= $0 } ?? true
    }

    private mutating func next(_ rows: [Row]) -> Step {
        let times = rows.compactMap(\.changed)
        let isBehind = oldest.map { oldest in times.allSatisfy { $0 > oldest + PancakeScan.second } } ?? false
        let isRepeated = rows.map(\.id) == last
        let isNew = times.min().map { newest in oldest.map { newest < $0 } ?? true } ?? !isRepeated
        let isJump = after == nil && jump != nil
        last = rows.map(\.id)
        if let least = times.min() { oldest = min(oldest ?? least, least) }
        if let stop, let oldest, oldest < stop { return endOfPass() }
        after = rows.last?.id
        if isNew {
            stalls = 0
            return .goesOn
        }
        // The jump has shown that nothing older is there.
        if isJump, rows.count < PancakeScan.page || (isRepeated && provesEnd) { return endOfPass() }
        stalls += 1
        if isBehind || isRepeated || stalls >= PancakeScan.mostStalls { return leap() ? .goesOn : .lost }
        return .goesOn
    }

    /// An empty page: the end, or a cursor that is not known any more.
    private mutating func atEnd() -> Step {
        if calls == 1 || (after == nil && jump != nil) { return endOfPass() }
        guard leap() else { return endOfPass() }
        provesEnd = true
        return .goesOn
    }

    /// Goes on from the oldest change instead of the cursor; false where that was done already.
    private mutating func leap() -> Bool {
        guard let oldest, jumpedFrom != oldest else { return false }
        jumpedFrom = oldest
        provesEnd = false
        jump = oldest / PancakeScan.second + 1
        after = nil
        stalls = 0
        return true
    }

    /// One call sees the list as it is at one moment: nothing can have moved.
    private mutating func endOfPass() -> Step {
        guard calls > 1, let top, pass + 1 < PancakeScan.mostPasses else { return .done }
        stop = max(stop ?? top, top)
        pass += 1
        calls = 0
        after = nil
        jump = nil
        jumpedFrom = nil
        oldest = nil
        last = []
        stalls = 0
        return .goesOn
    }
}
