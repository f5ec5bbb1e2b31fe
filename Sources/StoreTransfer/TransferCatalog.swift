package import SyncCore

/// Which tables travel, in which order, and what SQLite's few types mean in them.
package enum TransferCatalog {
    /// The control tables (design.md, section 4), each behind those that it refers to. The rows of streams come between
    /// the two lists: what can be claimed comes last, so that a table of chunks never promises what is not there yet.
    package static let first = [
        "workspaces", "users", "members", "sessions", "links", "api_tokens", "settings", "connections", "accounts",
        "stream_states", "credential_ends", "notice_targets",
        "quotas", "outbox_sent", "schedules", "coverage", "sync_digests", "certificates",
    ]
    package static let last = [
        "events", "audit_log", "sync_jobs", "sync_minutes", "sync_requests",
        "sync_request_jobs", "schedule_runs", "schedule_run_jobs", "sync_chunks", "sync_seen", "outbox",
        "notices", "notice_reads", "notice_deliveries",
    ]
    package static let control = first + last

    /// What belongs to one database and says nothing about the data.
    package static let local: Set<String> = [
        "schema_versions", "leaders", "sign_in_failures", "connection_drafts", PromotionNote.table,
        PromotionNote.progressTable,
    ]

    /// The setting that says how tables are cut into partitions: chosen for each database, so it does not travel.
    package static let partitions = "partitions"

    /// One name means one thing in all control tables. Of the columns that SQLite has as TEXT these are something else.
    private static let kinds: [(ValueKind, Set<String>)] = [
        (
            .instant,
            [
                "at", "created_at", "updated_at", "parked_at", "phase_1_completed_at", "phase_2_completed_at",
                "last_synced_at", "learned_at", "promised_until", "started_at", "finished_at", "read_at", "settled_at",
                "sent_at",
                "failed_at", "routed_at", "checked_at",
            ]
        ),
        (
            .day,
            [
                "date", "created_on", "requested_from", "requested_to", "anchor_date", "recent_from", "recent_to",
                "history_from", "history_to", "not_offered_from", "not_offered_to", "start_date", "end_date",
            ]
        ),
        (
            .json,
            [
                "configuration", "streams", "steps", "dropped", "begun", "entities", "fields", "targets", "held",
                "preferences",
                "scopes", "topics", "facts",
            ]
        ),
    ]

    /// What a column of a control table is that SQLite has as TEXT.
    package static func kind(ofText column: String) -> ValueKind {
        kinds.first { $0.1.contains(column) }?.0 ?? .text
    }

    /// The order of the tables: by the two lists, streams by name between them.
    package static func sorted(_ layouts: [TableLayout]) -> [TableLayout] {
        func rank(_ layout: TableLayout) -> (Int, String) {
            if let index = first.firstIndex(of: layout.name) { return (index, "") }
            if let index = last.firstIndex(of: layout.name) { return (1000 + index, "") }
            return (500, layout.name)
        }
        return layouts.sorted { rank($0) < rank($1) }
    }

    /// What is read for a column, in words that both databases know; `t` is the table.
    ///
    /// The lease of a chunk ends with the database that it was taken in: who reads a copy finds it waiting, as if its
    /// worker had handed it back.
    package static func expression(for column: String, of table: String) -> String? {
        guard table == "sync_chunks" else { return nil }
        let parked = """
            EXISTS (SELECT 1 FROM accounts AS a JOIN connections AS c ON c.id = a.connection_id
                WHERE a.id = t.account_id AND c.parked_at IS NOT NULL)
            """
        func released(_ otherwise: String) -> String { "CASE WHEN t.status = 'in_progress' THEN \(otherwise) END" }
        switch column {
        case "status":
            return released("CASE WHEN \(parked) THEN 'waiting' ELSE 'pending' END ELSE t.status")
        case "wait_reason": return released("CASE WHEN \(parked) THEN 'credential' END ELSE t.wait_reason")
        case "run_after", "worker", "lease_until":
            return "CASE WHEN t.status <> 'in_progress' THEN t.\(column) END"
        default: return nil
        }
    }

    /// Rows from before certificates had a column for the currency (`ControlTables.currenciesApart`).
    package static func areBeforeCurrencies(_ layouts: [TableLayout]) -> Bool {
        layouts.contains { $0.name == "certificates" && !$0.columns.contains { $0.name == "currency" } }
    }

    /// Which rows are read; nil for all.
    package static func condition(for table: String) -> String? {
        guard table == "settings" else { return nil }
        let local = [PromotionNote.inSource, PromotionNote.inTarget, partitions]
        return "t.name NOT IN (\(local.map { "'\($0)'" }.joined(separator: ", ")))"
    }
}

/// The names under which a promotion leaves its traces.
package enum PromotionNote {
    /// In the target while it is not finished: who copies what, and how far each table is.
    package static let table = "promotion"
    package static let progressTable = "promotion_tables"
    /// A setting of the file that was moved: where to.
    package static let inSource = "promoted_to"
    /// A setting of the database that a file was moved to: which one.
    package static let inTarget = "promoted_from"
}

/// What the columns of streams are, by table; SQLite itself cannot tell.
package struct KnownKinds: Sendable {
    private var kinds: [String: [String: ValueKind]] = [:]

    package init(schemas: [StreamSchema]) {
        for schema in schemas {
            let pairs = schema.columns.map { ($0.name, ValueKind($0.type)) }
            kinds[schema.table, default: [:]].merge(pairs) { first, _ in first }
        }
    }

    /// What they were where the rows come from.
    package init(layouts: [TableLayout]) {
        for layout in layouts {
            kinds[layout.name] = Dictionary(
                layout.columns.map { ($0.name, $0.kind) }, uniquingKeysWith: { first, _ in first })
        }
    }

    /// Of a column that no schema knows the name tells what all streams call alike; else it is what SQLite says.
    package func kind(of column: String, in table: String, stored: ValueKind) -> ValueKind {
        if let known = kinds[table]?[column] { return known }
        guard stored == .text else { return stored }
        switch column {
        case "extra": return .json
        case "synced_at": return .instant
        case "date": return .day
        default: return .text
        }
    }
}
