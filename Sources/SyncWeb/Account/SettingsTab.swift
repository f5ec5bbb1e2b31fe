import ConnectorKit
import SyncCore
import Wording

/// `account-settings.mustache`: what is kept of an account, what is read again, by which connection. What is not there
/// yet is not drawn.
struct SettingsTab: Sendable {
    var account: AccountPage.Head
    var canAct: Bool
    var pause: AccountPage.Act?
    var sync: Post?
    var menu: [AccountPage.MenuItem]
    var tabs: [AccountPage.Tab]
    var rows: [Row]
    var connection: Connected
    var remove: Remove?

    struct Row: Sendable {
        var name: String
        var hint: String
        var values: [Value]
    }

    struct Value: Sendable { var text: String }

    struct Connected: Sendable {
        var mark: String
        var name: String
        var tone: String
        var icon: String
        var state: String
        var href: String?
        var detail: String
    }

    struct Remove: Sendable {
        var href: String
        var detail: String
    }

    init(
        _ frame: AccountFrame, _ standing: Standing, _ streams: [StreamSchema], accounts: Int, _ words: Words,
        _ now: Instant
    ) {
        account = frame.head
        canAct = frame.canAct
        pause = frame.pause
        sync = frame.sync
        menu = frame.menu
        tabs = frame.tabs
        let platform = standing.platform.name
        func row(_ name: (String, String), _ hint: (String, String), _ values: [String]) -> Row {
            Row(name: words.pick(name.0, name.1), hint: words.pick(hint.0, hint.1), values: values.map(Value.init))
        }
        let kept = streams.filter { $0.isStored && !$0.isActing }
        let daily = kept.filter { $0.grain != .entity }
        var rows = [
            row(
                ("Name", "Tên"), ("As \(platform) gives it", "Theo \(platform)"),
                [standing.account.name, standing.account.externalID]),
            row(
                ("Data to keep", "Dữ liệu lưu giữ"), ("Streams that are kept up to date", "Các luồng được cập nhật"),
                words.names(of: kept)),
        ]
        if let months = standing.platform.retentionMonths ?? (daily.isEmpty ? nil : 37) {
            rows.append(
                row(
                    ("History", "Lịch sử"), ("Everything older than 90 days", "Mọi thứ cũ hơn 90 ngày"),
                    [
                        words.pick(
                            "As far as \(platform) goes (\(words.count(months, "month", "")))",
                            "Xa nhất \(platform) cho (\(words.number(months)) tháng)")
                    ]))
        }
        if let days = daily.map(\.reread.settledAfter).max() {
            rows.append(
                row(
                    ("Days that may change", "Ngày còn thay đổi"), ("", ""),
                    [
                        words.pick(
                            "\(words.count(days, "day", "")) back are read again each night, because \(platform) still "
                                + "changes them",
                            "\(words.number(days)) ngày gần nhất được đọc lại mỗi đêm, vì \(platform) còn thay đổi")
                    ]))
        }
        rows.append(
            row(
                ("Days and amounts", "Ngày và số tiền"), ("", ""), [AccountPage.basis(standing, words)]))
        self.rows = rows
        let isParked = standing.connection.parked != nil
        let reconnect = "/connections/\(standing.connection.id)/reconnect"
        connection = Connected(
            mark: String(platform.prefix(1)), name: platform, tone: isParked ? "bad" : "ok",
            icon: isParked ? "key" : "done",
            state: isParked ? words.pick("Signed out", "Mất đăng nhập") : words.pick("Works", "Dùng được"),
            href: frame.canAct ? reconnect : nil,
            detail: words.pick(
                "\(words.count(accounts, "account", "")) use\(accounts == 1 ? "s" : "") it",
                accounts == 1 ? "chỉ tài khoản này dùng" : "\(words.number(accounts)) tài khoản dùng chung"))
        remove =
            frame.canAct
            ? Remove(
                href: "/connections/\(standing.connection.id)/delete",
                detail: words.pick(
                    "The connection goes with its credentials; all rows stay in your database.",
                    "Gỡ kết nối và mã truy cập; mọi dòng vẫn ở trong cơ sở dữ liệu.")) : nil
    }
}

struct AccountSettingsBody: Encodable, Sendable {
    var success = true
    var account: AccountBody
    var streams: [Stream]

    struct Stream: Encodable, Sendable {
        var stream: String
        var table: String
        var grain: String
        /// Days back that are read again.
        var settled_after_days: Int?
    }

    init(_ standing: Standing, _ streams: [StreamSchema]) {
        account = AccountBody(standing)
        self.streams = streams.filter { $0.isStored && !$0.isActing }.map {
            Stream(
                stream: $0.id.rawValue, table: $0.table, grain: $0.grain.rawValue,
                settled_after_days: $0.grain == .entity ? nil : $0.reread.settledAfter)
        }
    }
}
