import ConnectorKit
import SyncCore

/// The right to be the only call under a limit that is on its way, on any machine: some platforms lock an account whose
/// calls overlap (platforms.md 5.6). Whoever ends without giving it back holds it until the call would have ended.
struct LoneCall {
    private let environment: EngineEnvironment
    private let name: String
    private let holder: String

    private static let pause: Duration = .milliseconds(100)

    init(_ environment: EngineEnvironment, _ key: QuotaKey) {
        self.environment = environment
        self.name = "call/\(key)"
        self.holder = environment.random.bytes(8).map { String($0, radix: 16) }.joined()
    }

    /// Waits for its turn; `body` takes no longer than `timeout`.
    func `while`<Value: Sendable>(
        _ timeout: Duration, _ body: () async throws -> Value
    ) async throws -> Value {
        while try await environment.store.lead(name, as: holder, for: timeout + .seconds(5)) == nil {
            try await environment.clock.sleep(for: LoneCall.pause)
        }
        do {
            let value = try await body()
            try await giveBack()
            return value
        } catch {
            try? await giveBack()
            throw error
        }
    }

    private func giveBack() async throws {
        let (environment, name, holder) = (environment, name, holder)
        try await withoutCancellation {
            _ = try await environment.store.lead(name, as: holder, for: .zero)
        }
    }
}
