import StoreSQL
package import StoreTransfer
package import SyncCore
import Synchronization

/// Some rows of a request, for a page of them: exactly those that its export has.
package struct RowPage: Sendable {
    package enum Value: Sendable, Hashable {
        case none
        case integer(Int64)
        case real(Double)
        case boolean(Bool)
        case day(CivilDate)
        case instant(Instant)
        case text(String)
    }

    package var columns: [ExportTable.Column]
    package var rows: [[Value]]

    /// Reads what the request asks for, which has a limit. Throws `ExportError.tooSlow` when it takes longer than
    /// `patience`: the database is told to stop then.
    package static func read(
        _ request: ExportRequest, of catalog: ExportCatalog, within patience: Duration,
        clock: any Clock<Duration>, from source: @escaping @Sendable () throws -> any RowSnapshot
    ) async throws -> RowPage {
        let reader = RowPageReader()
        return try await withTaskCancellationHandler {
            try await withThrowingTaskGroup(of: RowPage?.self) { group in
                group.addTask { try await reader.read(request, catalog, source) }
                group.addTask {
                    try await clock.sleep(for: patience)
                    return nil
                }
                defer { group.cancelAll() }
                if let page = try await group.next() ?? nil { return page }
                reader.stop()
                throw ExportError.tooSlow
            }
        } onCancel: {
            reader.stop()
        }
    }
}

/// Blocks on a queue of its own.
private actor RowPageReader {
    private let executor = SerialQueueExecutor(label: "sluice.rows")
    private let sign = StopSign()
    /// Ends what the database does for us.
    private let interrupt = Mutex<(@Sendable () -> Void)?>(nil)

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    func read(
        _ request: ExportRequest, _ catalog: ExportCatalog, _ source: @Sendable () throws -> any RowSnapshot
    ) throws -> RowPage {
        let snapshot = try sign.guarding { try source() }
        interrupt.withLock { $0 = snapshot.stop }
        defer { interrupt.withLock { $0 = nil } }
        if sign.isRaised { snapshot.stop() }
        let table = try catalog.table(request.table, streams: snapshot.streams, views: snapshot.views)
        let plan = try ExportPlan(request, of: table)
        var page = RowPage(columns: plan.query.table.columns.compactMap { table.column($0.name) }, rows: [])
        try snapshot.open(plan.query)
        var batch = RowBatch()
        while try snapshot.read(into: &batch, size: RowBatch.fullSize) {
            try batch.forEach { row in
                var values: [RowPage.Value] = []
                try row.forEach { values.append(RowPage.Value($1)) }
                page.rows.append(values)
            }
            batch.removeAll()
        }
        return page
    }

    nonisolated func stop() {
        sign.raise()
        interrupt.withLock { $0 }?()
    }
}

extension RowPage.Value {
    init(_ value: PackedValue) {
        switch value {
        case .null: self = .none
        case .integer(let number): self = .integer(number)
        case .real(let number): self = .real(number)
        case .boolean(let flag): self = .boolean(flag)
        case .day(let day): self = .day(CivilDate(daysSince1970: day))
        case .instant(let moment): self = .instant(Instant(microseconds: moment))
        case .text(let text): self = .text(String(decoding: text, as: UTF8.self))
        case .bytes: self = .none
        }
    }
}
