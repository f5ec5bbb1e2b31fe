import SyncCore

/// One quota within one process as a machine: points borrowed from the store, and the line of those who
/// wait for some. At most one of them is away borrowing. Moments are monotonic.
struct PermitDesk {
    enum Turn: Sendable {
        case granted(Lot)
        /// It is this one's turn to borrow for all.
        case borrow
        case later(Duration)
        case cancelled
    }

    /// Points that were borrowed together. They are used within two seconds or lost, whoever hands them on
    /// meanwhile, so that they never add up to a burst.
    struct Lot: Sendable {
        var points: Double
        var goodUntil: Duration
        /// Points from before a block are worth nothing after it.
        var epoch: Int
    }

    /// Points from the store, and how many it gives in a second.
    struct Loan: Sendable {
        var points: Double
        var perSecond: Double
    }

    typealias Waiter = CheckedContinuation<Turn, Never>

    private struct Place {
        var id: Int
        var points: Double
        var waiter: Waiter
    }

    /// The oldest first.
    private var lots: [Lot] = []
    private(set) var epoch = 0
    /// What the one who is away borrowing needs; nil when nobody is.
    private var borrowing: Double?
    private var line = FairQueue<Place>()
    private(set) var usedAt: Duration = .zero
    private var reported: (use: Double, at: Duration)?
    /// The limit that the platform last told of, once it is stored.
    var adopted: QuotaLimit?

    private static let shelfLife: Duration = .seconds(2)
    /// Behind that time without use nothing is kept.
    private static let memory: Duration = .seconds(60)

    /// Points that the line waits for.
    var wanted: Double { line.elements.reduce(0) { $0 + $1.points } }

    /// Whether what it knows is worth nothing any more.
    func isForgotten(at now: Duration) -> Bool {
        line.isEmpty && borrowing == nil && now - usedAt > PermitDesk.memory
    }

    mutating func takeAtOnce(_ cost: Double, at now: Duration) -> Lot? {
        usedAt = now
        return line.isEmpty ? take(cost, at: now) : nil
    }

    private mutating func take(_ cost: Double, at now: Duration) -> Lot? {
        lots.removeAll { $0.goodUntil < now }
        guard lots.reduce(0, { $0 + $1.points }) + 1e-9 >= cost, let oldest = lots.first else { return nil }
        var missing = cost
        while missing > 0, let first = lots.first {
            let part = min(first.points, missing)
            missing -= part
            lots[0].points -= part
            if lots[0].points <= 1e-9 { lots.removeFirst() }
        }
        return Lot(points: cost, goodUntil: oldest.goodUntil, epoch: epoch)
    }

    /// Joins the line; when nobody is away borrowing the newcomer goes at once.
    mutating func join(_ cost: Double, workClass: WorkClass, _ waiter: Waiter) -> (id: Int, turn: Turn?) {
        guard borrowing != nil else {
            borrowing = cost
            return (0, .borrow)
        }
        nextID += 1
        let id = nextID
        places[id] = line.push(Place(id: id, points: cost, waiter: waiter), workClass: workClass, cost: cost)
        return (id, nil)
    }

    private var nextID = 0
    private var places: [Int: Int] = [:]

    mutating func leave(_ id: Int) -> Waiter? {
        guard let place = places.removeValue(forKey: id) else { return nil }
        return line.remove(id: place)?.waiter
    }

    /// Points have come that were asked for in `epoch`: the borrower gets its part, the line what is left, and
    /// the next goes to borrow when they do not reach. Nil when a block came in between: the borrower asks again.
    mutating func receive(
        _ loan: Loan, for cost: Double, epoch asked: Int, at now: Duration, patience: Duration
    ) -> (lot: Lot, served: [(Waiter, Turn)])? {
        guard asked == epoch else { return nil }
        borrowing = nil
        var lot = Lot(points: loan.points - cost, goodUntil: now + PermitDesk.shelfLife, epoch: epoch)
        if lot.points > 1e-9 { lots.append(lot) }
        lot.points = cost
        return (lot, serve(at: now) + shorten(loan.perSecond, patience: patience))
    }

    /// Who would stand in line for longer than `patience` is told when to come back: a little before its turn, so
    /// that the line does not run dry.
    private mutating func shorten(_ perSecond: Double, patience: Duration) -> [(Waiter, Turn)] {
        let ahead = borrowing ?? 0
        return line.shorten(to: perSecond * patience.inSeconds - ahead).map { place, points in
            places[place.id] = nil
            return (place.waiter, .later(.seconds((ahead + points) / perSecond) - patience / 2))
        }
    }

    mutating func handBack(_ lot: Lot, at now: Duration) -> [(Waiter, Turn)] {
        guard lot.epoch == epoch, lot.goodUntil >= now else { return [] }
        lots.insert(lot, at: lots.firstIndex { $0.goodUntil > lot.goodUntil } ?? lots.endIndex)
        return serve(at: now)
    }

    private mutating func serve(at now: Duration) -> [(Waiter, Turn)] {
        var served: [(Waiter, Turn)] = []
        while let first = line.first, let lot = take(first.points, at: now) {
            pop(into: &served, .granted(lot))
        }
        if let first = line.first, borrowing == nil {
            borrowing = first.points
            pop(into: &served, .borrow)
        }
        return served
    }

    private mutating func pop(into served: inout [(Waiter, Turn)], _ turn: Turn) {
        guard let place = line.pop() else { return }
        places[place.id] = nil
        served.append((place.waiter, turn))
    }

    /// The borrower gave up: the next in line takes its role.
    mutating func passOn() -> Waiter? {
        borrowing = nil
        guard let place = line.pop() else { return nil }
        places[place.id] = nil
        borrowing = place.points
        return place.waiter
    }

    /// The wait is long: everybody is told, nobody sits it out.
    mutating func sendAway() -> [Waiter] {
        borrowing = nil
        places = [:]
        return line.removeAll().map(\.waiter)
    }

    /// A block begins: what was borrowed before is lost, in the drawer and on the way.
    mutating func forfeit() {
        lots = []
        epoch += 1
    }

    /// True when the use moved by a percent, once a second; near the limit at once.
    mutating func shouldReport(_ use: Double, at now: Duration) -> Bool {
        if let reported {
            guard abs(reported.use - use) >= 0.01 else { return false }
            guard now - reported.at >= .seconds(1) || use >= 0.75 else { return false }
        }
        reported = (use, now)
        return true
    }
}
