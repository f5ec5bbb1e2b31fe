import StoreSQL
package import StoreTransfer
package import SyncCore

/// A table or view that can be exported, with what is to be known of its columns.
package struct ExportTable: Sendable, Hashable {
    package struct Column: Sendable, Hashable {
        package let name: String
        package let kind: ValueKind
        /// A whole number of millionths of a currency.
        package let isMoney: Bool

        init(_ name: String, _ kind: ValueKind, isMoney: Bool = false) {
            self.name = name
            self.kind = kind
            self.isMoney = isMoney
        }

        init(_ column: SyncCore.Column) {
            let isMoney = column.type == .money || column.type == .minorMoney
            self.init(column.name, ValueKind(column.type), isMoney: isMoney)
        }

        var layout: TableLayout.Column { TableLayout.Column(name, kind) }
    }

    package let name: String
    package let columns: [Column]
    /// By which rows are in order unless somebody asks for another.
    package let key: [String]
    /// Whose rows they are; nil where a column says so.
    package let platform: PlatformID?
    /// The column with the platform's name, where rows of several stand in one table.
    package let platformColumn: String?
    /// The column with the account's id at its platform.
    package let accountColumn: String
    /// The day that a row is about, or the moment; nil for things that last.
    package let dayColumn: String?

    package func column(_ name: String) -> Column? { columns.first { $0.name == name } }
}

extension ExportTable {
    /// One of our own.
    fileprivate init(_ name: String, _ columns: [(String, ValueKind)], moment: String) {
        self.init(
            name: name, columns: columns.map { Column($0.0, $0.1) }, key: ["id"], platform: nil, platformColumn: nil,
            accountColumn: "account_id", dayColumn: moment)
    }

    static let suffix = "_micros"

    /// How a column is called in a file. Money is in millionths and named so where programs read it (JSON Lines), and
    /// in units of the currency, without the ending, where people do.
    func heading(of column: Column, in format: ExportFormat) -> String {
        guard column.isMoney else { return column.name }
        let plain = column.name.hasSuffix(Self.suffix) ? String(column.name.dropLast(Self.suffix.count)) : column.name
        let wanted = format.isForPeople ? plain : plain + Self.suffix
        // Not a name that another column has.
        return wanted == column.name || self.column(wanted) == nil ? wanted : column.name
    }
}

/// What a database holds that can be exported: rows of streams, the views over them, the logs. Nothing else: the other
/// tables have secrets in them, or say nothing to anybody.
package struct ExportCatalog: Sendable {
    private let schemas: [StreamSchema]
    /// Tables of our own, in part.
    private var own: [ExportTable] = []

    /// Of all streams that the program knows.
    package init(_ schemas: [StreamSchema]) { self.schemas = schemas }

    /// What pages show beside streams and logs: whoever asks for it says whose, for it holds that of all workspaces.
    package static let ofPages = {
        var catalog = ExportCatalog([])
        catalog.own = [chunks, record]
        return catalog
    }()

    /// Names of all that the program knows, there or not.
    var names: Set<String> { Set(schemas.filter(\.isStored).map(\.table) + knownViews.map(\.name)) }

    /// What is there: tables of streams as they are, and of the views those that are known.
    func tables(streams: [TableLayout], views: Set<String>) -> [ExportTable] {
        own + streams.map(table) + knownViews.filter { views.contains($0.name) }
    }

    private static let chunks = ExportTable(
        "sync_chunks",
        [
            ("id", .integer), ("job_id", .integer), ("stream", .text), ("stage", .text), ("phase", .text),
            ("status", .text), ("wait_reason", .text), ("start_date", .day), ("end_date", .day), ("entities", .json),
            ("rows", .integer), ("rows_written", .integer), ("requests", .integer), ("throttled", .integer),
            ("retries", .integer), ("splits", .integer), ("retry_count", .integer), ("error_class", .text),
            ("error_code", .text), ("error_message", .text), ("created_at", .instant), ("started_at", .instant),
            ("finished_at", .instant), ("actual_duration_seconds", .real),
        ], moment: "created_at")

    private static let record = ExportTable(
        "audit_log",
        [
            ("id", .integer), ("workspace_id", .integer), ("at", .instant), ("actor", .text), ("action", .text),
            ("subject", .text), ("detail", .text), ("previous_hash", .text), ("hash", .text),
        ], moment: "at")

    private func table(_ layout: TableLayout) -> ExportTable {
        let schema = schemas.first { $0.table == layout.name }
        let columns = layout.columns.map { column in
            // A report that no schema of this program describes: money has its name.
            let isMoney = column.kind == .integer && column.name.hasSuffix(ExportTable.suffix)
            return ExportTable.Column(column.name, column.kind, isMoney: isMoney)
        }
        let isEvents = schema?.grain == .event
        let day = columns.first { $0.name == "date" && $0.kind == .day }
        // Of events that have no day the moment counts, which stands before the others.
        let moment = columns.first { isEvents && $0.kind == .instant && $0.name != "synced_at" }
        return ExportTable(
            name: layout.name, columns: columns, key: layout.key,
            platform: schema?.platform ?? PlatformID(String(layout.name.prefix { $0 != "_" })), platformColumn: nil,
            accountColumn: "account_id", dayColumn: (day ?? moment)?.name)
    }

    private var knownViews: [ExportTable] {
        let performance = ExportTable(
            name: PerformanceText.name, columns: PerformanceText.all.map(ExportTable.Column.init),
            key: ["platform", "account", "campaign", "day"], platform: nil, platformColumn: "platform",
            accountColumn: "account", dayColumn: "day")
        let logs = ExportTable(
            name: SyncLogs.name, columns: SyncLogs.columns.map(ExportTable.Column.init), key: ["id"], platform: nil,
            platformColumn: "platform", accountColumn: "external_id", dayColumn: "created_at")
        // Connections of one platform have its views in common.
        var derived: [String: ExportTable] = [:]
        for schema in schemas {
            for one in schema.views { derived[one.name] = view(one, schema.platform) }
        }
        return derived.values.sorted { $0.name < $1.name } + [performance, logs]
    }

    private func view(_ view: DerivedView, _ platform: PlatformID) -> ExportTable {
        let columns = view.columns.map(ExportTable.Column.init)
        let day = columns.first { $0.name == "date" && $0.kind == .day }?.name
        return ExportTable(
            name: view.name, columns: columns, key: [view.columns[0].name] + (day.map { [$0] } ?? []),
            platform: platform, platformColumn: nil, accountColumn: view.columns[0].name, dayColumn: day)
    }
}
