import FoundationEssentials
import SyncCore
import SyncEngine

/// Starts what a visitor asks for, under one id.
struct Requests: Sendable {
    let site: Site

    func start(
        _ kind: SyncRequest.Kind, _ order: Control.Order, named range: NamedRange?, of accounts: [Account],
        by visitor: Visitor
    ) async throws -> SyncRequest {
        let jobs = try await site.control.jobs(order, named: range, of: accounts)
        var request = SyncRequest(
            id: Requests.uuid(), workspace: visitor.workspace.id, kind: kind, actor: visitor.actor,
            range: range?.rawValue ?? order.days.map { "\($0.first)/\($0.last)" } ?? "", createdAt: site.clock.now)
        request.jobs = try await site.store.request(request, jobs)
        return request
    }

    /// Version 4.
    static func uuid() -> String {
        var bytes = SystemRandom.bytes(16)
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        let hex = Array(HexText.of(bytes))
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(hex[$0]) }.joined(separator: "-")
    }
}
