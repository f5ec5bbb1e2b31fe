/// One behaviour that every database engine must have, as a plain function over a fresh store: one suite,
/// all engines (style.md 5.2).
package struct StoreExercise: Sendable, CustomStringConvertible {
    /// A sentence that is true of a right store.
    package let sentence: String
    package let run: @Sendable (StoreScene) async throws -> Void

    init(_ sentence: String, _ run: @escaping @Sendable (StoreScene) async throws -> Void) {
        self.sentence = sentence
        self.run = run
    }

    package var description: String { sentence }
}

/// What a store did not do.
package struct ExerciseFailure: Error, CustomStringConvertible {
    package let description: String
}

func expect(_ condition: Bool, _ message: @autoclosure () -> String, line: Int = #line) throws {
    if !condition { throw ExerciseFailure(description: "\(message()) (line \(line))") }
}

func expectEqual<Value: Equatable>(_ found: Value, _ wanted: Value, _ what: String, line: Int = #line) throws {
    if found != wanted {
        throw ExerciseFailure(description: "\(what): found \(found), wanted \(wanted) (line \(line))")
    }
}

func require<Value>(_ value: Value?, _ what: String, line: Int = #line) throws -> Value {
    guard let value else { throw ExerciseFailure(description: "\(what) is missing (line \(line))") }
    return value
}
