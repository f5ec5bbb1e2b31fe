package import SyncCore

/// Who gets which connection, and when one is opened, checked or closed: everything that the pool decides.
///
/// Events come in as calls, with the time since the pool began; what is to be done comes out as actions. Nothing here
/// waits, so every rule can be tested by feeding events.
///
/// Three rules keep a server in trouble from being hammered:
/// - After a failure to connect only one attempt is made at a time, after a growing pause, for however many wait.
/// - A failure that time does not repair (a wrong password) is told to all who wait, at once. So is a server that only
///   reads, though it may be another one soon.
/// - A server without free connections gets fewer of ours, and one more after a while.
package struct PostgresPoolStateMachine: Sendable {
    package typealias WaiterID = UInt64
    /// The time since the pool began.
    package typealias Moment = Duration

    package struct Settings: Sendable, Hashable {
        /// At most so many connections.
        package var size = 8
        /// How long a caller waits for a connection.
        package var leaseTimeout: Duration = .seconds(30)
        /// Who waits for the very first connection is told after so long why there is none; nil for no sooner than
        /// others.
        package var firstContact: Duration?
        /// A connection that lay idle for so long is tried out before it is lent.
        package var checkAfterIdle: Duration = .seconds(30)
        /// A connection that lay idle for so long is closed.
        package var closeAfterIdle: Duration = .seconds(600)
        /// A server that had no connection left is asked for one more after so long.
        package var growAfter: Duration = .seconds(30)
        package var backoff = Backoff(base: .milliseconds(100), cap: .seconds(5))

        package init() {}
    }

    package enum Action: Sendable, Hashable {
        case connect(slot: Int)
        /// To be answered by `checked`. What is dead closes itself.
        case check(slot: Int)
        case close(slot: Int)
        case grant(WaiterID, slot: Int)
        case refuse(WaiterID, PostgresError)
        /// The caller no longer wants a connection.
        case dismiss(WaiterID)
        /// After a shutdown: all connections are closed.
        case finish
    }

    enum Slot: Sendable, Hashable {
        case empty
        case connecting
        case idle(since: Moment)
        case checking
        case leased
        case closing
    }

    private struct Waiter: Sendable {
        let id: WaiterID
        let until: Moment
    }

    /// Open from a failure to connect until a success.
    private struct Breaker: Sendable {
        var failures = 0
        var retryAt: Moment = .zero
        var error: PostgresError?
    }

    package let settings: Settings
    private(set) var slots: [Slot]
    private var waiters: [Waiter] = []
    private var breaker = Breaker()
    /// How many connections the server seems to have for us.
    private(set) var allowance: Int
    private var growAt: Moment = .zero
    private var isShutDown = false
    private var wasConnected = false

    package init(_ settings: Settings) {
        self.settings = settings
        slots = Array(repeating: .empty, count: settings.size)
        allowance = settings.size
    }
}

// MARK: - Events of callers

extension PostgresPoolStateMachine {
    package mutating func lease(_ id: WaiterID, timeout: Duration? = nil, at now: Moment) -> [Action] {
        if isShutDown { return [.refuse(id, PostgresError(.closed))] }
        if let error = breaker.error, now < breaker.retryAt, isToldAtOnce(error, at: now) {
            return [.refuse(id, error)]
        }
        waiters.append(Waiter(id: id, until: now + (timeout ?? settings.leaseTimeout)))
        return serve(at: now)
    }

    /// The caller was cancelled. Nothing happens when it has its answer already.
    package mutating func cancel(_ id: WaiterID) -> [Action] {
        guard let index = waiters.firstIndex(where: { $0.id == id }) else { return [] }
        waiters.remove(at: index)
        return [.dismiss(id)]
    }

    /// A connection comes back. What is not usable has been closed.
    package mutating func release(slot: Int, isUsable: Bool, at now: Moment) -> [Action] {
        isUsable ? rest(slot, at: now) : vacate(slot, at: now)
    }

    package mutating func shutDown() -> [Action] {
        isShutDown = true
        var actions = waiters.map { Action.refuse($0.id, PostgresError(.closed)) }
        waiters = []
        for (index, slot) in slots.enumerated() {
            guard case .idle = slot else { continue }
            slots[index] = .closing
            actions.append(.close(slot: index))
        }
        return actions + finishing()
    }
}

// MARK: - Events of connections and time

extension PostgresPoolStateMachine {
    package mutating func connected(slot: Int, at now: Moment) -> [Action] {
        breaker = Breaker()
        wasConnected = true
        return rest(slot, at: now)
    }

