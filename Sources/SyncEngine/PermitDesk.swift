import SyncCore

/// One quota within one process as a machine: points borrowed from the store, and the line of those who
/// wait for some. At most one of them is away borrowing.
struct PermitDesk {
    enum Turn: Sendable {
        case granted
        /// It is this one's turn to borrow for all.
        case borrow
        case later(Duration)
        case cancelled
    }

    typealias Waiter = CheckedContinuation<Turn, Never>

    private struct Place {
        var id: Int
        var points: Double
        var waiter: Waiter
    }

    private var points: Double = 0
    private var goodUntil = Instant(microseconds: .min)
    private var isBorrowing = false
    private var line = FairQueue<Place>()
    private var reportedUse: Double?
    private var reportedAt = Instant(microseconds: 0)
    private var adopted: QuotaLimit?

    /// Borrowed points are used within two seconds or lost, so that they never add up to a burst.
    private static let shelfLife: Duration = .seconds(2)

    /// Points that the line waits for.
    var wanted: Double { line.elements.reduce(0) { $0 + $1.points } }

    mutating func takeAtOnce(_ cost: Double, at now: Instant) -> Bool {
        if now > goodUntil { points = 0 }
        guard line.isEmpty, points + 1e-9 >= cost else { return false }
        points -= cost
        return true
    }

    /// Joins the line; when nobody is away borrowing the newcomer goes at once.
    mutating func join(_ cost: Double, workClass: WorkClass, _ waiter: Waiter) -> (id: Int, turn: Turn?) {
        guard isBorrowing else {
            isBorrowing = true
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

    /// Points beyond the borrower's own need have come: serves the line, and sends the next to borrow when
    /// they do not reach.
    mutating func receive(_ surplus: Double, at now: Instant) -> [(Waiter, Turn)] {
        isBorrowing = false
        points += max(0, surplus)
        goodUntil = now + PermitDesk.shelfLife
        return serve()
    }

    mutating func handBack(_ returned: Double, at now: Instant) -> [(Waiter, Turn)] {
        points += returned
        goodUntil = max(goodUntil, now + PermitDesk.shelfLife)
        return isBorrowing ? [] : serve()
    }

    private mutating func serve() -> [(Waiter, Turn)] {
        var served: [(Waiter, Turn)] = []
        while let first = line.first, points + 1e-9 >= first.points {
            points -= first.points
            pop(into: &served, .granted)
        }
        if !line.isEmpty {
            isBorrowing = true
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
        isBorrowing = false
        guard let place = line.pop() else { return nil }
        places[place.id] = nil
        isBorrowing = true
        return place.waiter
    }

    /// The wait is long: everybody is told, nobody sits it out.
    mutating func sendAway(for wait: Duration) -> [Waiter] {
        isBorrowing = false
        places = [:]
        return line.removeAll().map(\.waiter)
    }

    mutating func forfeit() { points = 0 }

    /// True when the use moved by a percent, or once a second.
    mutating func shouldReport(_ use: Double, at now: Instant) -> Bool {
        let moved = reportedUse.map { abs($0 - use) >= 0.01 } ?? true
        guard moved, now - reportedAt >= .seconds(1) || use >= 0.75 || reportedUse == nil else { return false }
        reportedUse = use
        reportedAt = now
        return true
    }

    mutating func shouldAdopt(_ limit: QuotaLimit) -> Bool {
        guard adopted != limit else { return false }
        adopted = limit
        return true
    }
}
