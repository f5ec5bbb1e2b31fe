import ConnectorKit
import SyncCore

/// Asks with one call whether archived and deleted entities have rows that a plain report leaves out
/// (meta.md 2.3), so that the second pass is made where it brings something and nowhere else.
struct MetaProbe: Sendable {
    let insights: MetaInsights

    private var task: MetaTask { insights.task }

    func call() -> Call {
        let key: [String] = insights.report.level.column.map { [$0] } ?? []
        let query = [
            ("level", insights.report.level.rawValue), ("fields", key.joined(separator: ",")),
            ("date_preset", "maximum"), ("limit", "1"),
        ]
        return insights.get(insights.edge, query + insights.filtering(part: .archived))
    }

    func read(_ response: WireResponse) -> Reading {
        let reader = MetaTask.reader(for: task.schema, fields: [])
        switch task.page(response, reader: reader) {
        case .rows(let page, let following):
            // An empty page that is not the last says nothing.
            let isEmpty = page.table.rowCount + page.table.rejected.count == 0
            if case .last = following { return found(!isEmpty, response) }
            return found(true, response)
        case .error(let error): return failed(error, response)
        }
    }

    private func found(_ hasRows: Bool, _ response: WireResponse) -> Reading {
        var learned = task.work.learned
        learned.hasUnlistedRows = hasRows
        return task.reading(.finished(.init(isComplete: false)), response, learned: learned)
    }

    private func failed(_ error: MetaError, _ response: WireResponse) -> Reading {
        switch error.kind {
        // Too much of it is an answer too.
        case .tooBig, .perhapsTooBig: found(true, response)
        // A platform that cannot be asked is read the plain way.
        case .request, .configuration, .permission, .gone, .tooOld: found(false, response)
        default: insights.failed(error, response)
        }
    }
}
