/// The text of a statement, with `$1`, `$2`, … for its values, and how it is found again once prepared.
package struct PostgresStatement: Sendable, ExpressibleByStringLiteral {
    enum Text: Sendable {
        case fixed(StaticString)
        /// In the common dialect of the stores: translated when it is prepared.
        case common(StaticString)
        case built(String)
        case once(String)
    }

    let text: Text

    /// A literal: found by its address, because hashing hundreds of characters costs as much as running them.
    package init(stringLiteral text: StaticString) { self.text = .fixed(text) }

    package init(_ fixed: StaticString) { self.text = .fixed(fixed) }

    /// A statement of `StoreSQL`.
    static func common(_ text: StaticString) -> PostgresStatement { PostgresStatement(text: .common(text)) }

    /// Put together at run time, and likely to be run again: names of data tables, say.
    package static func built(_ text: String) -> PostgresStatement { PostgresStatement(text: .built(text)) }

    /// Not worth preparing: DDL, or what runs once.
    package static func once(_ text: String) -> PostgresStatement { PostgresStatement(text: .once(text)) }

    private init(text: Text) { self.text = text }

    /// Whether losing the connection while it ran on its own leaves no doubt: a plain read.
    var isRead: Bool {
        let word = withText { text in
            var start = text
            while start.pointee == 0x20 || start.pointee == 0x0A { start += 1 }
            return (0..<6).reduce(into: [UInt8]()) { word, _ in
                if start.pointee != 0 {
                    word.append(UInt8(bitPattern: start.pointee) & 0xDF)
                    start += 1
                }
            }
        }
        return word == Array("SELECT".utf8)
    }

    func withText<Value>(_ body: (UnsafePointer<CChar>) -> Value) -> Value {
        switch text {
        case .fixed(let text):
            text.utf8Start.withMemoryRebound(to: CChar.self, capacity: text.utf8CodeUnitCount + 1, body)
        case .common(let text): PostgresDialect.translation(of: text).withCString(body)
        case .built(let text), .once(let text): text.withCString(body)
        }
    }
}

/// Which statements a connection has prepared, and under what names.
struct PostgresStatementCache {
    private struct Built {
        let name: String
        var usedAt: Int
    }

    /// How many built statements stay prepared: more than one process needs, few enough for the server's memory.
    private let limit: Int
    private var fixed: [UnsafePointer<UInt8>: String] = [:]
    private var built: [String: Built] = [:]
    private var uses = 0
    private var named = 0

    init(limit: Int = 200) {
        self.limit = limit
    }

    /// The name under which the statement is prepared.
    mutating func name(of statement: PostgresStatement) -> String? {
        switch statement.text {
        case .fixed(let text), .common(let text): return fixed[text.utf8Start]
        case .built(let text):
            uses += 1
            built[text]?.usedAt = uses
            return built[text]?.name
        case .once: return nil
        }
    }

    mutating func newName() -> String {
        named += 1
        return "s\(named)"
    }

    mutating func remember(_ statement: PostgresStatement, as name: String) {
        switch statement.text {
        case .fixed(let text), .common(let text): fixed[text.utf8Start] = name
        case .built(let text):
            uses += 1
            built[text] = Built(name: name, usedAt: uses)
        case .once: break
        }
    }

    mutating func forget(_ statement: PostgresStatement) {
        switch statement.text {
        case .fixed(let text), .common(let text): fixed[text.utf8Start] = nil
        case .built(let text): built[text] = nil
        case .once: break
        }
    }

    /// Takes out the built statement that was not used for longest, when there are too many.
    mutating func evict() -> String? {
        guard built.count >= limit, let oldest = built.min(by: { $0.value.usedAt < $1.value.usedAt }) else {
            return nil
        }
        built[oldest.key] = nil
        return oldest.value.name
    }
}
