import StorePostgres
import SyncCore
import Testing

@Suite struct PoolStateMachineTests {
    private typealias Machine = PostgresPoolStateMachine

    /// Pauses of exactly 1, 2, 4, 8, 8 … seconds with a jitter of 1.
    private func machine(size: Int) -> PostgresPoolStateMachine {
        var settings = PostgresPoolStateMachine.Settings()
        settings.size = size
        settings.backoff = Backoff(base: .seconds(1), cap: .seconds(8))
        return PostgresPoolStateMachine(settings)
    }

    /// A machine with so many idle connections.
    private func machine(size: Int, idle: Int) -> PostgresPoolStateMachine {
        var pool = machine(size: size)
        for slot in 0..<idle {
            _ = pool.lease(UInt64(1000 + slot), at: .zero)
            _ = pool.connected(slot: slot, at: .zero)
        }
        for slot in 0..<idle { _ = pool.release(slot: slot, isUsable: true, at: .zero) }
        return pool
    }

    @Test("The first caller opens a connection and gets it")
    func opens() {
        var pool = machine(size: 2)

        #expect(pool.lease(1, at: .zero) == [.connect(slot: 0)])
        #expect(pool.connected(slot: 0, at: .seconds(1)) == [.grant(1, slot: 0)])
    }

    @Test("A connection that is free is lent again, the one used last first")
    func reuses() {
        var pool = machine(size: 2, idle: 2)
        _ = pool.lease(1, at: .seconds(1))
        _ = pool.lease(2, at: .seconds(1))
        _ = pool.release(slot: 1, isUsable: true, at: .seconds(2))
        _ = pool.release(slot: 0, isUsable: true, at: .seconds(3))

        #expect(pool.lease(3, at: .seconds(4)) == [.grant(3, slot: 0)])
    }

    @Test("Callers wait in line when all connections are lent")
    func queues() {
        var pool = machine(size: 1, idle: 1)
        _ = pool.lease(1, at: .zero)

        #expect(pool.lease(2, at: .zero) == [])
        #expect(pool.lease(3, at: .zero) == [])
        #expect(pool.release(slot: 0, isUsable: true, at: .seconds(1)) == [.grant(2, slot: 0)])
        #expect(pool.release(slot: 0, isUsable: true, at: .seconds(2)) == [.grant(3, slot: 0)])
    }

    @Test("A broken connection is replaced and never lent")
    func replaces() {
        var pool = machine(size: 1, idle: 1)
        _ = pool.lease(1, at: .zero)
        _ = pool.lease(2, at: .zero)

        #expect(pool.release(slot: 0, isUsable: false, at: .seconds(1)) == [.connect(slot: 0)])
        #expect(pool.connected(slot: 0, at: .seconds(1)) == [.grant(2, slot: 0)])
    }

    @Test("What lay idle for long is tried out first, and replaced when it is dead")
    func checks() {
        var pool = machine(size: 1, idle: 1)

        #expect(pool.lease(1, at: .seconds(31)) == [.check(slot: 0)])
        #expect(pool.checked(slot: 0, isAlive: false, at: .seconds(32)) == [.connect(slot: 0)])
        #expect(pool.connected(slot: 0, at: .seconds(33)) == [.grant(1, slot: 0)])
    }

    @Test("What lay idle for very long is closed")
    func closes() {
        var pool = machine(size: 2, idle: 2)

        #expect(pool.nextWake(after: .zero) == .seconds(600))
        #expect(pool.wake(at: .seconds(600)) == [.close(slot: 0), .close(slot: 1)])
        #expect(pool.nextWake(after: .seconds(600)) == nil)
    }

    @Test("Who waits too long is refused")
    func expires() {
        var pool = machine(size: 1, idle: 1)
        _ = pool.lease(1, at: .zero)
        _ = pool.lease(2, timeout: .seconds(5), at: .seconds(1))

        #expect(pool.nextWake(after: .seconds(1)) == .seconds(6))
        let kinds = pool.wake(at: .seconds(6)).map { action -> PostgresError.Kind? in
            if case .refuse(2, let error) = action { error.kind } else { nil }
        }
        #expect(kinds == [.timeout])
        #expect(pool.release(slot: 0, isUsable: true, at: .seconds(7)) == [])
    }

