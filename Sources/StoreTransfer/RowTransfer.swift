/// Where rows come from: a database as it was at one moment, or an archive.
///
/// Everything here blocks its thread, and belongs to one.
package protocol TransferSource {
    /// All tables in the order in which they are to be read.
    var layouts: [TableLayout] { get throws }

    /// Calls `body` with the rows behind `position`, which an earlier batch of this source told, or with all. Every
    /// table is read once and in the order of `layouts`, when the source is an archive.
    func read(
        _ table: TableLayout, after position: [UInt8]?, _ body: (inout RowBatch) throws -> Void
    ) throws
}

/// Where rows go to.
package protocol TransferSink {
    /// Makes the tables that are not there. Called once, before all rows.
    func prepare(_ layouts: [TableLayout]) throws
    func write(_ batch: RowBatch, of table: TableLayout) throws
}

/// A database that is being filled, and can tell what it holds before it is done.
package protocol DatabaseSink: TransferSink {
    associatedtype Source: TransferSource

    /// What was written to tables like these, to be read back.
    func written(_ layouts: [TableLayout]) -> Source
}

extension TransferSource {
    /// Copies everything; what was written of each table. `adapter` is asked before a row counts.
    package func copy(
        to sink: some TransferSink, adapter: inout ValueAdapter, _ told: (TableLayout, TableDigest) throws -> Void
    ) throws -> [String: TableDigest] {
        var written: [String: TableDigest] = [:]
        let layouts = try layouts
        try sink.prepare(layouts)
        for layout in layouts {
            var digest = TableDigest()
            try read(layout, after: nil) { batch in
                try adapter.adapt(&batch)
                digest.add(batch)
                try sink.write(batch, of: layout)
                try told(layout, digest)
            }
            written[layout.name] = digest
        }
        return written
    }

    /// What the tables hold, read anew.
    package func digests(
        of layouts: [TableLayout], _ told: (TableLayout, TableDigest) throws -> Void
    ) throws -> [String: TableDigest] {
        var found: [String: TableDigest] = [:]
        for layout in layouts {
            var digest = TableDigest()
            try read(layout, after: nil) { batch in
                digest.add(batch)
                try told(layout, digest)
            }
            found[layout.name] = digest
        }
        return found
    }
}
