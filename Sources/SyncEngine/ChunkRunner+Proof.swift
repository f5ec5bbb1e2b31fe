import ConnectorKit
import SyncCore

/// A platform's own totals beside what is stored.
extension ChunkRunner {
    /// Compares what a finished chunk of totals has read, and puts what follows from it into its last write. What is
    /// stored is looked up before that write: where somebody changes it in between, the next look finds it.
    func prove(_ totals: Totals, _ update: inout ChunkUpdate, _ attempt: Attempt) async throws {
        let context = attempt.context
        let chunk = attempt.chunk
        let platform = type(of: context.connector).platform
        guard let plan = platform.proof, let look = ProofLook(mode: chunk.spec.mode), let days = chunk.spec.days,
            let job = try await environment.writing({ try await $0.job(chunk.job) })
        else { return }
        let proof = Proof(
            plan, look: look, spec: chunk.spec, totals: totals, anchor: chunk.anchor, job: chunk.job,
            jobBegan: job.createdAt, currency: context.account.currency, platform: platform.name)
        let column = look.column
        let schemas = context.connector.streams.filter { schema in
            guard let columns = schema.proof, job.definition.streams.contains(schema.id) else { return false }
            return column.map(columns.path.contains) ?? true
        }
        let subjects = try await environment.writing { store in
            try await ChunkRunner.subjects(
                schemas, of: job, context.account, days, totals, by: column, chunk.spec.entities, store)
        }
        let outcome = proof.outcome(of: subjects)
        update.certificates = outcome.certificates
        update.follow += outcome.follow
        update.events += outcome.events
        update.notes += outcome.notes
    }

    private static func subjects(
        _ schemas: [StreamSchema], of job: Job, _ account: Account, _ days: DayRange, _ totals: Totals,
        by column: String?, _ entities: EntitySet?, _ store: any SyncStore
    ) async throws -> [Proof.Subject] {
        let certificates = try await store.certificates(account: account.id, days: days, limit: .max)
        var subjects: [Proof.Subject] = []
        for schema in schemas {
            guard let columns = schema.proof else { continue }
            let mine = certificates.filter { $0.stream == schema.id }
            let previous = Dictionary(mine.map { ($0.day, $0) }) { first, _ in first }
            if let moment = columns.moment {
                subjects.append(
                    Proof.Subject(
                        stream: schema.id, columns: columns,
                        // What changed was listed by the job before it comes here.
                        readAt: Dictionary(uniqueKeysWithValues: days.days.map { ($0, job.createdAt) }),
                        previous: previous, stored: try await counts(schema, moment, of: account, days, store)))
                continue
            }
            let cells = try await store.coverage(account: account.id, stream: schema.id)
            let stored = try await store.sums(
                schema, account: account.externalID, days: days, by: columns.currency ?? column, of: entities)
            let whole = Proof.Subject(
                stream: schema.id, columns: columns, readAt: ProofSteps.readAt(cells, within: days),
                previous: previous, stored: stored)
            subjects += whole.apart(totals, certificates: mine)
        }
        return subjects
    }

    private static func counts(
        _ schema: StreamSchema, _ moment: String, of account: Account, _ days: DayRange, _ store: any SyncStore
    ) async throws -> [Totals.Place: StoredSum] {
        let zone = try account.zone()
        let spans = days.days.map { (from: $0.start(in: zone), before: $0.adding(days: 1).start(in: zone)) }
        let counts = try await store.counts(schema, account: account.externalID, by: moment, in: spans)
        let sums = zip(days.days, counts).map { day, count in
            (Totals.Place(day), StoredSum(rows: count, figures: Figures([.rows: Int64(count)])))
        }
        return Dictionary(uniqueKeysWithValues: sums)
    }
}
