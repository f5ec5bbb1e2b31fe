import Foundation
import SyncCore
import Wording

/// One account as `sluice status` tells it.
struct AccountReport {
    let account: Account
    let job: Job?
    let parked: Failure.Cause?
    /// A limit that is reached and holds the job up, and until when.
    let blocked: (key: QuotaKey, until: Instant)?
    /// What to know of the job.
    let notes: [Note]
    /// Fields that the platform refused, with its reason, by stream: their columns stay empty in later jobs, too.
    let dropped: [StreamID: [String: String]]
    /// The account that its rows go on to.
    let destination: Account?
    /// Of a platform that receives: things that it does not take.
    var refused = 0

    var text: String {
        let words = Words.current
        var lines = ["\(account.platform) \(account.externalID)  \(account.name)"]
        func tell(_ name: String, _ what: String) { lines.append("  \(said(name).padding(to: 10))\(what)") }
        func since(_ moment: Instant?) -> String {
            moment.map { words.completeSince($0) } ?? said("not complete yet")
        }
        tell("recent", since(account.recentCompletedAt))
        tell("history", since(account.historyCompletedAt))
        if let synced = account.lastSyncedAt { tell("synced", words.moment(synced)) }
        if let destination {
            let name = "\(destination.platform) \(destination.externalID)"
            tell("goes on", words.destination(name, keepsRows: account.keepsRows))
        }
        if refused > 0 { tell("refused", words.setAside(refused)) }
        if let parked { tell("parked", words.sentence(parked)) }
        if let blocked { tell("waits", words.blocked(blocked.key, until: blocked.until)) }
        for (stream, fields) in dropped.sorted(by: { $0.key < $1.key }) {
            // What else a connector remembers among them is no name of a field.
            let names = fields.filter { !$0.key.contains(" ") }
            guard !names.isEmpty else { continue }
            let codes = Set(names.values).sorted().joined(separator: ", ")
            tell("lacks", words.dropped(names.keys.sorted(), of: stream, codes))
        }
        if let job {
            let report = JobReport(job: job, account: nil, blocked: blocked)
            lines += [report.text, report.reason].compactMap(\.self).map { "  \($0)" }
        }
        lines += words.notes(notes).map { "  \($0)" }
        return lines.joined(separator: "\n")
    }

    var json: String {
        JSONLine([
            ("platform", .text(account.platform.rawValue)), ("account", .text(account.externalID)),
            ("name", .text(account.name)), ("currency", .text(account.currency)),
            ("time_zone", .text(account.zoneName)),
            ("phase_1_completed_at", .instant(account.recentCompletedAt)),
            ("phase_2_completed_at", .instant(account.historyCompletedAt)),
            ("last_synced_at", .instant(account.lastSyncedAt)), ("parked", .text(parked?.message)),
            ("job_id", .number(job.map { Int($0.id.value) })), ("status", .text(job?.state.rawValue)),
            ("wait_reason", .text(job.flatMap { JobReport(job: $0, account: nil, blocked: blocked).waits }?.rawValue)),
            ("blocked_until", .instant(blocked?.until)),
        ]).text
    }
}

/// One job as `sluice jobs` tells it.
struct JobReport {
    let job: Job
    let account: Account?
    let blocked: (key: QuotaKey, until: Instant)?

    /// A job whose chunks wait for a limit is under way itself.
    var waits: WaitReason? { job.waitReason ?? (blocked == nil ? nil : .quota) }

    private var percent: Int {
        job.totalChunks > 0 ? 100 * (job.completedChunks + job.failedChunks) / job.totalChunks : 0
    }

    var text: String {
        let words = Words.current
        let subject = account.map { " \($0.platform) \($0.externalID)" } ?? ""
        let state = said(job.state.rawValue) + (waits.map { " (\(said($0.rawValue)))" } ?? "")
        let failed = job.failedChunks > 0 ? ", \(words.failedCount(job.failedChunks))" : ""
        let parts = [
            "\(said("job")) \(job.id)\(subject)", said(job.definition.kind.rawValue), state,
            "\(said(job.phase.rawValue)) \(percent) %",
            "\(words.number(job.completedChunks))/\(words.count(job.totalChunks, "chunk", "phần"))\(failed)",
            words.count(job.rowsReceived, "row", "dòng"), words.count(job.spent.requests, "call", "lượt gọi"),
        ]
        return parts.joined(separator: "  ")
    }

    /// Why chunks of it failed, the first of them, or why it was cancelled.
    var reason: String? { job.errorMessage.map { Words.current.whole(Words.current.event($0)) } }

    var json: String {
        JSONLine([
            ("job_id", .number(Int(job.id.value))), ("account", .text(account?.externalID)),
            ("platform", .text(account?.platform.rawValue)), ("kind", .text(job.definition.kind.rawValue)),
            ("status", .text(job.state.rawValue)), ("wait_reason", .text(waits?.rawValue)),
            ("blocked_until", .instant(blocked?.until)), ("phase", .text(job.phase.rawValue)),
            ("total_chunks", .number(job.totalChunks)),
            ("completed_chunks", .number(job.completedChunks)), ("failed_chunks", .number(job.failedChunks)),
            ("rows", .number(job.rowsReceived)), ("requests", .number(job.spent.requests)),
            ("throttled", .number(job.spent.throttled)), ("retries", .number(job.spent.retries)),
            ("created_at", .instant(job.createdAt)), ("finished_at", .instant(job.finishedAt)),
            ("error", .text(job.errorMessage)),
        ]).text
    }
}

/// A flat JSON object in one line, members in the given order.
struct JSONLine {
    enum Value {
        case text(String?)
        case number(Int?)
        case instant(Instant?)
        case flag(Bool)
        case list([Value])
        /// JSON as it is.
        case json(String?)
    }

    let text: String

    init(_ members: [(String, Value)]) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        func rendered(_ value: Value) -> String? {
            switch value {
            case .text(let text): text.flatMap { try? encoder.encode($0) }.map { String(decoding: $0, as: UTF8.self) }
            case .number(let number): number.map(String.init)
            case .instant(let instant): instant.map { "\"\($0)\"" }
            case .flag(let flag): "\(flag)"
            case .json(let json): json
            case .list(let values): "[\(values.map { rendered($0) ?? "null" }.joined(separator: ","))]"
            }
        }
        let parts = members.map { name, value in "\"\(name)\":\(rendered(value) ?? "null")" }
        self.text = "{\(parts.joined(separator: ","))}"
    }
}
