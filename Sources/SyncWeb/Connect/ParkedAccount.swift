import ConnectorKit
import FoundationEssentials
import SyncCore
import SyncEngine
import Wording

/// Why an account stands still, what is kept, and how it goes on: the banner and the list of `account-parked.mustache`.
struct ParkedAccount: Sendable {
    var parked: Banner
    var held: [Held]
    var heldNote: String

    struct Banner: Sendable {
        var lead: String
        var text: String
        var told: String?
        var missing: String?
        /// The platform's code, for support people.
        var code: String
        var mayReconnect: Bool
        var ask: Link?
        var reconnect: Link?
    }

    struct Held: Sendable {
        var name: String
        var done: String
        var since: String
        var href: String
    }
}

extension ConnectDesk {
    /// Nil while the connection of the account works.
    func parked(
        _ account: Account, _ visitor: Visitor, _ words: Words
    ) async throws -> ParkedAccount? {
        guard let connection = try await site.store.connection(account.connection), let cause = connection.parked else {
            return nil
        }
        let platform = try site.environment.connectors.type(of: connection.platform).platform
        let zone = (try? account.zone()) ?? .gmt
        let since = connection.parkedAt.map { words.near($0, in: zone, now: site.clock.now) } ?? ""
        let waiting = try await site.store.logs(
            LogFilter(workspace: visitor.workspace.id, account: account.id, states: [.waiting]), before: nil, limit: 50
        ).filter { $0.waitReason == .credential }
        var banner = ParkedAccount.Banner(
            lead: words.said(cause.message), text: text(platform, held: waiting.count, words),
            missing: since.isEmpty ? nil : words.pick("Missing since \(since)", "Đang thiếu từ \(since)"),
            code: connection.isRemoved ? "" : cause.code, mayReconnect: visitor.may(.act),
            reconnect: Link(
                href: "/connections/\(connection.id)/reconnect", label: words.pick("Reconnect", "Kết nối lại")))
        if connection.isRemoved {
            banner.text = words.pick(
                "All rows stay and can be read. Connect again to go on from there.",
                "Mọi dòng vẫn còn và xem được. Kết nối lại để tiếp tục từ đó.")
        }
        return ParkedAccount(
            parked: banner, held: try await held(waiting, since: since, visitor, words),
            heldNote: words.pick(
                "Schedules leave this account out until somebody signs in again, and make up for it then.",
                "Lịch chạy bỏ qua tài khoản này cho đến khi đăng nhập lại, rồi tự bù phần thiếu."))
    }

    private func text(_ platform: Platform, held: Int, _ words: Words) -> String {
        let runs = held == 1 ? "1 run goes" : "\(words.number(held)) runs go"
        return words.pick(
            "Sluice stopped calling \(platform.name) with this at once. Nothing is lost and nothing counts as failed: "
                + "after signing in \(runs) on from the same place.",
            "Sluice đã dừng gọi \(platform.name) bằng mã này ngay lập tức. Không mất gì và không tính là lỗi: đăng "
                + "nhập lại là \(words.number(held)) lượt chạy tiếp từ đúng chỗ cũ.")
    }

    private func held(
        _ entries: [LogEntry], since: String, _ visitor: Visitor, _ words: Words
    ) async throws -> [ParkedAccount.Held] {
        let schedules = try await site.store.schedules().filter { $0.definition.workspace == visitor.workspace.id }
        return entries.map { entry in
            let schedule = entry.schedule.flatMap { id in schedules.first { $0.id == id }?.definition.name }
            return ParkedAccount.Held(
                name: schedule ?? words.begun(words.kind(entry.kind)),
                done: words.pick(
                    "\(words.number(entry.completedChunks))/\(words.number(entry.totalChunks)) chunks",
                    "\(words.number(entry.completedChunks))/\(words.number(entry.totalChunks)) phần"),
                since: since, href: "/sync/logs/\(entry.job)")
        }
    }
}