    /// `jitter` is 0..<1.
    package mutating func failed(slot: Int, _ error: PostgresError, at now: Moment, jitter: Double) -> [Action] {
        slots[slot] = .empty
        // Attempts that began together and fail together are one failure.
        if breaker.failures == 0 || now >= breaker.retryAt {
            breaker.retryAt = now + settings.backoff.delay(attempt: breaker.failures, jitter: jitter)
            breaker.failures += 1
        }
        breaker.error = error
        if error.kind == .tooManyConnections {
            allowance = max(1, openCount)
            growAt = now + settings.growAfter
        }
        var actions: [Action] = []
        if isToldAtOnce(error, at: now) {
            actions = waiters.map { .refuse($0.id, error) }
            waiters = []
        }
        return actions + serve(at: now) + finishing()
    }

    package mutating func checked(slot: Int, isAlive: Bool, at now: Moment) -> [Action] {
        isAlive ? rest(slot, at: now) : vacate(slot, at: now)
    }

    package mutating func closed(slot: Int, at now: Moment) -> [Action] {
        vacate(slot, at: now)
    }

    /// Time has passed; to be called at `nextWake`.
    package mutating func wake(at now: Moment) -> [Action] {
        var actions: [Action] = []
        for waiter in waiters where waiter.until <= now {
            actions.append(.refuse(waiter.id, breaker.error ?? .noneFree(settings.size)))
        }
        waiters.removeAll { $0.until <= now }
        for (index, slot) in slots.enumerated() {
            guard case .idle(let since) = slot, now - since >= settings.closeAfterIdle else { continue }
            slots[index] = .closing
            actions.append(.close(slot: index))
        }
        return actions + serve(at: now)
    }

    /// When, after `now`, something will be due that no other event brings.
    package func nextWake(after now: Moment) -> Moment? {
        var due = slots.compactMap { slot -> Moment? in
            guard case .idle(let since) = slot else { return nil }
            return since + settings.closeAfterIdle
        }
        due += waiters.map(\.until)
        if !waiters.isEmpty {
            if breaker.failures > 0 && !slots.contains(.connecting) { due.append(breaker.retryAt) }
            if allowance < settings.size { due.append(growAt) }
        }
        return due.filter { $0 > now }.min()
    }
}

// MARK: - Decisions

extension PostgresPoolStateMachine {
    /// Connections that exist or may exist.
    private var openCount: Int { slots.count { $0 != .empty && $0 != .connecting } }

    /// Whether nobody waits on: time does not repair it, or a server answered that must not be written to, which its
    /// people should hear of before long.
    private func isToldAtOnce(_ error: PostgresError, at now: Moment) -> Bool {
        guard openCount == 0 else { return false }
        let isFirst = !wasConnected && settings.firstContact.map { now >= $0 } ?? false
        return !error.isTransient || error.kind == .readOnly || isFirst
    }

    private mutating func rest(_ slot: Int, at now: Moment) -> [Action] {
        if isShutDown {
            slots[slot] = .closing
            return [.close(slot: slot)]
        }
        slots[slot] = .idle(since: now)
        return serve(at: now)
    }

    private mutating func vacate(_ slot: Int, at now: Moment) -> [Action] {
        slots[slot] = .empty
        return serve(at: now) + finishing()
    }

    private func finishing() -> [Action] {
        isShutDown && slots.allSatisfy { $0 == .empty } ? [.finish] : []
    }

    /// Gives out what is free, and opens or tries out as many connections as there are callers without one.
    private mutating func serve(at now: Moment) -> [Action] {
        var actions: [Action] = []
        while let waiter = waiters.first {
            if let slot = lastUsed(at: now, isFresh: true) {
                waiters.removeFirst()
                slots[slot] = .leased
                actions.append(.grant(waiter.id, slot: slot))
            } else if slots.count(where: { $0 == .connecting || $0 == .checking }) >= waiters.count {
                break
            } else if let slot = lastUsed(at: now, isFresh: false) {
                slots[slot] = .checking
                actions.append(.check(slot: slot))
            } else if mayConnect(at: now), let slot = slots.firstIndex(of: .empty) {
                slots[slot] = .connecting
                actions.append(.connect(slot: slot))
            } else {
                break
            }
        }
        return actions
    }

    /// The idle connection that was used last, so that those that are not needed grow old.
    private func lastUsed(at now: Moment, isFresh: Bool) -> Int? {
        var best: (slot: Int, since: Moment)?
        for (index, slot) in slots.enumerated() {
            guard case .idle(let since) = slot, (now - since < settings.checkAfterIdle) == isFresh else { continue }
            if best.map({ since > $0.since }) ?? true { best = (index, since) }
        }
        return best?.slot
    }

    private mutating func mayConnect(at now: Moment) -> Bool {
        if isShutDown { return false }
        if breaker.failures > 0 && (now < breaker.retryAt || slots.contains(.connecting)) { return false }
        if allowance < settings.size && now >= growAt {
            allowance += 1
            growAt = now + settings.growAfter
        }
        return slots.count { $0 != .empty } < allowance
    }
}

extension PostgresError {
    fileprivate static func noneFree(_ size: Int) -> PostgresError {
        PostgresError(
            .timeout,
            sentence: "All \(size) connections to the database stayed busy for longer than a caller waits; "
                + "the work is tried again.")
    }
}
