import SyncCore

/// Where a list stands that is read in pieces and says how many rows it has. What counts is what comes: a full piece
/// is never the last, whatever the count says, and before its end an empty one is looked at again. When the list says
/// fewer than before, rows have left it and others have moved up into pieces that were read already: it is read from
/// its start again.
struct CountedList: Codable, Sendable {
    /// The next piece: rows to leave out, or a page's number, as the platform counts.
    private(set) var at: Int
    /// Rows that came since its start.
    private(set) var came = 0
    private var count: Int?
    private var looks = 0
    private var restarts = 0
    private var hadRows = false
    private let start: Int

    private static let mostRestarts = 3
    /// How long an empty piece before the end is left alone before it is looked at again, and the next time.
    private static let pauses: [Int64] = [2, 5]

    init(from start: Int) {
        self.start = start
        at = start
    }

    enum Step: Equatable {
        case goesOn
        /// The same piece again, after a while.
        case looksAgain(after: Duration)
        case done
        /// It ends before it has as many rows as it says: what did not come may still be there.
        case endsEarly
        /// It gets shorter again and again, or had rows and has none any more.
        case restless
    }

    /// A piece of `received` rows came, which is full with `size`; the next one begins `next`.
    mutating func take(_ received: Int, of total: Int, fullWith size: Int, next: Int) -> Step {
        if let count, total < count { return startAgain() }
        count = total
        came += received
        guard received == 0 else {
            looks = 0
            hadRows = true
            if came >= total, received < size { return .done }
            at = next
            return .goesOn
        }
        if came >= total { return came == 0 && hadRows ? .restless : .done }
        guard looks < CountedList.pauses.count else { return .endsEarly }
        looks += 1
        return .looksAgain(after: .seconds(CountedList.pauses[looks - 1]))
    }

    /// Of a list that says nothing of its length.
    mutating func goOn(_ next: Int, behind received: Int) {
        came += received
        at = next
    }

    private mutating func startAgain() -> Step {
        guard restarts < CountedList.mostRestarts else { return .restless }
        let (restarts, hadRows) = (restarts, hadRows)
        self = CountedList(from: start)
        self.restarts = restarts + 1
        self.hadRows = hadRows
        return .goesOn
    }
}

extension Note {
    /// Of a list that ended before it had as many rows as it said.
    static func listEndedEarly(_ stream: StreamID, of platform: String, after came: Int) -> Note {
        Note(
            "list_short",
            "\(platform) gave \(came) rows of \(stream) and says that there are more; what is stored was kept.")
    }
}
