import Synchronization

/// The common dialect (`SQLSession`) in PostgreSQL's words.
enum PostgresDialect {
    private static let translations = Mutex<[UnsafePointer<UInt8>: String]>([:])

    private static let built = Mutex<[String: String]>([:])

    /// Translated once per process: found by the address of the literal.
    static func translation(of text: StaticString) -> String {
        translations.withLock { translations in
            if let known = translations[text.utf8Start] { return known }
            let made = statement(text.description)
            translations[text.utf8Start] = made
            return made
        }
    }

    /// The same of text that is put together at run time, as there is some for each data table.
    static func translation(of text: String) -> String {
        built.withLock { built in
            if let known = built[text] { return known }
            // Starting over costs less than keeping order.
            if built.count >= 1000 { built.removeAll() }
            let made = statement(text)
            built[text] = made
            return made
        }
    }

    /// Values become `$1`, `$2`, …: `?` is the one after the highest so far, `?3` the third.
    static func statement(_ text: String) -> String {
        var translated = ""
        translated.reserveCapacity(text.utf8.count + 16)
        var highest = 0
        var isQuoted = false
        var rest = text[...]
        while let character = rest.first {
            rest.removeFirst()
            if character == "'" { isQuoted.toggle() }
            guard character == "?", !isQuoted else {
                translated.append(character)
                continue
            }
            let digits = rest.prefix { $0.isNumber }
            rest.removeFirst(digits.count)
            let number = Int(digits) ?? highest + 1
            highest = max(highest, number)
            translated += "$\(number)"
        }
        return withoutHints(translated)
    }

    /// `sluice_folded(…)` becomes `lower(…)` by a collation.
    static func folded(_ text: String, by collation: String) -> String {
        text.replacing(/sluice_folded\(((?:[^()]|\([^()]*\))*)\)/) {
            "lower(CAST(\($0.1) AS text) COLLATE \(collation))"
        }
    }

    /// PostgreSQL chooses indexes by itself. Rows are locked so that others may still refer to them by a foreign key.
    private static func withoutHints(_ text: String) -> String {
        text.replacing(/\s+INDEXED BY \w+/, with: "").replacing("FOR UPDATE", with: "FOR NO KEY UPDATE")
    }
}
