import ConnectorKit
import SyncCore

/// Reads the ids of all campaigns, page by page (platforms.md 1.10). Their order is not promised, and campaigns come
/// and go while they are listed: a list of more than one page is read again until a whole pass brings nothing new,
/// three times over where one did. The settings of what was found are read in chunks that follow.
struct ShopeeListing: Sendable {
    let task: ShopeeTask
    let reader: RowReader

    struct Cursor: Codable, Sendable, Equatable {
        var offset = 0
        /// What was found so far, apart by commas.
        var ids = ""
        /// Ids that came new in this pass.
        var fresh = 0
        var passes = 0
        /// Passes without anything new, one after another.
        var quiet = 0
        /// Something came new after the first pass.
        var moves = false
        var isWhole = true

        var list: [String] { ids.split(separator: ",").map(String.init) }
    }

    /// As the documents ask for; a smaller one where Shopee refuses that.
    static let most = 5000
    private static let fewest = 100
    private static let mostPasses = 20

    private var cursor: Cursor { CursorText.decode(Cursor.self, task.work.cursor) ?? Cursor() }
    private var limit: Int { task.work.learned.pageSize ?? ShopeeListing.most }

    func call() -> Call {
        task.requests.get(
            .ids, [("ad_type", "all"), ("offset", String(cursor.offset)), ("limit", String(limit))])
    }

    func read(_ response: WireResponse) -> Reading {
        switch task.page(response, at: .list("response.campaign_list"), reader: reader) {
        case .error(let error) where [.request, .tooBig].contains(error.kind) && limit > ShopeeListing.fewest:
            return Reading(
                .more(cursor: CursorText.encode(cursor)), learned: [.pageSize(ShopeeListing.fewest)])
        case .error(let error): return task.failed(error, .ids, response)
        case .rows(let page, let rest): return read(page, hasNext: ShopeeListing.hasNext(rest))
        }
    }

    private static func hasNext(_ rest: JSONTree) -> Bool {
        let response = rest["response"]
        return (response?.items ?? [response].compactMap(\.self)).contains { $0["has_next_page"]?.isTrue ?? false }
    }

    private func read(_ page: PageRead?, hasNext: Bool) -> Reading {
        var next = cursor
        let isOnlyPage = next.passes == 0 && next.offset == 0 && !hasNext
        let found = page.map { ids(in: $0.table) } ?? []
        var known = Set(next.list)
        let fresh = found.filter { known.insert($0).inserted }
        next.ids = (next.list + fresh).joined(separator: ",")
        next.fresh += fresh.count
        next.offset += page?.table.rowCount ?? 0
        if hasNext {
            // What was found is stored with its pages.
            if found.isEmpty {
                return broken("Shopee's list of campaigns breaks off: it promises more and gives nothing.")
            }
            // Twice as many places as campaigns, and more: the list begins again and again.
            if next.offset > 2 * known.count + ShopeeListing.most {
                return broken("Shopee's list of campaigns does not end.")
            }
            return task.reading(.more(cursor: CursorText.encode(next)), page)
        }
        if next.passes > 0, next.fresh > 0 { next.moves = true }
        next.quiet = next.fresh == 0 ? next.quiet + 1 : 0
        next.passes += 1
        if isOnlyPage || next.quiet >= (next.moves ? 3 : 1) { return finish(next, page) }
        if next.passes >= ShopeeListing.mostPasses {
            next.isWhole = false
            return finish(next, page)
        }
        next.fresh = 0
        next.offset = 0
        return task.reading(.more(cursor: CursorText.encode(next)), page)
    }

    /// It may be whole again when it is asked for anew.
    private func broken(_ message: String) -> Reading {
        Reading(.failed(.retryNow(.init(code: "", message, advice: "Sync again later."))))
    }

    private func ids(in table: RowTable) -> [String] {
        (0..<table.rowCount).compactMap { row in
            table.cell(row: row, column: ShopeeSchemas.campaignID).flatMap(table.string)
        }
    }

    private func finish(_ cursor: Cursor, _ page: PageRead?) -> Reading {
        let ids = cursor.list.sorted(by: ShopeePlanner.isOlder)
        var finish = Reading.Finish(isComplete: cursor.isWhole)
        let spec = task.work.spec
        if spec.mode != ShopeeMode.ids {
            finish.follow = ShopeePlanner.slices(of: ids, task.work.learned).map { slice in
                ChunkSpec(
                    stream: spec.stream, phase: spec.phase,
                    entities: EntitySet(column: ShopeeSchemas.campaignID, ids: slice), mode: ShopeeMode.settings)
            }
        }
        let note = Note(
            "incomplete",
            "Shopee's list of campaigns changes faster than it can be read; some may be missing until later.")
        let back = ids.filter { task.work.learned.isGone(campaign: $0) }
        return task.reading(
            .finished(finish), page, notes: cursor.isWhole ? [] : [note],
            learned: back.isEmpty ? [] : [Learned.back(campaigns: back)])
    }
}
