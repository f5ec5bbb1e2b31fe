import ConnectorKit
import SyncCore

/// Reads the settings of some campaigns by their ids (platforms.md 1.11).
struct ShopeeSettings: Sendable {
    let task: ShopeeTask

    struct Cursor: Codable, Sendable, Equatable {
        /// Ids that are done.
        var done = 0
        var batch = ShopeeBatch()
    }

    private var cursor: Cursor { CursorText.decode(Cursor.self, task.work.cursor) ?? Cursor() }
    private var ids: [String] { task.work.spec.entities?.ids ?? [] }
    private var asked: [String] { Array(ids.dropFirst(cursor.done).prefix(cursor.batch.count)) }

    func call() -> Call {
        task.requests.get(
            .settings, [("campaign_id_list", asked.joined(separator: ",")), ("info_type_list", "1,2,3,4")])
    }

    func read(_ response: WireResponse) -> Reading {
        switch task.page(response, at: .list("response.campaign_list")) {
        case .rows(let page, _): return goOn(page)
        case .error(let error):
            switch error.kind {
            case .foreignCampaign, .gone:
                if let smaller = smaller(isTooMuch: false) { return smaller }
                let isRecheck = task.work.spec.mode == ShopeeMode.recheck
                var reading = goOn(nil, notes: isRecheck ? [] : asked.prefix(1).map(foreignNote))
                reading.learned += asked.prefix(1).map { Learned.gone(campaign: $0) }
                return reading
            case .request where asked.count > ShopeeBatch.few, .tooBig:
                if let smaller = smaller() { return smaller }
            default: break
            }
            return task.failed(error, .settings, response)
        }
    }

    /// No answer in time, or one that is too large: fewer campaigns.
    func smaller(isTooMuch: Bool = true) -> Reading? {
        cursor.batch.halved(asked.count, isTooMuch: isTooMuch).map(again)
    }

    private func again(_ smaller: ShopeeBatch) -> Reading {
        var next = cursor
        next.batch = smaller
        return Reading(.more(cursor: CursorText.encode(next)))
    }

    private func goOn(_ page: PageRead?, notes: [Note] = []) -> Reading {
        let next = Cursor(done: cursor.done + asked.count, batch: cursor.batch.grown)
        guard next.done >= ids.count else {
            return task.reading(.more(cursor: CursorText.encode(next)), page, notes: notes)
        }
        // A campaign that was listed is there, with settings or without. One that was not, and does not come either, is
        // gone.
        var finish = Reading.Finish(isComplete: task.work.spec.mode == ShopeeMode.recheck)
        if task.work.spec.mode == ShopeeMode.settings { finish.units = ids.count }
        return task.reading(.finished(finish), page, notes: notes)
    }

    private func foreignNote(_ id: String) -> Note {
        Note("row_missing", "Shopee lists the campaign \(id) and does not show it.")
    }
}
