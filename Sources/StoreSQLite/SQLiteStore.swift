import GRDB
package import StoreSQL
import SyncCore
import Synchronization

/// All of Sluice's state in one SQLite database.
///
/// The actor runs on an executor of its own and calls GRDB synchronously there: in production a dispatch
/// queue, in a simulation the simulator. Writes that arrive while one is being committed share the next
/// transaction; each still succeeds or fails alone. What only reads a file goes through connections of its own, beside
/// the writes: a page over years of runs keeps neither workers nor other pages waiting.
package actor SQLiteStore: SQLStore {
    let connection: StoreConnection
    private let executor: any SerialExecutor
    private let clock: any WallClock
    private var lock: FileLock?
    /// Nil for a database in memory, which outlives this store.
    private let mode: Mode?
    private var isClosed = false
    private let memory: StoreMemory
    /// Over the same file.
    private let readers: [SQLiteStore]
    private let free = Mutex(FreeReaders())

    private struct FreeReaders {
        var ids: [Int] = []
        /// Those who came when none was free, in order.
        var waiting: [CheckedContinuation<Int, Never>] = []
    }
    private var latest = Instant(microseconds: .min)
    private let queue = WriteQueue()

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(
        connection: StoreConnection, readers: [SQLiteStore] = [], mode: Mode?, lock: FileLock?, clock: any WallClock,
        executor: any SerialExecutor, memory: StoreMemory = StoreMemory()
    ) {
        self.connection = connection
        self.mode = mode
        self.lock = lock
        self.clock = clock
        self.executor = executor
        self.memory = memory
        self.readers = readers
        free.withLock { $0.ids = Array(readers.indices) }
    }

    /// Ends the use of a file: the write-ahead log is emptied into the database and the lock given back.
    /// Calls after this throw.
    package func close() async throws {
        guard let mode, !isClosed else { return }
        isClosed = true
        // Before the log is emptied: nobody must read from it then.
        for reader in readers { try? await reader.close() }
        try mapped {
            // A log that cannot be emptied now (a visitor reads, the disk is full) is emptied by the next opening.
            if mode == .work { try? connection.checkpoint() }
            try connection.close()
            lock = nil
        }
    }

    package nonisolated var portrait: DatabasePortrait {
        DatabasePortrait(
            engine: "SQLite", version: "SELECT sqlite_version()",
            bytes: "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
            schema: "SELECT user_version FROM pragma_user_version")
    }

    // MARK: Access

    package nonisolated func write<Value: Sendable>(
        _ subject: WriteSubject, weight: Int, _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        let ticket = WriteTicket(weight: weight, body)
        queue.append(ticket)
        return try await finish(ticket)
    }

    package nonisolated func read<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        guard !readers.isEmpty else { return try await look(body) }
        let reader = await takeReader()
        defer { giveBack(reader) }
        return try await readers[reader].look(body)
    }

    /// The next that is free.
    private nonisolated func takeReader() async -> Int {
        await withCheckedContinuation { continuation in
            let id = free.withLock { free -> Int? in
                if free.ids.isEmpty { free.waiting.append(continuation) }
                return free.ids.popLast()
            }
            if let id { continuation.resume(returning: id) }
        }
    }

    private nonisolated func giveBack(_ reader: Int) {
        let next = free.withLock { free -> CheckedContinuation<Int, Never>? in
            guard free.waiting.isEmpty else { return free.waiting.removeFirst() }
            free.ids.append(reader)
            return nil
        }
        next?.resume(returning: reader)
    }

    private func look<Value: Sendable>(_ body: (Transaction) throws -> Value) throws -> Value {
        try mapped {
            try checkOpen()
            let now = present()
            return try connection.read { try body(transaction($0, now)) }
        }
    }

    private func finish<Value: Sendable>(_ ticket: WriteTicket<Value>) throws -> Value {
        while !ticket.isDone {
            let group = queue.takeGroup()
            if group.isEmpty { break }
            commit(group)
        }
        return try ticket.result()
    }

    /// One transaction for the whole group. When one write of it fails, everything is undone and each is
    /// done again in a transaction of its own, so that the failure meets its own caller only. That is
    /// rarer than the savepoints it saves.
    private func commit(_ group: [any PendingWrite]) {
        var began = false
        var ended = false
        do {
            try checkOpen()
            let now = present()
            try connection.write { session in
                began = true
                let transaction = transaction(session, now)
                for write in group { try write.run(in: transaction) }
                _ = try transaction.end()
                ended = true
                // Nobody else writes before the commit, and when that fails all is forgotten.
                transaction.settle()
            }
            for write in group { write.settle() }
        } catch {
            memory.forget()
            let failure = StoreError(error, path: connection.path, systemError: connection.systemError)
            if began, !ended, group.count > 1 {
                for write in group { commit([write]) }
            } else {
                for write in group { write.fail(failure) }
            }
        }
    }

    private func checkOpen() throws {
        if isClosed { throw StoreError.unavailable("The database is closed") }
    }

    private func transaction(_ session: SQLiteSession, _ now: Instant) -> Transaction {
        Transaction(session: session, now: now, memory: memory)
    }

    /// Never goes back within this process, so that a clock that is set back neither ends a lease early nor
    /// starts one in the past (anchors.md F12).
    private func present() -> Instant {
        latest = max(latest, clock.now)
        return latest
    }

    private func mapped<Value>(_ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch {
            throw StoreError(error, path: connection.path, systemError: connection.systemError)
        }
    }
}
