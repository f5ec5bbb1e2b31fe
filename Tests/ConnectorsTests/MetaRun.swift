import ConnectorKit
import HTTPTypes
import SyncCore

@testable import Connectors

/// One chunk of Meta in a test: gives calls, takes answers, and moves on as the engine would.
struct MetaRun {
    var connector: MetaConnector
    var spec: ChunkSpec
    var cursor: String?
    var keepsakes: [String: Secret<String>] = [:]
    var learned = Learned()
    var account = MetaRun.account
    var credential = Credential(["token": Secret("TOK")])
    var now = Instant(seconds: 1_790_000_000)
    /// 2026-09-21.
    static let anchor = CivilDate(daysSince1970: 20_717)

    /// Days counted from the anchor.
    static func days(_ first: Int, _ last: Int) -> DayRange {
        DayRange(anchor.adding(days: first), anchor.adding(days: last)) ?? DayRange(anchor)
    }

    static let account = Account(
        id: AccountID(1), connection: ConnectionID(1), platform: MetaConnector.id, externalID: "1000001",
        name: "Shop", currency: "USD", zoneName: "Asia/Ho_Chi_Minh")

    init(_ stream: StreamID, mode: String = "list", days: DayRange? = nil, entities: EntitySet? = nil) throws {
        connector = try MetaConnector()
        spec = ChunkSpec(stream: stream, phase: .recent, days: days, entities: entities, mode: mode)
    }

    var work: ChunkWork {
        ChunkWork(
            account: account, spec: spec, cursor: cursor, anchor: MetaRun.anchor, credential: credential,
            learned: learned, keepsakes: keepsakes, now: now)
    }

    var call: Call { connector.call(for: work) }
    var path: String { call.request.path }

    /// A parameter of the next call, from its query or its form.
    func parameter(_ name: String) -> String? {
        let request = call.request
        let form = FormCoding.decode(String(decoding: request.body, as: UTF8.self))
        return (request.query + form).first { $0.name == name }?.value
    }

    /// Names asked for, whether as a comma list or as JSON.
    var fields: [String] {
        (parameter("fields") ?? "").split { ",[]\"".contains($0) }.map(String.init)
    }

    /// Gives an answer to the present call.
    @discardableResult
    mutating func answer(_ body: String, status: Int = 200, headers: [String: String] = [:]) -> Reading {
        answer(Array(body.utf8), status: status, headers: headers)
    }

    @discardableResult
    mutating func answer(_ body: [UInt8], status: Int = 200, headers: [String: String] = [:]) -> Reading {
        let reading = connector.read(
            WireResponse(status: status, headers: MetaRun.fields(headers), body: body), to: call, of: work)
        follow(reading)
        return reading
    }

    mutating func follow(_ reading: Reading) {
        for change in reading.learned { learned.take(change, at: now) }
        if let keepsakes = reading.keepsakes { self.keepsakes = keepsakes }
        switch reading.next {
        case .more(let cursor): self.cursor = cursor
        case .later(let wait, let cursor):
            self.cursor = cursor
            now = now + wait
        default: break
        }
    }

    @discardableResult
    mutating func error(
        _ code: Int, _ subcode: Int? = nil, _ message: String = "Ein Fehler", status: Int = 400,
        headers: [String: String] = [:]
    ) -> Reading {
        let sub = subcode.map { ",\"error_subcode\":\($0)" } ?? ""
        return answer(
            "{\"error\":{\"message\":\"\(message)\",\"type\":\"OAuthException\",\"code\":\(code)\(sub),"
                + "\"is_transient\":false,\"fbtrace_id\":\"A1b2\"}}",
            status: status, headers: headers)
    }

    static func fields(_ headers: [String: String]) -> HTTPFields {
        var fields = HTTPFields()
        for (name, value) in headers {
            if let name = HTTPField.Name(name) { fields[name] = value }
        }
        return fields
    }
}

/// A page of rows with its paging.
func metaPage(_ rows: String = "", after: String? = nil, next: Bool = false, cursors: Bool = true) -> String {
    let after = after ?? "QVFI"
    let url = "https://graph.facebook.com/v26.0/act_1000001/campaigns?access_token=SECRET&limit=1&after=\(after)"
    let parts = [
        cursors ? "\"cursors\":{\"before\":\"QQ\",\"after\":\"\(after)\"}" : nil,
        next ? "\"next\":\"\(url)\"" : nil,
    ].compactMap { $0 }
    return "{\"data\":[\(rows)],\"paging\":{\(parts.joined(separator: ","))}}"
}

extension Reading {
    var isFinished: Bool { if case .finished = next { true } else { false } }
    var isMore: Bool { if case .more = next { true } else { false } }
    var finish: Finish? { if case .finished(let finish) = next { finish } else { nil } }
    var wait: Duration? { if case .later(let wait, _) = next { wait } else { nil } }
    var failure: Failure? { if case .failed(let failure) = next { failure } else { nil } }
    var split: [ChunkSpec]? { if case .split(let specs, _) = next { specs } else { nil } }
    var rows: Int { tables.reduce(0) { $0 + $1.rowCount } }
    var kinds: [String] { notes.map(\.kind) }

    func text(_ column: String, row: Int = 0, table: Int = 0) -> String? {
        tables[table].cell(row: row, column: column).flatMap(tables[table].string)
    }

    func integer(_ column: String, row: Int = 0, table: Int = 0) -> Int64? {
        tables[table].cell(row: row, column: column)?.integer
    }
}
