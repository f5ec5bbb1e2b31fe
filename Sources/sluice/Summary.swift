import ConnectorKit
import Foundation
import SyncCore
import SyncEngine
import Wording

/// What a sync came to, for the last line and the last table.
struct Summary {
    var job: JobID
    var status: WorkState
    /// Rows stored by table, in the order of the streams.
    var rows: [(table: String, count: Int)]
    var requests: Int
    var throttled: Int
    var retries: Int
    var seconds: Double
    var completedChunks: Int
    var failedChunks: Int
    /// What people should know: fields that were refused, rows that were left out.
    var notes: [Note]
    /// Tables whose rows belong to no account of a sync: each sees all of them.
    var shared: Set<String> = []
    /// All jobs, where each account that there is was synced; else empty.
    var jobs: [JobID] = []

    static func collect(
        job id: JobID, after earlier: [JobID], store: any SyncStore, schemas: [StreamSchema], account: String,
        seconds: Double
    ) async throws -> Summary {
        guard let job = try await store.job(id) else { throw StoreError.inconsistent("job \(id) is gone") }
        var rows: [(table: String, count: Int)] = []
        var shared: Set<String> = []
        for schema in schemas where schema.isStored {
            // Rows about the account itself are keyed by their own account, not by the one that was synced.
            let isAboutAccounts = schema.column("account_id")?.source != .context
            let owner = isAboutAccounts && schema.grain == .entity ? nil : account
            if owner == nil { shared.insert(schema.table) }
            rows.append((schema.table, try await store.count(schema, account: owner)))
        }
        var summary = Summary(
            job: id, status: job.state, rows: rows, requests: 0, throttled: 0, retries: 0, seconds: seconds,
            completedChunks: 0, failedChunks: 0, notes: [], shared: shared)
        for each in earlier + [id] {
            if let job = try await store.job(each) { summary.add(job, notes: try await store.notes(of: each)) }
        }
        return summary
    }

    /// The one that is farther from a complete end.
    static func farther(_ one: WorkState, _ other: WorkState) -> WorkState {
        let order: [WorkState] = [.completed, .inProgress, .pending, .waiting, .cancelled, .failed]
        return order.last { $0 == one || $0 == other } ?? one
    }

    /// Of two accounts together: as far as the one that is less far.
    func adding(_ other: Summary) -> Summary {
        var sum = self
        sum.status = Summary.farther(status, other.status)
        for row in other.rows {
            if let index = sum.rows.firstIndex(where: { $0.table == row.table }) {
                let count = sum.rows[index].count
                sum.rows[index].count = shared.contains(row.table) ? max(count, row.count) : count + row.count
            } else {
                sum.rows.append(row)
            }
        }
        sum.requests += other.requests
        sum.throttled += other.throttled
        sum.retries += other.retries
        sum.completedChunks += other.completedChunks
        sum.failedChunks += other.failedChunks
        sum.notes += other.notes.filter { !sum.notes.contains($0) }
        return sum
    }

    /// Calls that were made before there was a job.
    mutating func add(_ calls: QuestionCalls?) {
        guard let calls else { return }
        requests += calls.count
        throttled += calls.throttled
        retries += calls.retries
    }

    private mutating func add(_ job: Job, notes new: [Note]) {
        requests += job.spent.requests
        throttled += job.spent.throttled
        retries += job.spent.retries
        completedChunks += job.completedChunks
        failedChunks += job.failedChunks
        notes += new.filter { !notes.contains($0) }
    }

    /// The one line of `--json`; the names are part of the contract.
    var json: String {
        let tables = rows.map { "\"\($0.table)\":\($0.count)" }.joined(separator: ",")
        let time = "\((seconds * 1000).rounded() / 1000)"
        let counts = "\"requests\":\(requests),\"throttled\":\(throttled),\"retries\":\(retries),\"seconds\":\(time)"
        let chunks = "\"chunks\":{\"completed\":\(completedChunks),\"failed\":\(failedChunks)}"
        let list = jobs.isEmpty ? "" : ",\"jobs\":[\(jobs.map { "\($0)" }.joined(separator: ","))]"
        return "{\"job_id\":\(job),\"status\":\"\(status.rawValue)\",\"rows\":{\(tables)},\(counts),\(chunks)\(list)}"
    }

    /// The same of a sync that came to no job: the platform refused the credential or could not be asked.
    static func json(ofNoJob calls: QuestionCalls, seconds: Double, error: String) -> String {
        let counts = "\"requests\":\(calls.count),\"throttled\":\(calls.throttled),\"retries\":\(calls.retries)"
        let time = "\"seconds\":\((seconds * 1000).rounded() / 1000)"
        let chunks = "\"chunks\":{\"completed\":0,\"failed\":0}"
        let end = "\"error\":\(JSONText.quoted(error))"
        return "{\"job_id\":null,\"status\":\"failed\",\"rows\":{},\(counts),\(time),\(chunks),\(end)}"
    }

    /// For people; beside what the platform holds when that is known.
    func table(_ words: Words, truth: Truth? = nil) -> String {
        let heads = words.tableHeads
        let width = max(heads.table.count, rows.map(\.table.count).max() ?? 0) + 2
        var lines = [line(heads.table, heads.stored, truth.map { _ in (heads.truth, heads.difference) }, width)]
        for row in rows {
            // What only grows here has nothing to be compared with.
            let other = truth.map { truth in
                truth.rows[row.table].map { (words.number($0), words.number(row.count - $0)) } ?? ("–", "–")
            }
            lines.append(line(row.table, words.number(row.count), other, width))
        }
        lines.append(words.totals(self))
        if let truth { lines.append(words.proof(calls: requests, fewest: truth.fewestCalls, peak: Memory.peak)) }
        lines += words.notes(notes)
        return lines.joined(separator: "\n")
    }

    private func line(_ name: String, _ stored: String, _ other: (String, String)?, _ width: Int) -> String {
        let first = name.padding(to: width) + stored.leading(to: 14)
        guard let other else { return first }
        return first + other.0.leading(to: 22) + other.1.leading(to: 12)
    }
}

/// This process's memory, as Linux tells it.
enum Memory {
    /// The most that was ever resident, in bytes; nil where /proc is missing.
    static var peak: Int? { kilobytes("VmHWM:") }

    /// What is resident now, in bytes.
    static var resident: Int? { kilobytes("VmRSS:") }

    /// As many heaps as processors, from the start: among eight times as many, which is usual, what one thread gives
    /// back lies where the others do not look for it.
    static func prepare() {
        #if canImport(Glibc)
            // Not among what Swift imports of the C library; -8 is M_ARENA_MAX there.
            typealias Mallopt = @convention(c) (Int32, Int32) -> Int32
            guard let found = dlsym(nil, "mallopt") else { return }
            _ = unsafeBitCast(found, to: Mallopt.self)(-8, Int32(ProcessInfo.processInfo.activeProcessorCount))
        #endif
    }

    private static func kilobytes(_ name: String) -> Int? {
        guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else { return nil }
        let line = status.split(separator: "\n").first { $0.hasPrefix(name) }
        return line.flatMap { $0.split(separator: " ").dropLast().last }.flatMap { Int($0) }.map { $0 * 1024 }
    }
}
