import SyncCore

/// What slows down who guesses passwords, and holds up nobody else.
///
/// - One address from one network: two tries are free, then each costs twice the last, up to five minutes.
/// - One address from wherever: five are free, then up to four seconds. That is for many machines that guess together;
///   who is signed in from the same network is not held up by them.
/// - One network for any address: twenty are free, then up to a minute.
///
/// A try counts as one in vain before it is looked at, so that many at once, on several machines, get no further than
/// one after the other; one that succeeds is taken back. On one machine those of one address from one network come one
/// after the other (`Turns`), so that right ones do not hold each other up.
struct SignInBrakes: Sendable {
    private struct Brake: Sendable {
        var key: String
        var free: Int
        var most: Duration
        /// Of others as well.
        var isShared = false
    }

    private let people: any PeopleStore
    private let own: Brake
    private let common: Brake
    private let network: Brake
    /// When the network's last try in vain was, before this one.
    private var lastThere: Instant?

    init(_ people: any PeopleStore, email: String, network: String) {
        self.people = people
        let email = email.prefix(254)
        own = Brake(key: "mail \(email) from \(network)", free: 2, most: .seconds(300))
        common = Brake(key: "mail \(email)", free: 5, most: .seconds(4), isShared: true)
        self.network = Brake(key: "from \(network)", free: 20, most: .seconds(60))
    }

    /// How long to wait; nil when the try may be looked at, and then it is noted.
    mutating func wait(at now: Instant, isKnownThere: () async throws -> Bool) async throws -> Duration? {
        var counts: [(brake: Brake, count: Int)] = []
        for brake in [own, common, network] {
            let failures = try await people.failures(brake.key)
            let wait = failures.wait(at: now, free: brake.free, most: brake.most)
            if wait > .zero {
                guard brake.isShared, try await isKnownThere() else { return wait }
            }
            counts.append((brake, failures.count))
            if brake.key == network.key { lastThere = failures.lastAt }
        }
        for (brake, count) in counts {
            let noted = try await people.noteFailure(brake.key).count
            // Somebody else was noted meanwhile: one of the two comes later.
            guard noted > brake.free + 1, noted > count + 1 else { continue }
            guard brake.isShared, try await isKnownThere() else { return .seconds(1) }
        }
        return nil
    }

    /// It was the right one. The network stays as it is but for this try: a password of one's own gives no more
    /// guesses of others'.
    func release() async throws {
        for brake in [own, common] { try await people.forgetFailures(brake.key) }
        try await people.takeBackFailure(network.key, last: lastThere)
    }
}
