import ConnectorKit
import Connectors
import Foundation
import StorePostgres
import StoreSQL
import StoreSQLite
import SyncCore
import SyncEngine

/// A database as `backup` and `restore` are told of it.
enum DataPlace: Sendable {
    case file(String)
    case server(PostgresAddress)

    init(_ option: String?) throws {
        let text = option ?? Console.variable("SLUICE_DATABASE") ?? "sluice.sqlite"
        if PostgresAddress.isAddress(text) {
            self = .server(try DataPlace.address(text))
        } else {
            self = .file(try DataPlace.file(text, named: "--database"))
        }
    }

    /// A path, and neither an address nor nothing.
    static func file(_ text: String, named option: String) throws -> String {
        guard !text.isEmpty, !text.contains("://") else {
            throw Exit.usage(said("\(option) takes a file, and \"\(text)\" is none."))
        }
        return DatabasePlace.resolved(text)
    }

    static func address(_ text: String) throws -> PostgresAddress {
        try PostgresAddress(text, environment: ProcessInfo.processInfo.environment)
    }

    /// Without a password.
    var name: String {
        switch self {
        case .file(let path): path
        case .server(let address): address.description
        }
    }

    var engine: String {
        switch self {
        case .file: "sqlite"
        case .server: "postgres"
        }
    }
}

/// What a file tells of itself before it is read as a whole.
struct FileFacts: Sendable {
    let connections: [Connection]
    /// Of all streams that this program knows, with those of the file's own reports.
    let schemas: [StreamSchema]

    static func read(from path: String) async throws -> FileFacts {
        if try SQLiteStore.isMissing(at: path) {
            throw Exit.usage(said("There is no database at \(path) yet. `sluice sync` makes one."))
        }
        let store = try SQLiteStore.open(path: path, mode: .look, clock: SystemWallClock())
        do {
            let connections = try await store.connections()
            try await store.close()
            return FileFacts(connections: connections, schemas: schemas(of: connections))
        } catch {
            try? await store.close()
            throw error
        }
    }

    /// A configuration that is no longer understood adds nothing: the table's own types tell the rest.
    static func schemas(of connections: [Connection] = []) -> [StreamSchema] {
        let plain = Catalog.connectors.map { ($0, [String: String]()) }
        let own = connections.compactMap { connection in
            (try? Catalog.connectors.type(of: connection.platform)).map { ($0, connection.configuration) }
        }
        return (plain + own).flatMap { type, configuration in
            (try? type.init(configuration: configuration))?.streams ?? []
        }
    }
}
