import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore
import SyncCore
import Synchronization

/// Answers that many ask for at once: computed once, and given again for a moment. Of those who ask while it is
/// computed all get the same.
final class FreshAnswers: Sendable {
    private struct Kept: Sendable {
        var task: Task<ByteBuffer, any Error>
        var madeAt: Duration
    }

    private let age: Duration
    private let now: @Sendable () -> Duration
    private let kept = Mutex<[String: Kept]>([:])

    init(for age: Duration, clock: any Clock<Duration>) {
        self.age = age
        now = FreshAnswers.reading(clock)
    }

    private static func reading<Time: Clock<Duration>>(_ clock: Time) -> @Sendable () -> Duration {
        let start = clock.now
        return { start.duration(to: clock.now) }
    }

    func answer(_ key: String, _ compute: @escaping @Sendable () async throws -> ByteBuffer) async throws -> Response {
        let now = now()
        let task = kept.withLock { kept in
            if let known = kept[key], now - known.madeAt < age { return known.task }
            if kept.count > 1024 { kept = kept.filter { now - $0.value.madeAt < age } }
            // Shared by all who ask, so it belongs to none of them.
            let task = Task { try await compute() }
            kept[key] = Kept(task: task, madeAt: now)
            return task
        }
        do {
            return Response(
                status: .ok, headers: [.contentType: "application/json; charset=utf-8"],
                body: ResponseBody(byteBuffer: try await task.value))
        } catch {
            kept.withLock { $0[key] = nil }
            throw error
        }
    }

    static func encoded(_ body: some Encodable) throws -> ByteBuffer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        return ByteBuffer(bytes: try encoder.encode(body))
    }
}
