import ConnectorKit
import GRDB
import StoreSQL
import SyncCore
import SyncEngine
import SyncTestKit

@testable import Connectors
@testable import StoreSQLite

extension MetaSandbox.Run {
    /// The fate without its numbers, with the code of a failure.
    fileprivate var fateName: String {
        switch fate {
        case .completes: "completed"
        case .fails(let code, let subcode): "failed_\(code)_\(subcode)"
        case .skipped: "skipped"
        case .stuckAtZero: "stuck_at_0"
        case .stuckAt99: "stuck_at_99"
        case .unreadable: "not_readable_yet"
        case .cannotInclude: "cannot_include"
        }
    }
}

extension Machine {
    /// Checks every invariant of anchors.md 3.5 that applies, against the database and the sandbox's truth.
    func inspect(_ job: JobID) async throws -> [String] {
        guard let ended = try await store.job(job) else { return ["the job is gone"] }
        var problems: [String] = []
        if ended.state != .completed {
            let failed = try await store.chunks(of: job, in: [.failed], limit: 3)
            let causes = failed.map {
                "\($0.spec.stream) \($0.spec.mode) \($0.errorMessage ?? "") \($0.errorCode ?? "")"
            }
            problems.append("the job ended \(ended.state.rawValue): \(causes.joined(separator: " | "))")
        }
        problems += ledger.problems
        try database.connection.bare { db in
            problems += try Audit.problems(db)
            problems += try control(db, ended)
            problems += try days(db, ended)
            problems += try coverage(db, ended)
            problems += try owner(db)
            problems += try entities(db)
            problems += try insights(db)
            problems += try secrets(db)
        }
        problems += try await platform()
        return problems
    }

    /// Everything is terminal, counters add up, nothing is left of the work.
    func control(_ db: Database, _ job: Job) throws -> [String] {
        var problems: [String] = []
        let open =
            try Int.fetchOne(
                db, sql: "SELECT count(*) FROM sync_chunks WHERE status NOT IN ('completed','failed','cancelled')") ?? 0
        if open > 0 { problems.append("\(open) chunks are not terminal") }
        let sums = try Row.fetchOne(
            db,
            sql: """
                SELECT count(*) AS total, coalesce(sum(status = 'completed'), 0) AS completed,
                    coalesce(sum(status = 'failed'), 0) AS failed,
                    coalesce(sum(status = 'cancelled'), 0) AS cancelled, coalesce(sum(rows), 0) AS rows,
                    coalesce(sum(rows_written), 0) AS written, coalesce(sum(requests), 0) AS requests,
                    coalesce(sum(throttled), 0) AS throttled, coalesce(sum(retries), 0) AS retries
                FROM sync_chunks WHERE job_id = ?
                """, arguments: [job.id.value])
        let counted = [
            ("total", job.totalChunks), ("completed", job.completedChunks), ("failed", job.failedChunks),
            ("cancelled", job.cancelledChunks), ("rows", job.rowsReceived), ("written", job.rowsWritten),
            ("requests", job.spent.requests), ("throttled", job.spent.throttled), ("retries", job.spent.retries),
        ]
        for (name, count) in counted where sums?[name] as Int? != count {
            problems.append("the job counts \(count) \(name), its chunks \(sums?[name] as Int? ?? 0)")
        }
        if job.openChunks != 0 { problems.append("the job counts \(job.openChunks) open chunks") }
        let seen = try Int.fetchOne(db, sql: "SELECT count(*) FROM sync_seen") ?? 0
        if seen > 0 { problems.append("\(seen) seen rows are left") }
        return problems
    }

    /// Nobody reads a day twice: of a stream's chunks those that are not cut by entities or fields share no day,
    /// and together they have every day of the job.
    private func days(_ db: Database, _ job: Job) throws -> [String] {
        let twice = try Row.fetchAll(
            db,
            sql: """
                SELECT a.stream, a.start_date, b.end_date FROM sync_chunks AS a JOIN sync_chunks AS b
                ON a.job_id = b.job_id AND a.stream = b.stream AND a.id < b.id
                    AND a.start_date <= b.end_date AND b.start_date <= a.end_date
                WHERE a.job_id = ? AND a.entities IS NULL AND a.fields IS NULL
                """, arguments: [job.id.value])
        return twice.prefix(2).map { row in
            let (first, last) = (row["start_date"] as String, row["end_date"] as String)
            return "\(row["stream"] as String) has days between \(first) and \(last) twice"
        }
    }

