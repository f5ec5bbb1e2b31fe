import SyncCore
import Wording

/// Failed chunks of a run that have their cause in common, over all streams.
struct FailureGroup: Sendable {
    let cause: FailedCause
    private(set) var parts: [FailedChunks]

    /// The cause with the most chunks first.
    static func all(_ failures: [FailedChunks]) -> [FailureGroup] {
        var groups: [FailureGroup] = []
        for part in failures {
            if let index = groups.firstIndex(where: { $0.cause == part.cause }) {
                groups[index].parts.append(part)
            } else {
                groups.append(FailureGroup(cause: part.cause, parts: [part]))
            }
        }
        return groups.sorted { ($1.count, $0.cause.message, $0.key) < ($0.count, $1.cause.message, $1.key) }
    }

    var count: Int { parts.reduce(0) { $0 + $1.count } }
    var streams: [StreamID] { Set(parts.map(\.stream)).sorted() }
    var advice: String { parts.lazy.map(\.advice).first { !$0.isEmpty } ?? "" }
    var firstAt: Instant? { parts.compactMap(\.firstAt).min() }
    var lastAt: Instant? { parts.compactMap(\.lastAt).max() }

    /// What a form names the cause by: messages are long, and browsers change their line ends.
    var key: String {
        String(Ticket.hash([cause.errorClass, cause.code, cause.message].joined(separator: "\0")).prefix(16))
    }

    func retry(of job: JobID, _ words: Words) -> Post {
        Post(action: "/sync/jobs/\(job)/retry", label: FailureGroup.retryLabel(count, words), only: key)
    }

    static func retryLabel(_ count: Int, _ words: Words) -> String {
        words.pick("Retry ", "Chạy lại ") + words.count(count, "chunk", "phần")
    }
}

extension FailedCause {
    /// Somebody has to allow something first: tried again it fails again.
    var needsPermission: Bool { FailedCause.ofOwners.contains(errorClass) }
    static let ofOwners: Set = ["owner_must_act", "permanent_configuration", "refresh_credential"]
}

extension ChunkSummary {
    var cause: FailedCause { FailedCause(errorClass: errorClass, code: errorCode, message: errorMessage) }
}
