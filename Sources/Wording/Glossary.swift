/// Sentences by their English: what other modules say of errors and causes, and what stands in help texts.
/// A sentence with parts that vary is found by its pattern, `There is no job {1}.`; the parts are
/// translated in turn where the glossary knows them, but for those that the translation takes as they are: `{1=}`.
struct Glossary: Sendable {
    private let whole: [String: String]
    private let patterns: [Pattern]

    init(_ entries: [(String, String)]) {
        whole = Dictionary(entries.filter { !$0.0.contains("{1}") }, uniquingKeysWith: { first, _ in first })
        patterns = entries.filter { $0.0.contains("{1}") }.map(Pattern.init)
    }

    /// Nil for what the glossary does not know.
    func translation(of text: String) -> String? {
        whole[text] ?? filled(text) { translation(of: $0) ?? translation(ofPart: $0) ?? $0 }
    }

    /// Of a sentence that lost its full stop inside another.
    private func translation(ofPart text: String) -> String? {
        (whole[text + "."] ?? filled(text + ".") { whole[$0] ?? $0 }).map { String($0.dropLast()) }
    }

    /// The first pattern that fits, with its parts as `part` translates them.
    private func filled(_ text: String, _ part: (String) -> String) -> String? {
        for pattern in patterns {
            if let parts = pattern.parts(of: text) { return pattern.filled(with: parts, part) }
        }
        return nil
    }

    private struct Pattern: Sendable {
        /// What stands before, between and after the parts that vary.
        private let pieces: [String]
        private let translation: String

        init(_ entry: (String, String)) {
            pieces = Pattern.pieces(of: entry.0)
            translation = entry.1
        }

        private static func pieces(of text: String) -> [String] {
            var pieces: [String] = []
            var rest = text[...]
            while let mark = rest.firstRange(of: "{\(pieces.count + 1)}") {
                pieces.append(String(rest[..<mark.lowerBound]))
                rest = rest[mark.upperBound...]
            }
            return pieces + [String(rest)]
        }

        /// The parts that vary; nil when the text is another sentence.
        func parts(of text: String) -> [String]? {
            guard let first = pieces.first, let last = pieces.last, text.hasPrefix(first), text.hasSuffix(last),
                text.count >= first.count + last.count
            else { return nil }
            var rest = text.dropFirst(first.count).dropLast(last.count)
            var parts: [String] = []
            for piece in pieces.dropFirst().dropLast() {
                guard let found = rest.firstRange(of: piece) else { return nil }
                parts.append(String(rest[..<found.lowerBound]))
                rest = rest[found.upperBound...]
            }
            return parts + [String(rest)]
        }

        func filled(with parts: [String], _ translated: (String) -> String) -> String {
            var out = translation
            for (index, part) in parts.enumerated() {
                let number = index + 1
                out = out.replacing("{\(number)}", with: translated(part)).replacing("{\(number)=}", with: part)
            }
            return out
        }
    }
}