    @Test("Who is cancelled leaves the line, and once answered stays answered")
    func cancels() {
        var pool = machine(size: 1, idle: 1)
        _ = pool.lease(1, at: .zero)
        _ = pool.lease(2, at: .zero)

        #expect(pool.cancel(2) == [.dismiss(2)])
        #expect(pool.cancel(1) == [])
        #expect(pool.release(slot: 0, isUsable: true, at: .seconds(1)) == [])
    }

    @Test("A server that is away is tried by one connection at a time, after growing pauses")
    func breaker() {
        var pool = machine(size: 4)
        let away = PostgresError(.unreachable)
        _ = pool.lease(1, timeout: .seconds(100), at: .zero)
        _ = pool.lease(2, timeout: .seconds(100), at: .zero)

        #expect(pool.failed(slot: 0, away, at: .seconds(1), jitter: 1) == [])
        #expect(pool.failed(slot: 1, away, at: .seconds(1), jitter: 1) == [])
        #expect(pool.lease(3, timeout: .seconds(100), at: .seconds(1)) == [])
        #expect(pool.nextWake(after: .seconds(1)) == .seconds(2))
        #expect(pool.wake(at: .seconds(2)) == [.connect(slot: 0)])
        #expect(pool.nextWake(after: .seconds(2)) == .seconds(100))
        #expect(pool.failed(slot: 0, away, at: .seconds(4), jitter: 1) == [])
        #expect(pool.nextWake(after: .seconds(4)) == .seconds(6))
        #expect(pool.wake(at: .seconds(6)) == [.connect(slot: 0)])
        #expect(
            pool.connected(slot: 0, at: .seconds(9))
                == [.grant(1, slot: 0), .connect(slot: 1), .connect(slot: 2)])
    }

    @Test("A server that only reads is told of at once, and asked again after a pause")
    func onlyReads() {
        var pool = machine(size: 2)
        let standby = PostgresError(.readOnly)
        _ = pool.lease(1, at: .zero)
        _ = pool.lease(2, at: .zero)
        _ = pool.failed(slot: 0, standby, at: .seconds(1), jitter: 1)

        #expect(pool.failed(slot: 1, standby, at: .seconds(1), jitter: 1) == [])
        #expect(pool.lease(3, at: .seconds(1)) == [.refuse(3, standby)])
        #expect(pool.lease(4, at: .seconds(2)) == [.connect(slot: 0)])
        #expect(pool.connected(slot: 0, at: .seconds(3)) == [.grant(4, slot: 0)])
    }

    @Test("Who waits for the very first connection hears soon why there is none; later there is more patience")
    func firstContact() {
        var settings = PostgresPoolStateMachine.Settings()
        settings.size = 1
        settings.backoff = Backoff(base: .milliseconds(600), cap: .milliseconds(600))
        settings.firstContact = .seconds(1)
        var pool = PostgresPoolStateMachine(settings)
        let away = PostgresError(.unreachable)
        _ = pool.lease(1, at: .zero)

        #expect(pool.failed(slot: 0, away, at: .zero, jitter: 1) == [])
        #expect(pool.wake(at: .milliseconds(600)) == [.connect(slot: 0)])
        #expect(pool.failed(slot: 0, away, at: .milliseconds(600), jitter: 1) == [])
        #expect(pool.wake(at: .milliseconds(1200)) == [.connect(slot: 0)])
        #expect(pool.failed(slot: 0, away, at: .milliseconds(1200), jitter: 1) == [.refuse(1, away)])
        #expect(pool.lease(2, at: .seconds(3)) == [.connect(slot: 0)])
        #expect(pool.connected(slot: 0, at: .seconds(3)) == [.grant(2, slot: 0)])
        _ = pool.release(slot: 0, isUsable: false, at: .seconds(4))
        #expect(pool.lease(3, at: .seconds(4)) == [.connect(slot: 0)])
        #expect(pool.failed(slot: 0, away, at: .seconds(4), jitter: 1) == [])
    }

    @Test("Who waits for a server that is away hears why in the end")
    func hearsWhy() {
        var pool = machine(size: 1)
        let away = PostgresError(.unreachable)
        _ = pool.lease(1, timeout: .seconds(2), at: .zero)
        _ = pool.failed(slot: 0, away, at: .zero, jitter: 1)
        _ = pool.wake(at: .seconds(1))

        #expect(pool.wake(at: .seconds(2)) == [.refuse(1, away)])
    }

    @Test("A refused password is told to all at once, and not tried again for every caller")
    func permanent() {
        var pool = machine(size: 2)
        let refused = PostgresError(.refusedCredentials)
        _ = pool.lease(1, at: .zero)
        _ = pool.lease(2, at: .zero)

        #expect(
            pool.failed(slot: 0, refused, at: .seconds(1), jitter: 1) == [.refuse(1, refused), .refuse(2, refused)])
        #expect(pool.failed(slot: 1, refused, at: .seconds(1), jitter: 1) == [])
        #expect(pool.lease(3, at: .seconds(1.5)) == [.refuse(3, refused)])
        #expect(pool.lease(4, at: .seconds(4)) == [.connect(slot: 0)])
    }

    @Test("A server without free connections gets fewer of ours, and one more after a while")
    func exhausted() {
        var pool = machine(size: 4)
        let full = PostgresError(.tooManyConnections)
        for id in 1...3 { _ = pool.lease(UInt64(id), timeout: .seconds(500), at: .zero) }
        _ = pool.connected(slot: 0, at: .zero)

        #expect(pool.failed(slot: 1, full, at: .zero, jitter: 1) == [])
        #expect(pool.failed(slot: 2, full, at: .zero, jitter: 1) == [])
        #expect(pool.wake(at: .seconds(3)) == [])
        #expect(pool.release(slot: 0, isUsable: true, at: .seconds(4)) == [.grant(2, slot: 0)])
        #expect(pool.nextWake(after: .seconds(4)) == .seconds(30))
        #expect(pool.wake(at: .seconds(30)) == [.connect(slot: 1)])
        #expect(pool.connected(slot: 1, at: .seconds(31)) == [.grant(3, slot: 1)])
    }

    @Test("A shutdown refuses who waits, closes what is idle, and is finished when all came back")
    func shutsDown() {
        var pool = machine(size: 2, idle: 2)
        let closed = PostgresError(.closed)
        _ = pool.lease(1, at: .zero)

        #expect(pool.shutDown() == [.close(slot: 1)])
        #expect(pool.lease(2, at: .zero) == [.refuse(2, closed)])
        #expect(pool.closed(slot: 1, at: .zero) == [])
        #expect(pool.release(slot: 0, isUsable: true, at: .zero) == [.close(slot: 0)])
        #expect(pool.closed(slot: 0, at: .zero) == [.finish])
    }

    @Test("A shutdown with nothing open is finished at once, and one during a connect after it")
    func shutsDownEarly() {
        var empty = machine(size: 1)
        var connecting = machine(size: 1)
        _ = connecting.lease(1, at: .zero)

        #expect(empty.shutDown() == [.finish])
        #expect(connecting.shutDown() == [.refuse(1, PostgresError(.closed))])
        #expect(connecting.connected(slot: 0, at: .seconds(1)) == [.close(slot: 0)])
        #expect(connecting.closed(slot: 0, at: .seconds(1)) == [.finish])
    }

    @Test("Whatever happens, a connection is lent to one caller and every caller gets one answer", arguments: 0..<200)
    func holdsUnderChance(seed: UInt64) {
        var world = PoolWorld(seed: seed, machine(size: 3))

        for _ in 0..<400 { world.step() }
        world.end()

        #expect(world.problems == [])
    }
}
