import ConnectorKit
import SyncCore

/// What every connector's own sandbox is asked in the contract suite.
struct ContractCase {
    var connector: any Connector.Type
    var sandbox: any Sandbox
    var credential: Credential
    /// As a person would type it.
    var account: String
    var now: Instant
    /// From one answer to the next call.
    var pause: Duration = .milliseconds(20)
    /// Rows by stream of a complete and current sync at a moment, numbers of these days only.
    var truth: (any Sandbox, Instant, DayRange) -> [String: Int]
    /// What the rows of those days add up to, by stream.
    var sums: ((any Sandbox, Instant, DayRange) -> [String: ContractSums])?
}

/// What rows add up to: by the texts of some columns, the columns that are summed.
struct ContractSums {
    /// `date` among them.
    var by: [String]
    var values: [[String]: [String: Int64]]
    /// Words that stand in rows for others.
    var words: [String: String] = [:]

    /// The same of rows. What is nothing but zeros is none.
    func stored(_ rows: some Sequence<[String: String]>, on days: DayRange) -> [[String]: [String: Int64]] {
        let names = Set(values.values.flatMap(\.keys))
        var sums: [[String]: [String: Int64]] = [:]
        for row in rows where row["date"].flatMap({ CivilDate($0) }).map(days.contains) ?? false {
            let key = by.map { column in row[column].map { words[$0] ?? $0 } ?? "" }
            for name in names {
                sums[key, default: [:]][name, default: 0] += row[name].flatMap { Int64($0) } ?? 0
            }
        }
        return sums.filter { $0.value.values.contains { $0 != 0 } }
    }
}

/// A whole sync without engine, store and network: plans, calls and folds answers into tables, as simply as
/// can be. What it must share with the engine is the meaning of a `Reading`, nothing else.
struct ContractRun {
    var sandbox: any Sandbox
    let connector: any Connector
    private(set) var credential: Credential
    let facts: AccountFacts
    var now: Instant
    /// Rows by stream, by key, each as texts of its columns.
    var tables: [StreamID: [[String]: [String: String]]] = [:]
    var learned: [StreamID: Learned] = [:]
    var listed: [StreamID: ListingState] = [:]
    var notes: [Note] = []
    var failures: [Failure] = []
    var calls = 0
    var lastCallAt: Instant
    private let pause: Duration
    /// Quotas that calls and answers named.
    var touched: Set<QuotaKey> = []

    enum Trouble: Error { case noAccount(String), endless }

    init(_ given: ContractCase, configuration: [String: String] = [:]) throws {
        sandbox = given.sandbox
        var settings = configuration
        settings["identity"] = given.connector.identity(of: given.credential)
        connector = try given.connector.init(configuration: settings)
        credential = given.credential
        now = given.now
        lastCallAt = given.now
        pause = given.pause
        var box = given.sandbox
        var found: AccountFacts?
        for _ in 0..<10 where found == nil {
            let question = Question.account(given.account)
            credential = ContractRun.renewed(credential, connector, given.account, .due, &box, &now)
            let call = connector.call(for: question, cursor: nil, credential: credential, at: now)
            let reply = box.respond(to: call.request, at: now)
            now = now + reply.delay + .seconds(30)
            if case .account(let facts) = connector.answer(
                reply.response, to: question, cursor: nil, credential: credential, at: now)
            {
                found = facts
            }
        }
        guard let found else { throw Trouble.noAccount(given.account) }
        facts = found
        sandbox = box
    }

    var account: Account {
        Account(
            id: AccountID(1), connection: ConnectionID(1), platform: type(of: connector).platform.id,
            externalID: facts.externalID, name: facts.name, currency: facts.currency, zoneName: facts.zoneName,
            createdOn: facts.createdOn)
    }

    /// Syncs everything; the days that were to be covered.
    mutating func sync(_ streams: [StreamID]? = nil) throws -> DayRange {
        let anchor = CivilDate(now, in: try account.zone())
        let platform = type(of: connector).platform
        let offered = platform.retentionMonths.map { anchor.adding(months: -$0).adding(days: 1) }
        let windows = SyncWindows.all(anchor: anchor, createdOn: facts.createdOn, offeredFrom: offered)
        for step in platform.steps {
            let window = step.phase == .recent ? windows.recent : windows.history
            var due: [StreamID: [CivilDate]] = [:]
            for schema in connector.streams where schema.grain == .daily { due[schema.id] = window?.days ?? [] }
            var tallies: [StreamID: [String: Int]] = [:]
            for (stream, column) in platform.tallies {
                let values = (tables[stream] ?? [:]).values.compactMap { $0[column] }
                tallies[stream] = Dictionary(values.map { ($0, 1) }, uniquingKeysWith: +)
            }
            let request = PlanRequest(
                step: step, kind: .initial, account: account, anchor: anchor, window: window,
                streams: streams ?? connector.streams.filter { !$0.isActing }.map(\.id), due: due, listed: listed,
                tallies: tallies,
                learned: learned, now: now)
            var open = connector.plan(request)
            while let spec = open.popLast() { open += try work(spec, anchor) }
        }
        return DayRange(windows.history?.first ?? windows.recent?.first ?? anchor, anchor) ?? DayRange(anchor)
    }

