import Dispatch
import StoreSQL
import StoreTransfer
import SyncCore
import Synchronization

/// Makes one export, on a queue of its own.
actor ExportWorker {
    /// The most bytes of one piece.
    static let pieceSize = 65_536
    /// What is read at once.
    private static let batchSize = 4 * pieceSize

    private enum Stage {
        case new
        case text(TextPieces)
        case filling(Workbook)
        case file(TemporaryFile, offset: Int)
        case ended
    }

    nonisolated let progress = ExportProgress()
    private let executor = SerialQueueExecutor(label: "sluice.export")
    private let folder: String
    private let sign = StopSign()
    /// Ends what the database does for us.
    private let interrupt = Mutex<(@Sendable () -> Void)?>(nil)
    private var stage = Stage.new
    private var snapshot: (any RowSnapshot)?
    private var batch = RowBatch()
    private var currency = ExportPlan.CurrencySource.none
    /// By account.
    private var currencies: [String: Int] = [:]

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(folder: String) {
        self.folder = folder
    }

    /// The name of the file.
    func open(
        _ request: ExportRequest, _ catalog: ExportCatalog, _ source: @Sendable () throws -> any RowSnapshot
    ) throws -> String {
        do {
            return try begin(request, catalog, source)
        } catch {
            end()
            throw error
        }
    }

    private func begin(
        _ request: ExportRequest, _ catalog: ExportCatalog, _ source: @Sendable () throws -> any RowSnapshot
    ) throws -> String {
        let snapshot = try sign.guarding { try source() }
        self.snapshot = snapshot
        interrupt.withLock { $0 = snapshot.stop }
        // It may have come between the two.
        if sign.isRaised { snapshot.stop() }
        let plan = try ExportPlan(
            request, of: try catalog.table(request.table, streams: snapshot.streams, views: snapshot.views))
        currency = plan.currency
        if case .account(_, let platform) = plan.currency { currencies = try decimals(platform, snapshot) }
        switch request.format {
        case .csv(let mark): stage = .text(TextPieces(CSVText(plan.columns, mark: mark)))
        case .jsonLines: stage = .text(TextPieces(JSONLinesText(plan.columns)))
        case .excel: stage = .filling(try Workbook(request.name ?? request.table, plan.columns, folder: folder))
        }
        try snapshot.open(plan.query)
        return plan.fileName
    }

    /// The next piece; nil behind the last.
    func next() async throws -> [UInt8]? {
        do {
            if sign.isRaised { throw CancellationError() }
            if case .filling(let book) = stage {
                try fill(book)
                // The database is not needed any more, and putting the file together takes a while.
                snapshot = nil
                stage = .file(try await WorkbookClosing.file(of: book), offset: 0)
            }
            guard let piece = try piece() else {
                end()
                return nil
            }
            return piece
        } catch {
            end()
            throw error
        }
    }

    /// From any thread: whatever runs ends with an error, and everything is given back.
    nonisolated func stop() {
        sign.raise()
        interrupt.withLock { $0 }?()
        executor.queue.async { self.assumeIsolated { $0.end() } }
    }

    private func end() {
        stage = .ended
        interrupt.withLock { $0 = nil }
        snapshot = nil
        batch = RowBatch()
    }

    private func piece() throws -> [UInt8]? {
        switch stage {
        case .text(var pieces):
            // Not two of them, or its bytes would be copied.
            stage = .ended
            defer { if case .ended = stage { stage = .text(pieces) } }
            while true {
                if let piece = pieces.next(ExportWorker.pieceSize) { return piece }
                guard try read() else { return pieces.rest() }
                try pieces.append(batch)
            }
        case .file(let file, let offset):
            let piece = try file.read(ExportWorker.pieceSize, at: offset)
            stage = .file(file, offset: offset + piece.count)
            return piece.isEmpty ? nil : piece
        case .new, .filling, .ended: return nil
        }
    }

    /// False when no row was left.
    private func read() throws -> Bool {
        batch.removeAll()
        guard try snapshot?.read(into: &batch, size: ExportWorker.batchSize) ?? false else { return false }
        progress.rows.add(batch.count, ordering: .relaxed)
        return true
    }

    // MARK: Workbooks

    private func fill(_ book: Workbook) throws {
        while try read() {
            if sign.isRaised { throw CancellationError() }
            try batch.forEach { row in try book.append(row, decimals: try decimals(of: row)) }
            try book.checkRoom()
        }
        progress.shortened.store(book.shortened, ordering: .relaxed)
    }

    /// Those of the currency of a row's money.
    private func decimals(of row: PackedRow) throws -> Int? {
        switch currency {
        case .none: return nil
        case .column(let place): return try row.text(at: place).flatMap { CurrencyDecimals.of($0) }
        case .account(let place, of: _): return try row.text(at: place).flatMap { currencies[$0] }
        }
    }

    private func decimals(_ platform: PlatformID, _ snapshot: any RowSnapshot) throws -> [String: Int] {
        let columns = ["external_id", "currency"].map { TableLayout.Column($0, .text) }
        let accounts = TableLayout("accounts", columns: columns, key: [], isControl: true)
        let own = RowQuery.Condition.isOneOf(TableLayout.Column("platform", .text), [.text("\(platform)")])
        try snapshot.open(RowQuery(accounts, where: [own]))
        var found: [String: Int] = [:]
        var batch = RowBatch()
        while try snapshot.read(into: &batch, size: ExportWorker.batchSize) {
            try batch.forEach { row in
                guard let account = try row.text(at: 0), let currency = try row.text(at: 1) else { return }
                found[account] = CurrencyDecimals.of(currency)
            }
            batch.removeAll()
        }
        return found
    }
}

extension PackedRow {
    fileprivate func text(at place: Int) throws -> String? {
        var found: String?
        try forEach { index, value in
            if index == place, case .text(let text) = value { found = String(decoding: text, as: UTF8.self) }
        }
        return found
    }
}

extension ExportCatalog {
    /// The table of a name, where the database has it.
    func table(
        _ name: String, streams: [TableLayout], views: Set<String>
    ) throws(ExportError) -> ExportTable {
        let tables = tables(streams: streams, views: views)
        if let table = tables.first(where: { $0.name == name }) { return table }
        let known = tables.map(\.name).sorted()
        throw names.contains(name) ? .emptyTable(name, known: known) : .unknownTable(name, known: known)
    }
}
