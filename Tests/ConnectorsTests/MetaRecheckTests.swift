import ConnectorKit
import SyncCore
import Testing

@testable import Connectors

@Suite("Rereading vanished entities of Meta")
struct MetaRecheckTests {
    private func run(_ ids: [String]) throws -> MetaRun {
        try MetaRun(.ads, mode: "recheck", entities: EntitySet(column: "id", ids: ids))
    }

    @Test("Vanished ids become chunks of fifty, for campaigns, ad sets and ads only")
    func chunks() throws {
        let connector = try MetaConnector()
        let ids = (0..<120).map(String.init)

        let specs = connector.recheck(ids, of: ChunkSpec(stream: .ads, phase: .recent, mode: "list"))

        #expect(specs.map { $0.entities?.ids.count } == [50, 50, 20])
        #expect(specs.allSatisfy { $0.mode == "recheck" && $0.stream == .ads })
        #expect(connector.recheck(ids, of: ChunkSpec(stream: .pages, phase: .recent)).isEmpty)
    }

    @Test("Ids are asked for in one call and come back by id")
    func multiGet() throws {
        var run = try run(["7", "8"])
        #expect(run.path == "/v26.0/")
        #expect(run.parameter("ids") == "7,8")

        let reading = run.answer(
            "{\"7\":{\"id\":\"7\",\"effective_status\":\"DELETED\"},\"8\":{\"id\":\"8\",\"name\":\"x\"}}")

        #expect(reading.rows == 2)
        #expect(reading.text("effective_status") == "DELETED")
        #expect(reading.text("account_id") == "1000001")
        #expect(reading.finish?.isComplete == true)
    }

    @Test("An id that is gone spoils the call; halves find it and the others are read")
    func isolation() throws {
        var run = try run(["1", "2", "3", "4"])
        var read: [String] = []
        var notes: [String] = []
        var calls = 0
        while calls < 20 {
            calls += 1
            let ids = run.parameter("ids")!.split(separator: ",").map(String.init)
            let reading =
                ids.contains("3")
                ? run.error(100, 33, status: 400)
                : run.answer("{" + ids.map { "\"\($0)\":{\"id\":\"\($0)\"}" }.joined(separator: ",") + "}")
            if reading.rows > 0 { read += ids }
            notes += reading.kinds
            if reading.isFinished { break }
        }

        #expect(read == ["1", "2", "4"])
        #expect(notes == ["gone"])
        #expect(calls == 5)
    }

    @Test("Ids that a partial answer leaves out are gone")
    func partial() throws {
        var run = try run(["7", "8"])

        let reading = run.answer("{\"7\":{\"id\":\"7\"}}")

        #expect(reading.rows == 1)
        #expect(reading.kinds == ["gone"])
        #expect(reading.isFinished)
    }

    @Test("An error with status 200 is no row")
    func errorAs200() throws {
        var run = try run(["7"])

        #expect(run.error(2, nil, "x", status: 200).failure?.name == "retry_now")
    }

    @Test("A single id whose fields cannot be shown is read by its id alone")
    func idOnly() throws {
        var run = try run(["7"])

        #expect(run.error(100, 2_446_289).isMore)
        #expect(run.fields == ["id"])
        let reading = run.answer("{\"7\":{\"id\":\"7\"}}")

        #expect(reading.rows == 1)
        #expect(reading.kinds == ["row_isolated"])
    }
}
