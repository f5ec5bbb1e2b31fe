import ConnectorKit
import Logging
package import SyncCore
import Synchronization

/// Carries one message to its receiver.
package protocol NoticeSender: Sendable {
    /// What the receiver said. Takes no longer than `DeliveryPlan.timeout`. Throws only `CancellationError`.
    func send(_ claimed: ClaimedDelivery, _ secrets: TargetSecrets, at now: Instant) async throws -> NoticeAnswer
}

package struct NoticeAnswer: Sendable, Hashable {
    package enum Meaning: Sendable, Hashable {
        case arrived
        /// May arrive later; not before so long, where the receiver has said that.
        case later(Duration?)
        /// Will never arrive.
        case never
        /// The receiver wants nothing more.
        case gone
    }

    package var meaning: Meaning
    /// `HTTP 200`, or a sentence of the glossary; never anything of the receiver's own.
    package var text: String

    package init(_ meaning: Meaning, _ text: String) {
        self.meaning = meaning
        self.text = text
    }
}

/// Opens a notice for each cause that there is, closes it when the cause is gone, and brings messages to those who want
/// to know. Any number of processes run one each: one of them watches, and each delivery is in the hands of one. What
/// keeps them apart is in the database, so that a process may die at any point: a message that was not written as
/// delivered goes out again, under the id by which its receiver knows it.
package struct Notifier: Sendable {
    private let environment: EngineEnvironment
    private let store: any NoticeStore
    private let sender: any NoticeSender
    private let worker: String
    private let book: TargetBook

    /// How often causes are looked for.
    static let every: Duration = .seconds(10)
    private static let lease: Duration = .seconds(45)
    /// How often due messages are looked for.
    private static let poll: Duration = .seconds(1)
    /// Messages that go out at once: a receiver that hangs holds up no other.
    private static let most = 16
    private static let askedEvery: Duration = .seconds(86_400)
    /// How long notices and deliveries are kept.
    package static let kept: Duration = .seconds(30 * 86_400)

    package init(
        _ environment: EngineEnvironment, store: any NoticeStore, sender: any NoticeSender, worker: String
    ) {
        self.environment = environment
        self.store = store
        self.sender = sender
        self.worker = worker
        self.book = TargetBook(store, environment)
    }

    /// Until the task is cancelled.
    package func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.watch() }
            group.addTask { await self.deliver() }
        }
    }

    // MARK: Watching

    private func watch() async {
        var tidiedAt: Instant?
        while !Task.isCancelled {
            await guarded("notices were not looked after") {
                guard try await environment.store.lead("notices", as: worker, for: Notifier.lease) != nil else {
                    return
                }
                try await look()
                let now = environment.wallClock.now
                if tidiedAt.map({ now - $0 >= .seconds(3600) }) ?? true {
                    tidiedAt = now
                    _ = try await store.pruneNotices(before: now - Notifier.kept, limit: 1000)
                    try await askPlatforms()
                }
            }
            try? await environment.clock.sleep(for: Notifier.every)
        }
    }

    /// Looks once; how many notices were opened.
    @discardableResult
    package func look() async throws -> Int {
        let state = try await store.noticeState()
        let changes = NoticeChanges(causes: state.causes, known: state.known, now: environment.wallClock.now)
        guard !changes.isEmpty else { return 0 }
        return try await store.apply(changes, word: HexText.of(environment.random.bytes(8)))
    }

    /// Asks once a day when credentials end: some are renewed, and some were stored without being asked for.
    func askPlatforms() async throws {
        for id in try await store.credentialsToAsk(after: Notifier.askedEvery, limit: 50) {
            guard let connection = try await environment.store.connection(id) else { continue }
            do {
                let facts = try await ConnectionBook(environment).facts(of: connection)
                try await store.note(end: facts?.expiresAt, of: id)
            } catch is EngineError {
                // A run will meet the same, and say so where it counts.
                try await store.putOffAsking(of: id)
            }
        }
    }

    // MARK: Delivering

    private func deliver() async {
        let running = Running()
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                await guarded("messages were not claimed") {
                    let free = Notifier.most - running.count
                    guard free > 0 else { return }
                    for claimed in try await store.claimDeliveries(limit: free, lease: DeliveryPlan.lease) {
                        running.add(1)
                        group.addTask {
                            await self.guarded("a message was not settled") { try await self.deliver(claimed) }
                            running.add(-1)
                        }
                    }
                }
                try? await environment.clock.sleep(for: Notifier.poll)
            }
        }
    }

    /// Sends one and writes what became of it, whatever happens meanwhile.
    package func deliver(_ claimed: ClaimedDelivery) async throws {
        let begun = environment.tally.elapsed
        let answer: NoticeAnswer
        do {
            let secrets = try book.secrets(of: claimed.target)
            answer = try await sender.send(claimed, secrets, at: environment.wallClock.now)
        } catch is CancellationError {
            // Nobody knows whether it arrived: another process sends it once more, at once.
            answer = NoticeAnswer(.later(nil), "Interrupted.")
        } catch let error as EngineError {
            answer = NoticeAnswer(.later(nil), "\(error)")
        }
        let result = result(claimed.delivery, answer, took: environment.tally.elapsed - begun)
        let store = store
        let isSettled = try await withoutCancellation {
            try await store.settle(claimed.delivery.id, fence: claimed.fence, result)
        }
        if !isSettled {
            environment.logger.notice(
                "a message was settled by another", metadata: ["delivery": "\(claimed.delivery.id)"])
        }
    }

    private func result(_ delivery: NoticeDelivery, _ answer: NoticeAnswer, took: Duration) -> DeliveryResult {
        let outcome: DeliveryResult.Outcome
        switch answer.meaning {
        case .arrived: outcome = .delivered
        case .gone: outcome = .gone
        case .never: outcome = .failed
        case .later(let wish):
            let now = environment.wallClock.now
            let pause = DeliveryPlan.pause(after: delivery.attempts, jitter: environment.random.unit(), wish: wish)
            outcome = Task.isCancelled ? .again(at: now) : pause.map { .again(at: now + $0) } ?? .failed
        }
        return DeliveryResult(outcome, answer: answer.text, took: took)
    }

    private func guarded(_ trouble: Logger.Message, _ body: () async throws -> Void) async {
        do {
            try await body()
        } catch is CancellationError {
            return
        } catch {
            environment.logger.warning(trouble, metadata: ["error": "\(error)"])
        }
    }

    private final class Running: Sendable {
        private let value = Mutex(0)
        var count: Int { value.withLock { $0 } }
        func add(_ change: Int) { value.withLock { $0 += change } }
    }
}
