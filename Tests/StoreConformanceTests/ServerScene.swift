import Foundation
import GRDB
import Logging
import StoreSQL
import StoreTransfer
import SyncCore
import SyncTestKit
import Testing

@testable import StorePostgres
@testable import StoreSQLite

/// What the tests of copying to and from a server share.
enum ServerScene {
    static func withScene(
        rows: Int = 300, _ body: (TransferScene, PostgresAddress, URL) async throws -> Void
    ) async throws {
        try await withFolder { folder in
            let scene = try TransferScene.make(in: folder, rows: rows)
            try await PostgresDatabase.withDatabase { try await body(scene, $0, folder) }
        }
    }

    /// What the file holds once PostgreSQL holds it.
    static func adapted(
        _ scene: TransferScene, _ layouts: [TableLayout]? = nil
    ) throws -> (digests: [String: TableDigest], changed: Int) {
        var adapter = ValueAdapter(for: .postgres)
        let digests = try SQLiteTransfer.reading(scene.path, knowing: TransferScene.schemas) { source in
            var digests: [String: TableDigest] = [:]
            for layout in try layouts ?? source.layouts {
                var digest = TableDigest()
                try source.read(layout, after: nil) { batch in
                    try adapter.adapt(&batch)
                    digest.add(batch)
                }
                digests[layout.name] = digest
            }
            return digests
        }
        return (digests, adapter.changed)
    }

    /// One run of a promotion that ends behind `most` batches; what it found, nil digests unless it came to its end.
    @discardableResult
    static func promote(
        _ scene: TransferScene, to address: PostgresAddress, partitioning: Partitioning? = nil, run: String = "run",
        atMost most: Int = .max
    ) throws -> (found: PostgresPromotion.Found, digests: [String: TableDigest]?) {
        try SQLiteTransfer.moving(scene.path, knowing: TransferScene.schemas) { moving in
            let file = PromotedFile(name: "scene", identity: moving.identity, state: moving.state)
            let target = try PostgresPromotion(to: address, of: file, partitioning: partitioning, run: run)
            if target.found == .finished { return (.finished, nil) }
            let layouts = try moving.source.layouts
            try target.prepare(layouts)
            var batches = 0
            for layout in layouts {
                var state = try target.progress(of: layout)
                if state.isCopied { continue }
                var adapter = ValueAdapter(for: .postgres)
                try moving.source.read(layout, after: state.position) { batch in
                    try adapter.adapt(&batch)
                    state.digest.add(batch)
                    state.isCopied = batch.position.isEmpty
                    state.position = batch.position
                    try target.write(batch, of: layout, state)
                }
                state.isCopied = true
                try target.write(nil, of: layout, state)
                batches += 1
                if batches >= most { return (target.found, nil) }
            }
            let digests = try target.digests(of: layouts) { _, _ in }
            try target.finish(views: TransferScene.schemas, at: Instant(seconds: 0))
            return (target.found, digests)
        }
    }

    static func texts(_ sql: String, in address: PostgresAddress) throws -> [String] {
        var found: [String] = []
        try PostgresConnection(address).execute(.once(sql)) { found.append($0.text(0)) }
        return found
    }

    static func open(_ address: PostgresAddress) async throws -> PostgresStore {
        try await PostgresStore.open(
            address, connections: 2, clock: ManualWallClock(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }
}
