import ConnectorKit
import FoundationEssentials
import HTTPTypes
import SyncCore

/// A request to the control endpoint under `/sandbox`, which no platform has: oracles and switches for tests.
struct ControlRequest {
    /// Without `/sandbox/`.
    let path: String
    let query: [String: String]
    let body: [UInt8]
    let isChange: Bool

    /// Nil for a request to the platform itself.
    init?(_ wire: WireRequest) {
        guard wire.target.hasPrefix("/sandbox") else { return nil }
        path = wire.path.split(separator: "/").dropFirst().joined(separator: "/")
        query = Dictionary(wire.query.map { ($0.name, $0.value) }) { _, last in last }
        body = wire.body
        isChange = wire.method == .post
    }

    /// The days `from` to `to`, both included; nil without them.
    func days() throws -> DayRange? {
        guard let from = query["from"], let to = query["to"] else { return nil }
        guard let first = CivilDate(from), let last = CivilDate(to), let days = DayRange(first, last) else {
            throw WorldError("from and to must be days, the earlier one first")
        }
        return days
    }

    /// The moment `at` (seconds since 1970), else `now`.
    func moment(or now: Instant) -> Instant {
        query["at"].flatMap(Int64.init).map { Instant(seconds: $0) } ?? now
    }

    /// What `body` makes; a sentence with status 400 when it throws.
    static func reply(_ body: () throws -> [UInt8]) -> SandboxReply {
        var response: WireResponse
        do {
            response = WireResponse(status: 200, body: try body())
        } catch {
            response = WireResponse(
                status: 400, body: SandboxJSON.object([("error", .text("\(error)"))]).bytes)
        }
        response.headers[.contentType] = "application/json"
        return SandboxReply(response)
    }

    static let done = Array("{\"success\":true}".utf8)

    /// Any value as JSON with its keys in order.
    static func json(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return Array(try encoder.encode(value))
    }
}
