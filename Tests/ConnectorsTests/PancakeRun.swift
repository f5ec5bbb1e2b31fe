import ConnectorKit
import SyncCore

@testable import Connectors

/// One chunk of Pancake in a test: gives calls, takes answers, and moves on as the engine would.
struct PancakeRun {
    var connector: PancakeConnector
    var spec: ChunkSpec
    var cursor: String?
    var credential = Credential([
        "token": Secret("USER"), "page_access_token": Secret("PAGE"), "phone_key": Secret("key"),
    ])
    var now = Instant(seconds: 1_795_230_000)

    static let account = Account(
        id: AccountID(1), connection: ConnectionID(1), platform: PancakeConnector.id, externalID: "1101",
        name: "Tiem Mau", currency: AccountFacts.severalCurrencies, zoneName: "Asia/Ho_Chi_Minh")

    init(_ stream: StreamID, mode: String = "whole+messages", configuration: [String: String] = [:]) throws {
        connector = try PancakeConnector(configuration: configuration)
        spec = ChunkSpec(stream: stream, phase: .recent, mode: mode)
    }

    init(
        threads: [(id: String, customer: String)], since: Int64? = nil, configuration: [String: String] = [:]
    ) throws {
        connector = try PancakeConnector(configuration: configuration)
        spec = PancakeThreads(since: since, threads).spec(.recent)
    }

    var work: ChunkWork {
        ChunkWork(
            account: PancakeRun.account, spec: spec, cursor: cursor, anchor: CivilDate(daysSince1970: 20_778),
            credential: credential, now: now)
    }

    var call: Call { connector.call(for: work) }

    func parameter(_ name: String) -> String? { call.request.query.first { $0.name == name }?.value }

    @discardableResult
    mutating func answer(_ body: String, status: Int = 200) -> Reading {
        let reading = connector.read(
            WireResponse(status: status, body: Array(body.utf8)), to: call, of: work)
        if case .more(let next) = reading.next { cursor = next }
        return reading
    }

    /// A whole list of so many conversations, the newest first.
    static func conversations(_ ids: Range<Int>) -> String {
        let rows = ids.map { id in
            let minute = String(id + 1000).suffix(2)
            return
                #"{"id":"c\#(id)","page_id":"1101","customer_id":"u\#(id)","updated_at":"2025-11-05T02:\#(minute):00"}"#
        }
        return #"{"success":true,"conversations":[\#(rows.reversed().joined(separator: ","))]}"#
    }

    static func messages(_ ids: Range<Int>, _ more: String = "") -> String {
        let rows = ids.map { #"{"id":"m\#($0)","conversation_id":"c1","inserted_at":"2025-11-05T02:13:07.000000"}"# }
        return #"{"success":true,"messages":[\#(rows.joined(separator: ","))]\#(more)}"#
    }
}

extension RowTable {
    /// A value as text, for tests.
    func text(_ row: Int, _ column: String) -> String? {
        if column == "extra" { return string(cells[(row + 1) * width - 1]) }
        guard let cell = cell(row: row, column: column) else { return nil }
        return string(cell) ?? cell.integer.map(String.init)
    }
}
