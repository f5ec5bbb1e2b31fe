import SyncCore

/// The right to do something that one process of all does at a time, on any machine: to renew a credential, to have a
/// call on its way under a limit that locks an account whose calls overlap (platforms.md 5.6). Whoever ends without
/// giving it back holds it until its time is over.
struct SharedLease {
    private let environment: EngineEnvironment
    private let name: String
    private let holder: String

    private static let pause: Duration = .milliseconds(100)

    init(_ environment: EngineEnvironment, _ name: String) {
        self.environment = environment
        self.name = name
        self.holder = HexText.of(environment.random.bytes(8))
    }

    /// Waits for its turn; `body` takes no longer than `length`. What it returns or throws comes out, whether the lease
    /// could be given back or not.
    func hold<Value: Sendable>(for length: Duration, _ body: () async throws -> Value) async throws -> Value {
        while try await environment.store.lead(name, as: holder, for: length) == nil {
            try await environment.clock.sleep(for: SharedLease.pause)
        }
        do {
            let value = try await body()
            await giveBack()
            return value
        } catch {
            await giveBack()
            throw error
        }
    }

    private func giveBack() async {
        let (environment, name, holder) = (environment, name, holder)
        _ = try? await withoutCancellation { try await environment.store.lead(name, as: holder, for: .zero) }
    }
}