    /// Each day of each stream of days has exactly one final state.
    private func coverage(_ db: Database, _ job: Job) throws -> [String] {
        let unfinished = try Row.fetchAll(
            db,
            sql: """
                SELECT stream, state, count(*) AS n FROM coverage
                WHERE state NOT IN ('fresh', 'settled', 'not_offered') GROUP BY 1, 2
                """)
        var problems = unfinished.map {
            "coverage: \($0["n"] as Int) days of \($0["stream"] as String) are \($0["state"] as String)"
        }
        guard diary.jobs.count == 1 else { return problems }
        let counts = try Row.fetchAll(db, sql: "SELECT stream, count(*) AS n FROM coverage GROUP BY 1")
        let definition = job.definition
        let windows = [definition.recent, definition.history, definition.notOffered]
        let expected = windows.reduce(0) { $0 + ($1?.count ?? 0) }
        for row in counts where row["n"] as Int != expected {
            problems.append("coverage: \(row["stream"] as String) has \(row["n"] as Int) days of \(expected)")
        }
        if counts.count != 3 { problems.append("coverage: \(counts.count) streams of 3") }
        return problems
    }

    /// The owner is told once of each refused token, and nothing is parked in the end.
    private func owner(_ db: Database) throws -> [String] {
        let told = try Int.fetchOne(db, sql: "SELECT count(*) FROM events WHERE kind = 'connection_parked'") ?? 0
        let renewed = try Int.fetchOne(db, sql: "SELECT version - 1 FROM connections") ?? 0
        return told == renewed ? [] : ["the owner was told \(told) times and renewed \(renewed) tokens"]
    }

    /// The platform's own count: no limit was crossed, and no call was made twice without need.
    private func platform() async throws -> [String] {
        var problems: [String] = []
        let counters = network.with { $0.counters }
        for (kind, count) in counters.faults { tally.count("platform_\(kind)", by: count) }
        for run in network.with({ Array($0.runs.runs.values) }) { tally.count("run_\(run.fateName)") }
        // Every call ends in a write or in another try at once, unless its worker ended or was late.
        let used = try database.connection.bare { db in
            try Int.fetchOne(db, sql: "SELECT sum(batches + retries) FROM sync_chunks") ?? 0
        }
        let lost = diary.lostCalls + ledger.staleWrites
        if gatekeeper.calls > used + lost {
            problems.append("\(gatekeeper.calls) calls were made for \(used) writes, \(lost) may have been lost")
        }
        // Editors use the same limit, and nobody can know.
        if plan.has(.developmentTier), !plan.has(.edits), let refused = counters.refused["account"] {
            problems.append("\(refused) calls were over the limit of the tier")
        }
        return problems
    }

    /// No secret stands in any column of any table.
    private func secrets(_ db: Database) throws -> [String] {
        var problems: [String] = []
        let secrets = FaultPlan.tokens + [world.appSecret, "EAAGPAGE"]
        for table in try String.fetchAll(db, sql: "SELECT name FROM sqlite_master WHERE type = 'table'") {
            let columns = try db.columns(in: table).map(\.name)
            let whole = columns.map { "coalesce(CAST(\"\($0)\" AS TEXT), '')" }.joined(separator: " || ' ' || ")
            let conditions = secrets.map { _ in "instr(line, ?) > 0" }.joined(separator: " OR ")
            let found =
                try Int.fetchOne(
                    db, sql: "SELECT count(*) FROM (SELECT \(whole) AS line FROM \"\(table)\") WHERE \(conditions)",
                    arguments: StatementArguments(secrets)) ?? 0
            if found > 0 { problems.append("a secret stands in \(table)") }
        }
        return problems
    }
}
