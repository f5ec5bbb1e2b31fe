import ConnectorKit
import HTTPTypes
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

        let specs = connector.recheck(ids, of: ChunkSpec(stream: .ads, phase: .recent, mode: "list"), Learned())

        #expect(specs.map { $0.entities?.ids.count } == [50, 50, 20])
        #expect(specs.allSatisfy { $0.mode == "recheck" && $0.stream == .ads })
        #expect(connector.recheck(ids, of: ChunkSpec(stream: .pages, phase: .recent), Learned()).isEmpty)
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

    private func batch(_ items: [String?]) -> String {
        let parts = items.map { body in
            guard let body else { return "null" }
            let code = body.contains("error") ? 400 : 200
            return "{\"code\":\(code),\"headers\":[],\"body\":\(JSONText.quoted(body))}"
        }
        return "[\(parts.joined(separator: ","))]"
    }

    private static let gone = "{\"error\":{\"message\":\"x\",\"code\":100,\"error_subcode\":33}}"

    @Test("An id that is gone spoils the call; a batch finds it and the others are read")
    func isolation() throws {
        var run = try run(["1", "2", "3"])

        #expect(run.error(100, 33).isMore)
        #expect(run.call.request.method == .post)
        #expect(run.call.costs.allSatisfy { $0.points == 3 })
        let reading = run.answer(batch(["{\"id\":\"1\",\"name\":\"Việt\"}", Self.gone, "{\"id\":\"3\"}"]))

        #expect(reading.rows == 3)
        #expect(reading.text("id", table: 2) == "2")
        #expect(reading.text("effective_status", table: 2) == "DELETED")
        #expect(reading.tables[2].filled.count == 3)
        #expect(reading.text("name") == "Việt")
        #expect(reading.text("account_id") == "1000001")
        #expect(reading.kinds == ["gone"])
        #expect(reading.isFinished)
    }

    @Test("Fifty ids that are all gone cost two calls")
    func allGone() throws {
        var run = try run((1...50).map(String.init))

        run.error(100, 33)
        let reading = run.answer(batch(Array(repeating: Self.gone, count: 50)))

        #expect(reading.isFinished)
        #expect(reading.notes.map(\.text) == ["50 of the ads do not exist at Meta any more."])
    }

    @Test("What a batch did not answer is asked for alone")
    func unfinished() throws {
        var run = try run(["1", "2", "3"])

        run.error(100, 33)
        let busy = "{\"error\":{\"message\":\"x\",\"code\":2}}"
        let reading = run.answer(batch([nil, busy, "{\"id\":\"3\"}"]))
        #expect(reading.rows == 1)
        #expect(reading.spent == Spent(retries: 2))

        #expect(run.parameter("ids") == "1")
        #expect(run.answer("{\"1\":{\"id\":\"1\"}}").isMore)
        #expect(run.parameter("ids") == "2")
        #expect(run.error(2, nil, status: 500).failure?.name == "retry_now")
    }

    @Test("A throttle inside the batch blocks its limit")
    func throttledItem() throws {
        var run = try run(["1", "2"])

        run.error(100, 33)
        let throttled = "{\"error\":{\"message\":\"x\",\"code\":17,\"error_subcode\":2446079}}"
        let reading = run.answer(batch([throttled, "{\"id\":\"2\"}"]))

        #expect(reading.signals.contains(.blocked(QuotaKey(rawValue: "meta/account/1000001"), until: nil)))
        #expect(reading.spent == Spent(throttled: 1))
        #expect(run.parameter("ids") == "1")
    }

    @Test("Usage told inside the batch counts, and another id's row is not taken")
    func batchDetails() throws {
        var run = try run(["1", "2"])

        run.error(100, 33)
        #expect(run.call.costs.allSatisfy { $0.points == 2 })
        let usage = "{\"name\":\"X-App-Usage\",\"value\":\"{\\\"call_count\\\":55}\"}"
        let reading = run.answer(
            "[{\"code\":200,\"headers\":[\(usage)],\"body\":\"{\\\"id\\\":\\\"9\\\"}\"},"
                + "{\"code\":404,\"body\":\"{\\\"error\\\":{\\\"code\\\":803}}\"}]")

        #expect(reading.rows == 1)
        #expect(reading.text("effective_status") == "DELETED")
        #expect(reading.signals == [.use(QuotaKey(rawValue: "meta/app/default"), 0.55)])
        #expect(reading.kinds == ["gone"])
        #expect(run.parameter("ids") == "1")
    }

    @Test("A batch that Meta does not take becomes single calls, and one that fails is repeated")
    func refusedBatch() throws {
        var run = try run(["1", "2"])

        run.error(100, 33)
        #expect(run.error(2, nil, status: 500).failure?.name == "retry_now")
        #expect(run.error(100, nil, "batches are not supported").isMore)

        #expect(run.parameter("ids") == "1")
    }

    @Test("Ids that a partial answer leaves out are gone")
    func partial() throws {
        var run = try run(["7", "8"])

        let reading = run.answer("{\"7\":{\"id\":\"7\"}}")

        #expect(reading.rows == 2)
        #expect(reading.text("effective_status", table: 1) == "DELETED")
        #expect(reading.kinds == ["gone"])
        #expect(reading.isFinished)
    }

    @Test("An error with status 200 is no row")
    func errorAs200() throws {
        var run = try run(["7"])

        #expect(run.error(2, nil, "x", status: 200).failure?.name == "retry_now")
    }

    @Test("A single id whose fields cannot be shown is read with its basics, or by its id alone")
    func idOnly() throws {
        var run = try run(["7"])

        #expect(run.error(100, 2_446_289).isMore)
        #expect(run.fields.contains("name") && !run.fields.contains("creative{id}"))
        #expect(run.error(100, 2_446_289).isMore)
        #expect(run.fields == ["id"])
        let reading = run.answer("{\"7\":{\"id\":\"7\"}}")

        #expect(reading.rows == 1)
        #expect(reading.kinds == ["row_isolated"])
    }
}
