import SyncCore

extension FolkFormSandbox {
    /// The parameter `options` (platforms.md 3.2).
    struct Options {
        private var sort: [(field: String, isDescending: Bool)] = []
        private var projection: [String] = []
        private var skip = 0
        private var limit = 1000

        init(_ text: String?) throws(Refusal) {
            guard let text else { return }
            guard let json = SandboxJSON(parsing: text), case .object(let members) = json else {
                throw .field("options must be a JSON object")
            }
            for member in members {
                switch (member.key, member.value) {
                case ("sort", .object(let fields)): sort = fields.map { ($0.key, ($0.value.int ?? 1) < 0) }
                case ("projection", .object(let fields)):
                    projection = fields.filter { $0.value.int == 1 }.map(\.key)
                case ("limit", .int(let value)) where (1...1000).contains(value): limit = Int(value)
                case ("skip", .int(let value)) where value >= 0: skip = Int(value)
                default: throw .field("options: \(member.key) is not allowed so")
                }
            }
        }

        func sorted(_ documents: [Document]) -> [Document] {
            guard !sort.isEmpty else { return documents }
            return documents.sorted { left, right in
                for order in sort {
                    let step = Filter.compare(left[order.field] ?? .null, right[order.field] ?? .null) ?? 0
                    if step != 0 { return (step < 0) != order.isDescending }
                }
                return left.id < right.id
            }
        }

        func cut(_ documents: [Document]) -> [Document] { Array(documents.dropFirst(skip).prefix(limit)) }

        func project(_ document: Document) -> SandboxJSON {
            guard !projection.isEmpty else { return document.json }
            return .object(
                [("id", .text(document.id))] + projection.compactMap { name in document[name].map { (name, $0) } })
        }
    }
}

/// Times as the backend reads them: `2025-11-05T02:13:07.000000`, with six digits and without a zone. Whatever else
/// there is becomes 0 without a word (platforms.md 3.3).
enum StrictTime {
    /// Seconds since 1970.
    static func seconds(_ text: String?) -> Int64 {
        guard let text, text.utf8.count == 26, Array(text.utf8)[19] == UInt8(ascii: "."),
            let moment = Instant(iso: "\(text)Z")
        else { return 0 }
        return moment.seconds
    }
}
