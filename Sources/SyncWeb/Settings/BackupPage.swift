import SyncCore
import Wording

/// `settings-backup.mustache`.
struct BackupPage: Sendable {
    var headline: String
    var summary: String
    /// Who may look at the whole database may write it into a file.
    var mayChange: Bool
    var isRunning: Bool
    var progress: Progress?
    var tabs: [SettingsTabs.Tab]
    var hasBackups: Bool
    /// What stands where there are none, or none that this person may see.
    var none: String
    var hasRows = false
    var backups: [Backup]
    var plan: [RunPage.Fact]
    var form: Form?

    struct Progress: Sendable {
        var width: String
        var text: String
    }

    struct Backup: Sendable {
        var time: String
        var state: RunWords.Mark
        var rows = ""
        var size: String
        /// Nil: it stays on the server.
        var href: String?
    }

    /// A plan of nights, when there is one.
    struct Form: Sendable {
        var action: String
        var time: String
        var keep: String
        var error: EntryPage.Text?
    }
}

struct BackupView: Sendable {
    var told: RunWords
    var files: [BackupFile]
    var state: BackupState
    var place: String?
    var mayChange: Bool

    private var words: Words { told.words }

    func page() -> BackupPage {
        var isRunning = false
        if case .running = state { isRunning = true }
        return BackupPage(
            headline: headline, summary: summary, mayChange: mayChange && place != nil, isRunning: isRunning,
            tabs: SettingsTabs.all("/backup", words), hasBackups: !rows.isEmpty,
            none: mayChange ? words.pick("No backup yet.", "Chưa có bản sao lưu nào.") : headline + ".",
            backups: rows, plan: plan)
    }

    private var headline: String {
        switch state {
        case .running: return words.pick("A backup is being written", "Đang ghi bản sao lưu")
        case .failed(let at, _):
            return words.pick(
                "The backup of \(told.near(at)) did not come to its end",
                "Bản sao lưu lúc \(told.near(at)) không hoàn thành")
        case .idle: break
        }
        guard mayChange else {
            return words.pick(
                "Backups are seen by the owner of the first workspace",
                "Chỉ chủ sở hữu không gian làm việc đầu tiên xem được bản sao lưu")
        }
        guard let last = files.first else {
            return words.pick("There is no backup here yet", "Chưa có bản sao lưu nào")
        }
        return words.pick(
            "The last backup is of \(told.near(last.at)) and can be read back",
            "Bản sao lưu cuối lúc \(told.near(last.at)) và đọc lại được")
    }

    private var summary: String {
        if case .failed(_, let why) = state { return words.whole(why) }
        guard place != nil else {
            let command = words.pick(
                "On a machine that reaches the database: sluice backup --to FILE.",
                "Trên máy truy cập được cơ sở dữ liệu: sluice backup --to FILE.")
            // Whoever may not write one has no use for the way to switch it on.
            guard mayChange else { return command }
            return words.pick(
                "Started with --backups FOLDER (or SLUICE_BACKUPS), the server writes them from here. \(command)",
                "Khởi động máy chủ với --backups THƯ_MỤC (hoặc SLUICE_BACKUPS) để sao lưu ngay tại đây. \(command)")
        }
        return words.pick(
            "Work goes on meanwhile. Each file is read back and compared before it gets its name.",
            "Công việc vẫn chạy. Mỗi tệp được đọc lại và so sánh rồi mới được đặt tên.")
    }

    private var rows: [BackupPage.Backup] {
        var rows = files.map { file in
            BackupPage.Backup(
                time: told.near(file.at),
                state: RunWords.Mark(icon: "shield", tone: "ok", text: words.pick("read back", "đã đọc lại")),
                size: SystemView.size(file.bytes, words))
        }
        if case .failed(let at, let why) = state {
            let mark = RunWords.Mark(icon: "bad", tone: "bad", text: words.said(why))
            rows.insert(BackupPage.Backup(time: told.near(at), state: mark, size: "—"), at: 0)
        }
        return rows
    }

    private var plan: [RunPage.Fact] {
        var plan: [RunPage.Fact] = []
        if let place { plan.append(RunPage.Fact(label: words.pick("Where", "Ở đâu"), value: place)) }
        plan.append(
            RunPage.Fact(
                label: words.pick("The key of the credentials", "Khoá của thông tin đăng nhập"),
                value: words.pick("not in it; keep it elsewhere", "không nằm trong tệp; hãy giữ ở nơi khác")))
        return plan
    }
}

struct BackupBody: Encodable, Sendable {
    var success = true
    var status: String
    var error: String?
    var backups: [File]

    struct File: Encodable, Sendable {
        var name: String
        var created_at: String
        var bytes: Int
        var is_verified = true
    }

    init(_ view: BackupView) {
        switch view.state {
        case .idle: status = "idle"
        case .running: status = "running"
        case .failed(_, let why): (status, error) = ("failed", why)
        }
        backups = view.files.map { File(name: $0.name, created_at: $0.at.description, bytes: $0.bytes) }
    }
}
