import ConnectorKit
import SyncCore
import Testing

@Suite("Readers and tasks")
struct RowReaderTaskTests {
    @Test("One reader serves many tasks at once, and a large body leaves small ones alone")
    func concurrentReads() async throws {
        let reader = RowReader(schema: schema([Column("id", .text, "id"), Column("n", .integer, "n")]))

        let sums = try await withThrowingTaskGroup(of: Bool.self) { group in
            for task in 0..<16 {
                group.addTask { @concurrent in
                    let rows = task % 4 == 0 ? 20_000 : 10 + task
                    let list = (0..<rows).map { "{\"id\":\"\(task)-\($0)\",\"n\":\($0)}" }.joined(separator: ",")
                    for _ in 0..<3 {
                        let page = try reader.read("{\"data\":[\(list)],\"task\":\(task)}")
                        guard page.table.rowCount == rows, page.restText == "{\"task\":\(task)}",
                            page.stored("id", row: rows - 1) == .text("\(task)-\(rows - 1)"),
                            page.stored("n", row: rows / 2) == .integer(Int64(rows / 2))
                        else { return false }
                    }
                    return true
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }

        #expect(sums == Array(repeating: true, count: 16))
    }
}
