/// Where a list stands that is read in pieces and says how many rows it has. When it says fewer than before, rows have
/// left it and others have moved up into pieces that were read already: it is read from its start again.
struct CountedList: Codable, Sendable {
    /// The next piece: rows to leave out, or a page's number, as the platform counts.
    private(set) var at: Int
    private var count: Int?
    private var restarts = 0
    private let start: Int

    private static let mostRestarts = 3

    init(from start: Int) {
        self.start = start
        at = start
    }

    enum Step {
        case goesOn
        case done
        /// It gets shorter again and again.
        case restless
        /// A piece without a row before the end.
        case stuck
    }

    /// A piece of `received` rows came, the next one begins `next`; `isLast` when there is none behind it.
    mutating func take(_ received: Int, of total: Int, next: Int, isLast: Bool) -> Step {
        if let count, total < count {
            guard restarts < CountedList.mostRestarts else { return .restless }
            self = CountedList(from: start, restarts: restarts + 1)
            return .goesOn
        }
        count = total
        if isLast { return .done }
        guard received > 0 else { return .stuck }
        at = next
        return .goesOn
    }

    private init(from start: Int, restarts: Int) {
        self.init(from: start)
        self.restarts = restarts
    }
}
