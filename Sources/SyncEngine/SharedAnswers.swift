import ConnectorKit
import Crypto
import SyncCore
import Synchronization

/// Answers of a platform that serve whoever makes the same call for a while: many accounts of one credential need the
/// same list. Of callers that come together one asks, and the others wait for what it gets.
package final class SharedAnswers: Sendable {
    private enum Entry {
        case underWay
        case known(WireResponse, until: Duration)
    }

    private let entries = Mutex<[[UInt8]: Entry]>([:])
    private let clock: any Clock<Duration>
    private let stopwatch: Stopwatch
    private static let pause: Duration = .milliseconds(50)

    package init(clock: any Clock<Duration>) {
        self.clock = clock
        self.stopwatch = Stopwatch(clock)
    }

    /// What makes two calls the same: the address and all that is sent, secrets too, of which only a hash is kept.
    static func key(of request: WireRequest, to baseURL: String) -> [UInt8] {
        var hash = SHA256()
        hash.update(data: Array("\(baseURL)\0".utf8))
        hash.update(data: request.whole)
        return Array(hash.finalize())
    }

    /// The answer that is known, else the one that `ask` gets, which is kept for `age`. Throws what `ask` throws.
    func answer(
        to key: [UInt8], for age: Duration, ask: () async throws -> WireResponse
    ) async throws -> WireResponse {
        while true {
            switch look(for: key) {
            case .known(let response, _): return response
            case .underWay: try await clock.sleep(for: SharedAnswers.pause)
            case nil:
                do {
                    let response = try await ask()
                    let until = stopwatch.elapsed + age
                    entries.withLock { $0[key] = .known(response, until: until) }
                    return response
                } catch {
                    forget(key)
                    throw error
                }
            }
        }
    }

    /// It was no answer that serves anybody.
    func forget(_ key: [UInt8]) {
        entries.withLock { $0[key] = nil }
    }

    /// Nil when it is the caller's turn to ask.
    private func look(for key: [UInt8]) -> Entry? {
        let now = stopwatch.elapsed
        return entries.withLock { entries in
            entries = entries.filter { entry in
                if case .known(_, let until) = entry.value { until > now } else { true }
            }
            if let entry = entries[key] { return entry }
            entries[key] = .underWay
            return nil
        }
    }
}
