import SyncCore

extension FolkFormSandbox {
    struct Document: Sendable {
        let id: String
        let organization: String
        /// An object, without what the server adds.
        var members: SandboxJSON
        /// Milliseconds.
        let createdAt: Int64
        var updatedAt: Int64

        var json: SandboxJSON {
            SandboxJSON.object([("id", .text(id))]).merged(with: members).merged(
                with: .object([
                    ("ownerOrganizationId", .text(organization)), ("createdAt", .int(createdAt)),
                    ("updatedAt", .int(updatedAt)),
                ]))
        }

        /// A value by a path of names: `panCakeData.updated_at`.
        subscript(_ path: String) -> SandboxJSON? {
            switch path {
            case "id", "_id": return .text(id)
            case "createdAt": return .int(createdAt)
            case "updatedAt": return .int(updatedAt)
            default:
                return path.split(separator: ".").reduce(members as SandboxJSON?) { $0?[String($1)] }
            }
        }

        mutating func set(_ changes: SandboxJSON, at milliseconds: Int64) {
            guard case .object(let list) = changes, case .object(var own) = members else { return }
            for change in list {
                if let place = own.firstIndex(where: { $0.key == change.key }) {
                    own[place].value = change.value
                } else {
                    own.append(change)
                }
            }
            members = .object(own)
            updatedAt = milliseconds
        }
    }

    /// A collection and the one field in which no two documents of an organization are alike.
    struct Shelf: Sendable {
        let model: String
        let unique: String?
        private(set) var documents: [Document] = []
        private var places: [String: Int] = [:]
        /// Places by conversation, because items of messages are many.
        private var groups: [String: [Int]] = [:]
        private static let group = "conversationId"

        init(model: String, unique: String?) {
            self.model = model
            self.unique = unique
        }

        private func key(_ document: Document) -> String? { unique.flatMap { key(document, $0) } }

        private func key(_ document: Document, _ field: String) -> String? {
            document[field]?.text.map { "\(document.organization)|\($0)" }
        }

        private mutating func index(_ place: Int) {
            if let key = key(documents[place]) { places[key] = place }
            if let group = key(documents[place], Self.group) { groups[group, default: []].append(place) }
        }

        func place(of value: String, in organization: String) -> Int? { places["\(organization)|\(value)"] }

        /// False when another document has the same key.
        mutating func insert(_ document: Document) -> Bool {
            if let key = key(document), places[key] != nil { return false }
            documents.append(document)
            index(documents.count - 1)
            return true
        }

        mutating func change(_ place: Int, _ change: (inout Document) -> Void) {
            let before = documents[place]
            change(&documents[place])
            let after = documents[place]
            guard key(before) != key(after) || key(before, Self.group) != key(after, Self.group) else { return }
            reindex()
        }

        mutating func remove(_ chosen: Set<Int>) {
            documents = documents.enumerated().filter { !chosen.contains($0.offset) }.map(\.element)
            reindex()
        }

        private mutating func reindex() {
            places = [:]
            groups = [:]
            for place in documents.indices { index(place) }
        }

        /// Places of documents of an organization that a filter finds, oldest first.
        func find(_ filter: Filter, in organization: String) -> [Int] {
            if let unique, let value = filter.onlyValue(of: unique) {
                return place(of: value, in: organization).map { [$0] } ?? []
            }
            if let value = filter.onlyValue(of: Self.group) { return groups["\(organization)|\(value)"] ?? [] }
            return documents.indices.filter {
                documents[$0].organization == organization && filter.matches(documents[$0])
            }
        }
    }

    struct Store: Sendable {
        /// By the first parts of their addresses: `facebook/conversation`.
        private(set) var shelves: [String: Shelf] = [:]
        private var serial = 0

        private static let models: [(path: String, model: String, unique: String?)] = [
            ("facebook/page", "FbPage", "pageId"), ("facebook/post", "FbPost", "postId"),
            ("facebook/conversation", "FbConversation", "conversationId"),
            ("facebook/message", "FbMessage", "conversationId"),
            ("facebook/message-item", "FbMessageItem", "messageId"), ("fb-customer", "FbCustomer", "customerId"),
            ("pc-pos-customer", "PcPosCustomer", "customerId"), ("pancake/order", "PcOrder", nil),
            ("pancake-pos/shop", "PcPosShop", nil), ("pancake-pos/warehouse", "PcPosWarehouse", nil),
            ("pancake-pos/product", "PcPosProduct", nil), ("pancake-pos/variation", "PcPosVariation", nil),
            ("pancake-pos/category", "PcPosCategory", nil), ("pancake-pos/order", "PcPosOrder", nil),
            ("access-token", "AccessToken", nil), ("agent", "Agent", nil),
        ]

        init() {
            for entry in Self.models { shelves[entry.path] = Shelf(model: entry.model, unique: entry.unique) }
        }

        subscript(_ name: String) -> Shelf { shelves[name] ?? Shelf(model: name, unique: nil) }

        /// Makes a collection that is not there yet.
        mutating func open(_ name: String) {
            if shelves[name] == nil { shelves[name] = Shelf(model: name, unique: nil) }
        }

        /// Changes a document in its place.
        mutating func set(_ changes: SandboxJSON, of place: Int, in name: String, _ moment: Moment) {
            shelves[name]?.change(place) { $0.set(changes, at: moment.milliseconds) }
        }

        mutating func remove(_ places: [Int], from name: String) { shelves[name]?.remove(Set(places)) }

        /// A new document; nil when its key is taken.
        mutating func insert(_ members: SandboxJSON, into name: String, _ moment: Moment) -> Document? {
            serial += 1
            let digits = String(Mix.hash(0xD0C, serial), radix: 16)
            let document = Document(
                id: "65b00000\(String(repeating: "0", count: 16 - digits.count))\(digits)",
                organization: moment.organization, members: members, createdAt: moment.milliseconds,
                updatedAt: moment.milliseconds)
            return shelves[name]?.insert(document) == true ? document : nil
        }
    }
}
