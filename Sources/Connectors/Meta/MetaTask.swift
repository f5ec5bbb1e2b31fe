import ConnectorKit
import SyncCore

/// One chunk with all that reading its answers needs.
struct MetaTask: Sendable {
    let work: ChunkWork
    let schema: StreamSchema
    let reader: RowReader
    let requests: MetaRequests

    var quotas: MetaQuotas { requests.quotas }
    var isFirst: Bool { work.cursor == nil }

    /// Currencies whose smallest unit is the whole (Meta's list of currency codes, offset 1).
    static let minorDigits: [String: Int] = Dictionary(
        uniqueKeysWithValues: "CLP COP CRC HUF IDR ISK JPY KRW PYG TWD VND".split(separator: " ").map {
            (String($0), 0)
        })

    static func reader(for schema: StreamSchema, fields: Set<String>? = nil) -> RowReader {
        RowReader(
            schema: schema, fields: fields, minorDigits: minorDigits,
            currencyPath: schema.id == .adAccounts ? "currency" : nil)
    }

    // MARK: Pages

    enum Page {
        case rows(PageRead, MetaRest.Following)
        case error(MetaError)
    }

    /// A page of a listing, or what came in its place. An error counts whatever the status (meta.md 0.2).
    func page(_ response: WireResponse, context: [String: String] = [:], reader: RowReader? = nil) -> Page {
        guard (200..<300).contains(response.status) else {
            return .error(MetaError(status: response.status, body: response.body))
        }
        let context = context.merging(["account_id": work.account.externalID]) { given, _ in given }
        do {
            let read = try (reader ?? self.reader).read(
                response.body, at: .list("data"), context: context, currency: work.account.currency,
                known: reader == nil ? work.known : nil)
            guard let rest = MetaRest(read.rest) else { return .rows(read, .last) }
            if let error = MetaError(status: response.status, envelope: rest.error) { return .error(error) }
            return .rows(read, rest.following)
        } catch {
            return .error(MetaError(status: response.status, body: response.body))
        }
    }

    // MARK: Readings

    func reading(
        _ next: Reading.Next, _ response: WireResponse, usages: [MetaUsage] = [], told: [QuotaSignal] = [],
        tables: [RowTable] = [], notes: [Note] = [], keepsakes: [String: Secret<String>]? = nil,
        learned: [Learned.Change] = [], spent: Spent = Spent()
    ) -> Reading {
        var signals = quotas.signals([MetaUsage(response)] + usages, at: work.answeredAt)
        // Of several refusals in one batch one counts.
        let blocked = Set(signals.compactMap { if case .blocked(let key, _) = $0 { key } else { nil } })
        signals += told.unique.filter { !blocked.contains($0.key) }
        if case .failed(.throttled(let key, _, _)) = next {
            // The engine blocks this quota for the failure itself.
            signals.removeAll { if case .blocked(key, _) = $0 { true } else { false } }
        }
        var reading = Reading(
            next, tables: tables, signals: signals, notes: notes + versionNotes(response), keepsakes: keepsakes,
            learned: learned)
        reading.spent = spent
        return reading
    }

    /// The note for a row of which only so much can be shown.
    func isolatedNote(_ id: String, _ extent: MetaExtent) -> Note {
        let stored = extent == .id ? "only its id is stored" : "its name, state and dates are stored"
        return Note("row_isolated", "Meta cannot show the whole row \(id) of \(schema.id); \(stored).")
    }

    /// The signal for a throttle that is no failure of the whole answer: of a batch item, of a report.
    func blocked(by throttle: MetaThrottle, _ families: [MetaFamily], _ usage: MetaUsage) -> QuotaSignal {
        .blocked(
            quotas.key(throttle, touching: families), until: quotas.end(of: throttle, told: usage, at: work.answeredAt))
    }

