package import ConnectorKit
package import SyncCore

/// Pancake: the conversations of pages with their messages (platforms.md 2). An account is a page, and every page has
/// a connection of its own, so that trouble with one holds up no other.
package struct PancakeConnector: Connector {
    package static let id = PlatformID("pancake")
    package static var platform: Platform { PancakePlatform.platform }

    package let streams: [StreamSchema]
    let zoneName: String
    let phones: PancakePhones.Choice
    let requests: PancakeRequests
    let readers: [StreamID: RowReader]

    package init(configuration: [String: String] = [:]) throws {
        for name in configuration.keys.sorted() where !["identity", "time_zone", "phones"].contains(name) {
            throw ConfigurationError("Pancake has no setting \(name). Known: time_zone, phones.")
        }
        zoneName = configuration["time_zone"] ?? "Asia/Ho_Chi_Minh"
        guard (try? AccountZone.named(zoneName)) != nil else {
            throw ConfigurationError("The time zone \(zoneName) is unknown. Write it as Asia/Ho_Chi_Minh.")
        }
        guard let choice = PancakePhones.Choice(rawValue: configuration["phones"] ?? "keep") else {
            throw ConfigurationError("The setting phones is keep, hash or drop.")
        }
        phones = choice
        requests = PancakeRequests(identity: configuration["identity"] ?? "default")
        streams = PancakeSchemas.all
        readers = Dictionary(uniqueKeysWithValues: streams.map { ($0.id, RowReader(schema: $0)) })
    }

    package func quotaKeys(of account: String) -> [QuotaKey] { [requests.pageQuota(account), requests.userQuota] }

    package func plan(_ request: PlanRequest) -> [ChunkSpec] { PancakePlanner(request: request).specs() }

    package func call(for work: ChunkWork) -> Call {
        switch work.spec.stream {
        case .messages: PancakeMessages(work: work, connector: self).call()
        case .conversations: PancakeListing(work: work, connector: self).call()
        case .totals: PancakeTotals(work: work, connector: self).call()
        default: requests.pages(work.credential)
        }
    }

    package func read(_ response: WireResponse, to call: Call, of work: ChunkWork) -> Reading {
        // A number in a page's name is the page's own.
        let choice = work.spec.stream == PancakeSchemas.pages.id ? .keep : phones
        let answer = PancakeAnswer(response, PancakePhones(choice, of: work.credential))
        switch work.spec.stream {
        case .messages: return PancakeMessages(work: work, connector: self).read(answer)
        case .conversations: return PancakeListing(work: work, connector: self).read(answer)
        case .totals: return PancakeTotals(work: work, connector: self).read(answer)
        default: return PancakePages(work: work, connector: self).read(answer)
        }
    }

    /// A conversation that is not listed any more stays as it was read: nothing tells whether it is gone.
    package func recheck(_ ids: [String], of spec: ChunkSpec, _ learned: Learned) -> [ChunkSpec] { [] }
}

/// A body as it may be stored and sent on: phone numbers are replaced where the owner wants that.
struct PancakeAnswer {
    let response: WireResponse
    /// Nil for what is no JSON.
    let tree: JSONTree?

    init(_ response: WireResponse, _ phones: PancakePhones) {
        let tree = JSONTree.parse(response.body)
        guard phones.replaces, let masked = tree.map(phones.masked) else {
            self.response = response
            self.tree = tree
            return
        }
        var replaced = response
        replaced.body = Array(masked.compact.utf8)
        self.response = replaced
        self.tree = masked
    }

    /// The objects of a list; nil when the answer is a refusal or no such list.
    func list(_ name: String) -> [JSONTree]? {
        guard PancakeError(self) == nil else { return nil }
        return tree?[name]?.items
    }
}
