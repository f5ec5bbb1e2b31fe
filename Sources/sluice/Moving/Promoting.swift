import StorePostgres
import StoreSQLite
import StoreTransfer
import SyncCore

/// One run of `sluice promote`: copies what is not copied yet, compares, and opens the new database for work.
struct Promoting: Sendable {
    let file: String
    let address: PostgresAddress
    let schemas: [StreamSchema]
    let partitioning: Partitioning?
    let progress: TransferProgress
    /// A word that no other run has.
    let run: String
    /// Called before the first row: what was found.
    let told: @Sendable (PostgresPromotion.Found) -> Void

    /// Blocks until it is done. Nothing is lost when it ends at any moment: the next run goes on.
    func execute() throws -> TransferReport {
        try SQLiteTransfer.moving(file, knowing: schemas) { moving in
            let place = try moving.promotedTo
            if let place, place != address.description { throw TransferError.promoted(file, to: place) }
            let target = try PostgresPromotion(
                to: address, of: PromotedFile(name: file, identity: moving.identity, state: moving.state),
                partitioning: partitioning, run: run)
            told(target.found)
            let report = target.found == .finished ? finished() : try move(moving.source, to: target)
            if place == nil, report.differing.isEmpty {
                try moving.note(address.description, at: SystemWallClock().now)
            }
            return report
        }
    }

    /// The same command again changes nothing.
    private func finished() -> TransferReport {
        var report = TransferReport([], written: [:], found: [:])
        report.facts = [("already", .text("promoted"))]
        return report
    }

    private func move(_ source: SQLiteSource, to target: PostgresPromotion) throws -> TransferReport {
        let layouts = try source.layouts
        try target.prepare(layouts)
        let (written, replaced) = try copy(layouts, source, target)
        progress.begin(.checking, total: written.values.reduce(0) { $0 + $1.rows })
        let found = try target.digests(of: layouts) { progress.note($0.name, $1.rows) }
        progress.end()
        var report = TransferReport(layouts, written: written, found: found)
        report.replaced = replaced
        let strangers = try source.strangers
        if !strangers.isEmpty {
            report.notes.append(said("Not copied, for they are not Sluice's: \(strangers.joined(separator: ", "))."))
        }
        if report.differing.isEmpty { try target.finish(views: schemas, at: SystemWallClock().now) }
        return report
    }

    private func copy(
        _ layouts: [TableLayout], _ source: SQLiteSource, _ target: PostgresPromotion
    ) throws -> (written: [String: TableDigest], replaced: Int) {
        var written: [String: TableDigest] = [:]
        var replaced = 0
        var table = try layouts.map { (layout: $0, progress: try target.progress(of: $0)) }
        progress.begin(
            .copying, total: try layouts.reduce(0) { $0 + (try source.count(of: $1)) },
            skipped: table.reduce(0) { $0 + $1.progress.digest.rows })
        for index in table.indices {
            try copy(table[index].layout, &table[index].progress, source, target)
            written[table[index].layout.name] = table[index].progress.digest
            replaced += table[index].progress.replaced
        }
        progress.end()
        return (written, replaced)
    }

    private func copy(
        _ layout: TableLayout, _ state: inout PostgresPromotion.Progress, _ source: SQLiteSource,
        _ target: PostgresPromotion
    ) throws {
        progress.note(layout.name, state.digest.rows)
        if state.isCopied { return }
        var adapter = ValueAdapter(for: .postgres)
        let replacedBefore = state.replaced
        try source.read(layout, after: state.position) { batch in
            try adapter.adapt(&batch)
            state.digest.add(batch)
            state.replaced = replacedBefore + adapter.changed
            // The last rows of a table have nothing behind them.
            state.isCopied = batch.position.isEmpty
            state.position = batch.position
            try target.write(batch, of: layout, state)
            progress.note(layout.name, state.digest.rows)
        }
        guard !state.isCopied else { return }
        state.isCopied = true
        try target.write(nil, of: layout, state)
    }
}
