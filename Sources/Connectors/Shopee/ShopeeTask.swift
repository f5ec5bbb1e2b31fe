import ConnectorKit
import SyncCore

/// One chunk with all that reading its answers needs.
struct ShopeeTask: Sendable {
    let work: ChunkWork
    let schema: StreamSchema
    let reader: RowReader

    var requests: ShopeeRequests {
        ShopeeRequests(credential: work.credential, shop: work.account.externalID, now: work.now)
    }
    var isFirst: Bool { work.cursor == nil }

    // MARK: Answers

    enum Page {
        /// `rest` is all of the answer but its rows. Without a table there were none.
        case rows(PageRead?, rest: JSONTree)
        case error(ShopeeError)
    }

    /// The rows of an answer, or what came in their place. What the body says counts, whatever the status
    /// (platforms.md 1.7).
    func page(
        _ response: WireResponse, at place: RowsAt, reader: RowReader? = nil, context: [String: String] = [:]
    ) -> Page {
        let context = context.merging(["account_id": work.account.externalID]) { given, _ in given }
        do {
            let read = try (reader ?? self.reader).read(
                response.body, at: place, context: context, currency: work.account.currency)
            let rest = JSONTree.parse(read.rest) ?? .null
            if let error = ShopeeError(status: response.status, envelope: rest) { return .error(error) }
            return .rows(read, rest: rest)
        } catch {
            guard let tree = JSONTree.parse(response.body), case .object(let members) = tree else {
                return .error(ShopeeError(status: response.status))
            }
            if let error = ShopeeError(status: response.status, envelope: tree) { return .error(error) }
            return isEmpty(members["response"]) && response.status < 400
                ? .rows(nil, rest: tree) : .error(ShopeeError(status: response.status))
        }
    }

    /// A list without elements is left out or null at times; of an answer without a response nothing is known.
    private func isEmpty(_ response: JSONTree?) -> Bool {
        switch response {
        case .null?: true
        case .object(let members)?: members["campaign_list"] ?? .null == .null
        case .list(let elements)?: elements.allSatisfy { element in isEmpty(element) }
        default: false
        }
    }

    /// Rows of days outside of the chunk's were not asked for, or only because one day cannot be asked for alone.
    func reading(
        _ next: Reading.Next, _ page: PageRead?, notes: [Note] = [], learned: [Learned.Change] = []
    ) -> Reading {
        guard var page else { return Reading(next, notes: notes, learned: learned) }
        if let days = work.spec.days { page.table = page.table.keeping(days) }
        return Reading(
            next, tables: [page.table],
            notes: page.notes(on: schema.id, of: ShopeePlatform.platform.name, isFirst: isFirst) + notes,
            learned: learned)
    }

    func failed(_ error: ShopeeError, _ endpoint: ShopeeEndpoint, _ response: WireResponse) -> Reading {
        Reading(.failed(failure(error, endpoint, response)))
    }

    func cause(of error: ShopeeError, _ endpoint: ShopeeEndpoint, _ response: WireResponse) -> Failure.Cause {
        failure(error, endpoint, response).cause
    }

    private func failure(_ error: ShopeeError, _ endpoint: ShopeeEndpoint, _ response: WireResponse) -> Failure {
        ShopeeFailures(
            error: error, response: response, requests: requests, endpoint: endpoint, now: work.answeredAt
        ).failure
    }
}

/// How many campaigns to ask for in one call: at most a hundred (platforms.md 1.10), fewer when that was too much for
/// one answer, and more again with each good one.
struct ShopeeBatch: Sendable, Hashable, Codable {
    static let most = 100
    /// A list that is refused without a reason may be too long: half of it is surely not.
    static let few = 50

    /// Nil for the most.
    var size: Int?
    /// A size that was too much: it is not asked for again in this chunk.
    var refused: Int?

    var count: Int { min(ShopeeBatch.most, max(1, size ?? ShopeeBatch.most)) }

    /// Nil when it was one already. To look for the one that is refused, sizes grow again behind it; what was too much
    /// stays too much.
    func halved(_ asked: Int, isTooMuch: Bool) -> ShopeeBatch? {
        asked > 1 ? ShopeeBatch(size: asked / 2, refused: isTooMuch ? asked : refused) : nil
    }

    var grown: ShopeeBatch {
        let next = min(count * 2, ShopeeBatch.most)
        if let refused, next >= refused { return self }
        return ShopeeBatch(size: next == ShopeeBatch.most ? nil : next, refused: refused)
    }
}
