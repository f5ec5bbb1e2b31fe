import Foundation

/// The sentences that stand in Swift sources, with what varies in them replaced by a word.
struct Sentences {
    /// Files below `folder`, a path from the root of the repository; without schemas, which are documentation,
    /// and without sandboxes, which speak as a platform does.
    static func files(in folder: String) throws -> [String] {
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { root.deleteLastPathComponent() }
        let files = FileManager.default.enumerator(
            at: root.appendingPathComponent(folder), includingPropertiesForKeys: nil)
        return try (files?.compactMap { $0 as? URL } ?? []).filter {
            $0.pathExtension == "swift" && !$0.path.contains("Schemas") && !$0.path.contains("/Sandbox/")
        }
        .map { try String(contentsOf: $0, encoding: .utf8) }
    }

    struct Literal {
        var text: String
        /// Whether it is the argument of `said(`.
        var isSaid: Bool

        /// Written for people: begins like a sentence and ends like one.
        var isSentence: Bool {
            guard let first = text.first, text.hasSuffix("."), text.contains(" ") else { return false }
            return first.isUppercase || first == "\""
        }
    }

    private let code: [Character]
    private var at = 0
    private var literals: [Literal] = []

    /// All texts of a source; those that are joined by `+` are one.
    static func literals(of source: String) -> [Literal] {
        var reader = Sentences(code: Array(source))
        reader.read()
        return reader.literals
    }

    private init(code: [Character]) { self.code = code }

    private mutating func read() {
        var isJoined = false
        while at < code.count {
            if starts(with: "//") {
                while at < code.count, code[at] != "\n" { at += 1 }
            } else if starts(with: "\"\"\"") || starts(with: "#\"") {
                skipRaw()
                isJoined = false
            } else if code[at] == "\"" {
                let isSaid = follows("said(")
                at += 1
                let text = literal()
                if isJoined, let last = literals.indices.last {
                    literals[last].text += text
                } else {
                    literals.append(Literal(text: text, isSaid: isSaid))
                }
                isJoined = true
            } else {
                if !code[at].isWhitespace, code[at] != "+" { isJoined = false }
                at += 1
            }
        }
    }

    private func starts(with text: String) -> Bool { code[at...].starts(with: text) }

    /// Whether `text` stands before the present place, spaces aside.
    private func follows(_ text: String) -> Bool {
        let before = code[..<at].reversed().drop(while: \.isWhitespace)
        return before.starts(with: text.reversed())
    }

    private mutating func skipRaw() {
        let end = starts(with: "#\"") ? "\"#" : "\"\"\""
        at += 2
        while at < code.count, !starts(with: end) { at += 1 }
        at += end.count
    }

    /// From behind the opening mark to behind the closing one.
    private mutating func literal() -> String {
        var text = ""
        while at < code.count, code[at] != "\"" {
            if starts(with: "\\(") {
                at += 2
                skipInterpolation()
                text += "X1"
            } else {
                if code[at] == "\\" { at += 1 }
                text.append(code[at])
                at += 1
            }
        }
        at += 1
        return text
    }

    private mutating func skipInterpolation() {
        var depth = 1
        while at < code.count, depth > 0 {
            if code[at] == "\"" {
                at += 1
                _ = literal()
                continue
            }
            if code[at] == "(" { depth += 1 }
            if code[at] == ")" { depth -= 1 }
            at += 1
        }
    }
}