    /// How long a call has to stand back whose limits do not hold it: an item of it met one of another business or use.
    /// Nil where the limiter does that.
    func pause(by throttle: MetaThrottle, _ families: [MetaFamily], _ usage: MetaUsage) -> Duration? {
        let key = quotas.key(throttle, touching: families)
        guard !families.contains(where: { quotas.key($0) == key }) else { return nil }
        let end = quotas.end(of: throttle, told: usage, at: work.answeredAt)
        return end.map { $0 - work.answeredAt } ?? MetaPlatform.platform.leastBlock[key.family]
    }

    func failed(_ error: MetaError, _ families: [MetaFamily], _ response: WireResponse) -> Reading {
        let failure = error.failure(quotas, families, usage: MetaUsage(response), at: work.answeredAt)
        return reading(.failed(failure), response)
    }

    /// Meta may serve another version than the one asked for (meta.md 1); said with the first answers of a job.
    private func versionNotes(_ response: WireResponse) -> [Note] {
        guard isFirst, schema.grain == .entity, let served = response["facebook-api-version"],
            !served.isEmpty, served.lowercased() != MetaPlatform.version
        else { return [] }
        let safe = served.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == ".") }.prefix(12)
        return [
            Note("version", "Meta answered with version \(safe) instead of \(MetaPlatform.version); update sluice.")
        ]
    }

    func notes(on page: PageRead) -> [Note] { page.notes(on: schema.id, of: "Meta", isFirst: isFirst) }

    func droppedNote(_ fields: [String], _ label: String) -> Note {
        let plural = fields.count > 1
        return Note(
            "field_dropped",
            "Meta does not give the field\(plural ? "s" : "") \(fields.joined(separator: ", ")) of \(schema.id) to "
                + "this token (\(label)); \(plural ? "the columns stay" : "the column stays") empty.")
    }

    /// Fields that were refused once and came again with this answer, which asked for all of `fields` but those
    /// in `dropped`.
    func healed(_ fields: [String], without dropped: [String]) -> [Learned.Change] {
        let again = work.learned.dropped.keys.filter { fields.contains($0) && !dropped.contains($0) }
        return again.isEmpty ? [] : [.healed(again.sorted())]
    }
}

/// How many rows to ask for per page: halved when an answer would be too large, and back after ten good
/// pages (meta.md 11b).
struct MetaPageSize: Sendable, Hashable, Codable {
    /// Nil for the default.
    var limit: Int?
    var good = 0
    /// Below the default because of one bad row: grows back at once behind it.
    var regrows = false

    static let goodPages = 10

    func limit(default standard: Int, learned: Learned) -> Int {
        min(standard, max(1, limit ?? learned.pageSize ?? standard))
    }

    /// Half of what was asked for; nil when that was one row.
    func halved(default standard: Int, learned: Learned, forRow: Bool) -> MetaPageSize? {
        let now = limit(default: standard, learned: learned)
        guard now > 1 else { return nil }
        return MetaPageSize(limit: now / 2, good: 0, regrows: forRow || regrows)
    }

    /// After a good page; the second value tells what to remember beyond this chunk, if anything changed.
    func grown(default standard: Int, learned: Learned) -> (MetaPageSize, [Learned.Change]) {
        let now = limit(default: standard, learned: learned)
        guard now < standard else { return (MetaPageSize(), []) }
        if regrows {
            let larger = min(standard, now * 2)
            return (larger == standard ? MetaPageSize() : MetaPageSize(limit: larger, regrows: true), [])
        }
        var next = self
        next.limit = now
        next.good = max(good, limit == nil ? learned.goodPages : 0) + 1
        guard next.good >= MetaPageSize.goodPages else { return (next, [.goodPages(next.good)]) }
        return (MetaPageSize(limit: standard), [.pageSize(nil)])
    }
}

extension Spent {
    /// An item of a batch that was refused, or was not finished in time, and is asked for again.
    mutating func count(_ error: MetaError?) {
        if case .throttled? = error?.kind { throttled += 1 } else { retries += 1 }
    }
}
