import Foundation
import GRDB

/// A look into a database of the program, read-only.
struct Stored {
    private let database: DatabaseQueue

    init(_ path: String) throws {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(10)
        database = try DatabaseQueue(path: path, configuration: configuration)
    }

    func close() throws { try database.close() }

    func count(_ table: String, where condition: String = "1") throws -> Int {
        try database.read { db in
            try Int.fetchOne(db, sql: "SELECT count(*) FROM \"\(table)\" WHERE \(condition)") ?? 0
        }
    }

    func numbers(_ sql: String) throws -> [Int] { try database.read { try Int.fetchAll($0, sql: sql) } }
    func texts(_ sql: String) throws -> [String] {
        try database.read { try String?.fetchAll($0, sql: sql).map { $0 ?? "null" } }
    }

    func text(_ sql: String) throws -> String? { try texts(sql).first }
    func number(_ sql: String) throws -> Int? { try numbers(sql).first }

    /// Every row as one line of text, the key first: for comparing whole tables.
    func lines(_ columns: [String], of table: String, where condition: String = "1") throws -> [String] {
        let line = columns.map { "coalesce(\"\($0)\", 'null')" }.joined(separator: " || '|' || ")
        return try texts("SELECT \(line) FROM \"\(table)\" WHERE \(condition)").sorted()
    }

    var tables: [String] {
        get throws { try texts("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name") }
    }

    /// All values of all columns of a table as text.
    func everything(in table: String) throws -> [String] {
        try database.read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM \"\(table)\"").map { row in
                row.databaseValues.map { value in
                    if case .blob(let data) = value.storage { return String(decoding: data, as: UTF8.self) }
                    return String.fromDatabaseValue(value) ?? value.description
                }.joined(separator: "|")
            }
        }
    }

    /// `ok`, or what SQLite finds wrong.
    var integrity: String { get throws { try text("PRAGMA integrity_check") ?? "" } }
}

extension Lab {
    func stored<R>(_ body: (Stored) throws -> R) throws -> R { try home.stored(body) }

    func count(_ table: String, where condition: String = "1") throws -> Int {
        try stored { try $0.count(table, where: condition) }
    }

    func number(_ sql: String) throws -> Int? { try stored { try $0.number(sql) } }
    func texts(_ sql: String) throws -> [String] { try stored { try $0.texts(sql) } }

    /// Calls that the database says were made, over all jobs.
    var countedCalls: Int { get throws { try number("SELECT sum(requests) FROM sync_jobs") ?? 0 } }

    /// Chunks by state, `failed: 1, completed: 3`.
    var chunkStates: [String] {
        get throws {
            try texts(
                "SELECT status || coalesce('/' || wait_reason, '') || ': ' || count(*) FROM sync_chunks "
                    + "GROUP BY status, wait_reason ORDER BY 1")
        }
    }
}
