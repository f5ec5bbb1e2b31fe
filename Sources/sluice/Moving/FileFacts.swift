import ConnectorKit
import Connectors
import StoreSQL
import StoreSQLite
import SyncCore
import SyncEngine

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
            ((try? type.init(configuration: configuration))?.streams ?? []).filter(\.isStored)
        }
    }
}
