import ConnectorKit
import FoundationEssentials
import HTTPTypes
import SyncCore
import Testing

@testable import Connectors

/// Answers of lists that contradict themselves, and tokens that are refused (platforms.md 4.2, 4.3).
@Suite("Reading Admitad")
struct AdmitadListingTests {
    private static let now = Instant(seconds: 1_795_230_000)

    private func work(_ cursor: String? = nil, mode: String = "") throws -> ChunkWork {
        let first = try #require(CivilDate("2026-11-01"))
        let days = mode.isEmpty ? DayRange(first, first.adding(days: 5)) : nil
        var work = ChunkWork(
            account: Account(
                id: AccountID(1), connection: ConnectionID(1), platform: AdmitadConnector.id, externalID: "me",
                name: "", currency: AccountFacts.severalCurrencies, zoneName: "UTC"),
            spec: ChunkSpec(stream: .actions, phase: .recent, days: days), cursor: cursor,
            anchor: CivilDate(Self.now, in: .gmt), credential: Credential(["access_token": Secret("t")]),
            now: Self.now)
        work.spec.mode = mode
        return work
    }

    /// A page of rows from `offset` on, of a list that says it has `count`.
    private func page(_ rows: Int, of count: Int, at offset: Int) -> String {
        let list = (offset..<offset + rows).map { id in
            #"{"action_id":\#(id),"action_date":"2026-11-03 10:20:30","status_updated":"2026-11-03 10:20:30","#
                + #""status":"pending"}"#
        }
        return #"{"results":[\#(list.joined(separator: ","))],"_meta":{"count":\#(count),"limit":500,"offset":0}}"#
    }

    private func read(_ body: String, _ work: ChunkWork) throws -> Reading {
        let connector = try AdmitadConnector()
        let response = WireResponse(status: 200, body: Array(body.utf8))
        return connector.read(response, to: connector.call(for: work), of: work)
    }

    /// What is asked for next, after that wait.
    private func follow(_ next: Reading.Next) throws -> (offset: String?, wait: Duration?) {
        let connector = try AdmitadConnector()
        func offset(_ cursor: String) throws -> String? {
            connector.call(for: try work(cursor)).request.query.first { $0.name == "offset" }?.value
        }
        switch next {
        case .more(let cursor): return (try offset(cursor), nil)
        case .later(let wait, let cursor): return (try offset(cursor), wait)
        default: return (nil, nil)
        }
    }

    private func cursor(_ next: Reading.Next) -> String? {
        switch next {
        case .more(let cursor), .later(_, let cursor): cursor
        default: nil
        }
    }

    @Test("A count that is too small ends no list whose pages are full")
    func countTooSmall() throws {
        let first = try read(page(500, of: 100, at: 0), work())
        #expect(try follow(first.next) == ("500", nil))
        let second = try read(page(30, of: 100, at: 500), work(cursor(first.next)))
        guard case .finished(let end) = second.next else {
            Issue.record("\(second.next)")
            return
        }
        #expect(end.isComplete)
    }

    @Test("A count that is too big ends with a page that stays empty, and nothing is taken for gone")
    func countTooBig() throws {
        var reading = try read(page(30, of: 1030, at: 0), work())
        #expect(try follow(reading.next) == ("30", nil))
        for wait in [2, 5] as [Int64] {
            reading = try read(page(0, of: 1030, at: 30), work(cursor(reading.next)))
            #expect(try follow(reading.next) == ("30", .seconds(wait)))
        }
        reading = try read(page(0, of: 1030, at: 30), work(cursor(reading.next)))
        guard case .finished(let end) = reading.next else {
            Issue.record("\(reading.next)")
            return
        }
        #expect(!end.isComplete)
        #expect(reading.notes.map(\.kind) == ["list_short"])
    }

    @Test("A list that had rows and is empty all at once is no list without rows")
    func emptied() throws {
        let first = try read(page(500, of: 1600, at: 0), work())
        let second = try read(page(0, of: 0, at: 500), work(cursor(first.next)))
        #expect(try follow(second.next) == ("0", nil))
        let third = try read(page(0, of: 0, at: 0), work(cursor(second.next)))
        guard case .failed(.retryNow) = third.next else {
            Issue.record("the rows that were read before would be deleted: \(third.next)")
            return
        }
        guard case .finished(let end) = try read(page(0, of: 0, at: 0), work()).next, !end.isComplete else {
            Issue.record("days that are empty all at once would take away what is stored of them")
            return
        }
    }

    @Test("Changes of a list that ended early are asked for again")
    func changesEndEarly() throws {
        var reading = try read(page(0, of: 7, at: 0), work(mode: "changed:1795000000"))
        while let next = cursor(reading.next) {
            reading = try read(page(0, of: 7, at: 0), work(next, mode: "changed:1795000000"))
        }
        guard case .finished(let end) = reading.next else {
            Issue.record("\(reading.next)")
            return
        }
        #expect(end.changedUpTo == nil)
    }

    @Test("A token that is refused is replaced however young it is", arguments: [0, 5, 100_000] as [Int64])
    func refusedToken(age: Int64) throws {
        let connector = try AdmitadConnector()
        let response = WireResponse(status: 200, body: Array(#"{"access_token":"t","expires_in":604800}"#.utf8))
        let given = Credential(["client_id": Secret("c"), "client_secret": Secret("s")])
        guard case .credential(let got) = connector.renewed(response, of: given, account: "me", at: Self.now) else {
            Issue.record("no token was got")
            return
        }
        let later = Self.now + .seconds(age)
        let due = connector.renewal(of: got, account: "me", because: .due, at: later)?.request.path
        let refused = connector.renewal(of: got, account: "me", because: .refused, at: later)?.request.path
        #expect(due == nil)
        #expect(refused == "/token/")
    }

    @Test("The history of actions, named alone, reads the actions that it comes with")
    func historyAlone() throws {
        let connector = try AdmitadConnector()
        let aliases = AdmitadConnector.platform.aliases[.actionHistory]
        #expect(aliases == [.actions, .actionHistory])
        let day = CivilDate(Self.now, in: .gmt)
        let request = PlanRequest(
            step: AdmitadPlatform.recent, kind: .manual, account: try work().account, anchor: day,
            window: DayRange(day), streams: aliases ?? [], due: [.actions: [day]], listed: [:], tallies: [:],
            learned: [:], now: Self.now)
        #expect(connector.plan(request).map(\.stream) == [.actions])
    }
}
