import Synchronization

/// One at a time for each key, in the order in which they came.
final class Turns: Sendable {
    /// Those that wait behind the one whose turn it is; no entry where nobody has it.
    private let lines = Mutex<[String: [CheckedContinuation<Void, Never>]]>([:])

    func take<Value>(_ key: String, _ body: () async throws -> Value) async rethrows -> Value {
        await withCheckedContinuation { waiter in
            let isFree = lines.withLock { lines in
                guard lines[key] != nil else {
                    lines[key] = []
                    return true
                }
                lines[key]?.append(waiter)
                return false
            }
            if isFree { waiter.resume() }
        }
        defer { leave(key) }
        return try await body()
    }

    private func leave(_ key: String) {
        let next = lines.withLock { lines -> CheckedContinuation<Void, Never>? in
            guard var line = lines[key], !line.isEmpty else {
                lines[key] = nil
                return nil
            }
            let next = line.removeFirst()
            lines[key] = line
            return next
        }
        next?.resume()
    }
}
