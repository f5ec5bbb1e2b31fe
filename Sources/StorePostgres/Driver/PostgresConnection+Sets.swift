import CPostgres
import Synchronization

extension PostgresConnection {
    private static let setTexts = Mutex<[UnsafePointer<UInt8>: String]>([:])

    /// The form of a common statement that takes each value as a list and runs for all of them at once: with one start
    /// of the executor, one plan and one answer, where runs of their own cost each of these anew. Asked of the server
    /// once per process: it knows the types of the values.
    func setStatement(of text: StaticString) throws -> PostgresStatement {
        let known = PostgresConnection.setTexts.withLock { $0[text.utf8Start] }
        if let known { return .built(known) }
        let common = PostgresStatement.common(text)
        let made = PostgresDialect.set(PostgresDialect.translation(of: text), types: try parameterTypes(of: common))
        PostgresConnection.setTexts.withLock { $0[text.utf8Start] = made }
        return .built(made)
    }

    /// The names of the types that the server sees in a statement's values.
    private func parameterTypes(of statement: PostgresStatement) throws -> [String] {
        try sendKept()
        try send { statement.withText { PQsendPrepare(handle, "", $0, 0, nil) } }
        _ = try onlyResult(until: deadline(nil), .nothing)
        try send { PQsendDescribePrepared(handle, "") }
        let described = try onlyResult(until: deadline(nil), .nothing)
        return try (0..<PQnparams(described.pointer)).map { index in
            guard let name = PostgresType(oid: PQparamtype(described.pointer, index)).name else {
                throw PostgresError(.other, message: "a value of a type that is not known")
            }
            return name
        }
    }
}

extension PostgresDialect {
    /// `$1` becomes the first column of a table of all values, which the statement is joined with.
    static func set(_ text: String, types: [String]) -> String {
        let lists = types.indices.map { "$\($0 + 1)::\(types[$0])[]" }.joined(separator: ", ")
        let names = types.indices.map { "p\($0 + 1)" }
        let table = "unnest(\(lists)) AS v(\(names.joined(separator: ", ")))"
        if let values = text.firstRange(of: /VALUES \([^)]*\)/) {
            let columns = names.map { "v.\($0)" }.joined(separator: ", ")
            return text.replacingCharacters(values, with: "SELECT \(columns) FROM \(table)")
        }
        guard let condition = topLevelCondition(of: text) else { preconditionFailure("not for all at once: \(text)") }
        let head = text[..<condition].replacing(/\$(\d+)/) { "v.p\($0.output.1)" }
        let tail = text[condition...].replacing(/\$(\d+)/) { "v.p\($0.output.1)" }
        let joiner = text.hasPrefix("UPDATE") ? "FROM" : ","
        return "\(head)\(joiner) \(table) \(tail)"
    }

    private static func topLevelCondition(of text: String) -> String.Index? {
        var depth = 0
        for index in text.indices {
            switch text[index] {
            case "(": depth += 1
            case ")": depth -= 1
            case "W" where depth == 0 && text[index...].hasPrefix("WHERE "): return index
            default: break
            }
        }
        return nil
    }
}

extension String {
    fileprivate func replacingCharacters(_ range: Range<Index>, with other: String) -> String {
        self[..<range.lowerBound] + other + self[range.upperBound...]
    }
}