    /// Works on one chunk to its end; what it was split into or found to follow.
    private mutating func work(_ spec: ChunkSpec, _ anchor: CivilDate) throws -> [ChunkSpec] {
        var cursor: String?
        var keepsakes: [String: Secret<String>] = [:]
        var seen: Set<[String]> = []
        var follow: [ChunkSpec] = []
        var tries = 0
        for _ in 0..<20_000 {
            let work = ChunkWork(
                account: account, spec: spec, cursor: cursor, anchor: anchor, credential: credential,
                learned: learned[spec.stream] ?? Learned(), keepsakes: keepsakes, now: now)
            guard let reading = answer(work) else { continue }
            if let kept = reading.keepsakes { keepsakes = kept }
            touched.formUnion(reading.signals.map(\.key))
            for change in reading.learned { learned[spec.stream, default: Learned()].take(change, at: now) }
            notes += reading.notes
            store(reading, spec.stream, &seen)
            follow += reading.follow
            switch reading.next {
            case .more(let next):
                cursor = next
                tries = 0
            case .later(let wait, let next):
                cursor = next
                now = now + wait
                // A worker that lets go of a chunk forgets its secrets.
                keepsakes = [:]
            case .finished(let finish): return follow + finished(finish, spec, seen)
            case .split(let specs, _): return follow + specs
            case .failed(let failure):
                if case .refreshCredential = failure {
                    credential = ContractRun.renewed(
                        credential, connector, facts.externalID, .refused, &sandbox, &now)
                    tries += 1
                    if tries < 12 { continue }
                }
                guard pause(failure), tries < 12 else {
                    failures.append(failure)
                    return follow
                }
                if case .retryNow = failure { tries += 1 }
            }
        }
        throw Trouble.endless
    }

    /// What the engine's keyring does, without leases.
    private static func renewed(
        _ credential: Credential, _ connector: any Connector, _ account: String, _ reason: RenewalReason,
        _ sandbox: inout any Sandbox, _ now: inout Instant
    ) -> Credential {
        guard let call = connector.renewal(of: credential, account: account, because: reason, at: now) else {
            return credential
        }
        let reply = sandbox.respond(to: call.request, at: now)
        now = now + reply.delay + .milliseconds(20)
        guard reply.delivery == .whole,
            case .credential(let new) = connector.renewed(reply.response, of: credential, account: account, at: now)
        else { return credential }
        return new
    }

    /// One call; nil when the answer never came.
    private mutating func answer(_ work: ChunkWork) -> Reading? {
        var work = work
        credential = ContractRun.renewed(credential, connector, facts.externalID, .due, &sandbox, &now)
        work.credential = credential
        work.now = now
        let call = connector.call(for: work)
        let reply = sandbox.respond(to: call.request, at: now)
        calls += 1
        lastCallAt = now
        touched.formUnion(call.costs.map(\.key))
        work.answeredAt = now + reply.delay
        now = now + min(reply.delay, call.request.timeout) + pause
        if reply.delay > call.request.timeout { return connector.read(TransportError.timedOut, to: call, of: work) }
        var response = reply.response
        switch reply.delivery {
        case .whole, .slow: break
        case .reset: return nil
        case .cut(let count): response.body = Array(response.body.prefix(count))
        }
        return connector.read(response, to: call, of: work)
    }

    /// Waits as the engine would; false when waiting is of no use.
    private mutating func pause(_ failure: Failure) -> Bool {
        switch failure {
        case .retryNow: now = now + .seconds(5)
        case .retryAt(let moment, _): now = max(now, moment)
        case .throttled(_, let until, _): now = max(now + .seconds(1), until ?? now + .seconds(400))
        default: return false
        }
        return true
    }

    private mutating func store(_ reading: Reading, _ stream: StreamID, _ seen: inout Set<[String]>) {
        for table in reading.tables {
            let schema = table.schema
            for row in 0..<table.rowCount {
                let key = schema.key.map { text(table, row, $0) ?? "" }
                if schema.id == stream { seen.insert(key) }
                for position in table.filled {
                    let name = schema.columns[position].name
                    tables[schema.id, default: [:]][key, default: [:]][name] = text(table, row, name)
                }
            }
        }
    }

    private func text(_ table: RowTable, _ row: Int, _ column: String) -> String? {
        guard let cell = table.cell(row: row, column: column) else { return nil }
        return table.string(cell) ?? cell.integer.map(String.init) ?? cell.real.map { "\($0)" }
    }

    /// Rows in the scope of a complete chunk that did not come are gone, unless they can be asked for by id.
    private mutating func finished(_ finish: Reading.Finish, _ spec: ChunkSpec, _ seen: Set<[String]>) -> [ChunkSpec] {
        guard finish.isComplete, let schema = connector.streams.first(where: { $0.id == spec.stream }) else {
            return finish.follow
        }
        let rows = tables[spec.stream] ?? [:]
        // Of an id of which no row came, all rows stay.
        let listed = finish.sparing.map { column in Set(seen.compactMap { rows[$0]?[column] }) }
        let missing = rows.filter { key, row in
            guard !seen.contains(key) else { return false }
            if let listed, let column = finish.sparing, !listed.contains(row[column] ?? "") { return false }
            if schema.grain == .daily {
                guard let days = spec.days, let day = row["date"].flatMap({ CivilDate($0) }), days.contains(day) else {
                    return false
                }
            }
            if schema.grain == .event { return false }
            guard let entities = spec.entities else { return true }
            return row[entities.column].map(entities.ids.contains) ?? false
        }.map(\.key)
        let ids = schema.grain == .entity && spec.entities == nil ? missing.compactMap(\.last) : []
        let recheck = ids.isEmpty ? [] : connector.recheck(ids.sorted(), of: spec, learned[spec.stream] ?? Learned())
        if recheck.isEmpty { for key in missing { tables[spec.stream]?[key] = nil } }
        return finish.follow + recheck
    }
}
