import ArgumentParser
import ConnectorKit
import Connectors
import SyncCore

/// Writes docs/data-tables.md from the schemas, so that the page cannot differ from the tables.
struct SchemaDocsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema-docs", abstract: "Print the documentation of all data tables.", shouldDisplay: false)

    func run() throws {
        var lines = ["# Data tables", "", "Made from the schemas by `make docs`; do not edit."]
        lines += ["", "Days are civil days in the account's zone. Money is an integer in millionths of the account's"]
        lines += ["currency (`*_micros`). Instants are UTC. Every table ends with `extra` (JSON: what the schema does"]
        lines += ["not know) and `synced_at` (when the row last changed here). **Bold** columns are the key."]
        for type in Catalog.connectors {
            let streams = try type.init(configuration: [:]).streams
            for schema in streams where schema.isStored { lines += describe(schema) }
            for view in streams.flatMap(\.views) { lines += describe(view) }
        }
        lines += ["", "## ad_performance_daily", ""]
        lines += ["A view, campaigns by day of all platforms in common words: platform, account (the `account_id`),"]
        lines += ["campaign (its id), day, impressions, clicks, cost, orders, revenue, currency. Cost and revenue are"]
        lines += ["in millionths, like all money."]
        Console.out(lines.joined(separator: "\n"))
    }

    private func describe(_ view: DerivedView) -> [String] {
        let columns = view.columns.map(\.name).joined(separator: ", ")
        return ["", "## \(view.name)", "", "A view. \(view.summary) Columns: \(columns)."]
    }

    private func describe(_ schema: StreamSchema) -> [String] {
        let shared = " Accounts of one credential share them: each stands once for every account."
        var lines = ["", "## \(schema.table)", "", schema.summary + (schema.isShared ? shared : ""), ""]
        lines += ["| column | type | from | meaning |", "|---|---|---|---|"]
        for column in schema.columns {
            let name = schema.key.contains(column.name) ? "**\(column.name)**" : column.name
            lines.append("| \(name) | \(type(column.type)) | \(source(column)) | \(escaped(column.summary)) |")
        }
        return lines
    }

    private func type(_ type: ColumnType) -> String {
        switch type {
        case .text: "text"
        case .integer: "integer"
        case .real: "real"
        case .boolean: "boolean (0, 1)"
        case .date: "date"
        case .instant: "instant"
        case .money, .minorMoney: "money (micros)"
        case .json: "JSON"
        }
    }

    private func source(_ column: Column) -> String {
        switch column.source {
        case .path(let path): "`\(escaped(path))`"
        case .above(let path): "`\(escaped(path))` of the object around the rows"
        case .context: "the sync"
        }
    }

    private func escaped(_ text: String) -> String { text.replacing("|", with: "\\|") }
}
