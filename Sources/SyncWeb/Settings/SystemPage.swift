import SyncCore
import Wording

/// `settings-system.mustache`: does work flow, what holds it, which machine is gone?
struct SystemPage: Sendable {
    var headline: String
    var summary: String
    var mayChange: Bool
    /// All work at once.
    var mayPause: Bool
    var isPaused: Bool
    var mayBackUp: Bool
    var tabs: [SettingsTabs.Tab]
    var tiles: [Tile]
    var chart: Chart
    var quotaNote: String
    var quotaCount: String
    var quotas: [QuotaRow]
    var machineNote: String
    var machines: [Machine]
    var database: [RunPage.Fact]
    var priorities: [Priority]

    struct Tile: Sendable {
        var label: String
        var value: String
        var note: String
        var tone: String
    }

    struct Chart: Sendable {
        var label: String
        var scale: String
        var done: String
        var hasHeld = false
        var held = ""
        var first: String
        var middle: String
        var last: String
    }

    struct Machine: Sendable {
        var name: String
        var isLeader: Bool
        var inFlight: String
        var heard: String
        var tone: String
    }

    struct Priority: Sendable {
        var label: String
        var width: String
        var share: String
    }
}

/// Everything that the page of the system is made from.
struct SystemView: Sendable {
    var told: RunWords
    var depth: QueueDepth
    var flow: Health
    /// Completed chunks of the last hour.
    var minutes: [Int]
    var machines: [Machine]
    var facts: DatabaseFacts
    var waiting: [AccountID: Int]
    var quotas: [QuotaReader.Line]
    /// Sizes that were learned, for the first of them.
    var learned: [QuotaKey: String]
    var lastBackup: BackupFile?
    /// Everything stands still.
    var pause: WorkOrders.Pause?
    var mayPause: Bool
    var mayBackUp: Bool

    static let mostQuotas = 8
    private var words: Words { told.words }

    func page() -> SystemPage {
        SystemPage(
            headline: headline, summary: summary, mayChange: mayPause || mayBackUp, mayPause: mayPause,
            isPaused: pause != nil, mayBackUp: mayBackUp,
            tabs: SettingsTabs.all("", words), tiles: tiles, chart: chart,
            quotaNote: words.pick("shared by all machines", "dùng chung cho mọi máy"),
            quotaCount: words.pick("All \(words.number(quotas.count))", "Tất cả \(words.number(quotas.count))"),
            quotas: quotas.prefix(SystemView.mostQuotas).map { QuotaRow($0, learned[$0.key] ?? "", told) },
            machineNote: words.pick(
                "one that is silent for 45 s gives its work back", "máy im lặng 45 giây sẽ trả lại việc"),
            machines: machineRows, database: database, priorities: priorities)
    }

    /// What the limiter grants of a limit that all classes wait for.
    private var priorities: [SystemPage.Priority] {
        let whole = WorkClass.allCases.reduce(0) { $0 + $1.weight }
        return WorkClass.allCases.map { one in
            let share = Int((100 * one.weight / whole).rounded())
            let label =
                switch one {
                case .interactive: words.pick("Interactive", "Tức thì")
                case .recent: words.pick("Recent", "Gần đây")
                case .incremental: words.pick("Incremental", "Cập nhật")
                case .history: words.pick("History", "Lịch sử")
                }
            return SystemPage.Priority(label: label, width: "\(share)%", share: "\(words.number(share)) %")
        }
    }

    private var running: Int { depth.chunks[.inProgress] ?? 0 }
    private var pending: Int { depth.chunks[.pending] ?? 0 }
    private var standing: Int { depth.chunks[.waiting] ?? 0 }

    private var headline: String {
        if pause != nil { return PauseWords(told).headline }
        if !flow.isGood { return words.whole(flow.reason.isEmpty ? "Work does not move." : flow.reason) }
        if running + pending + standing == 0 { return words.pick("There is nothing to do", "Không có việc phải làm") }
        if running + pending == 0 { return words.pick("All work waits", "Mọi việc đang chờ") }
        return words.pick("Everything is moving", "Mọi việc đang chạy")
    }

    private var summary: String {
        let held = quotas.count { $0.quota.blockedUntil.map { $0 > told.now } ?? false }
        let limits =
            held == 0
            ? words.pick("No quota is blocked.", "Không hạn mức nào bị chặn.")
            : words.pick(
                "\(words.count(held, "quota", "hạn mức")) \(held == 1 ? "is" : "are") blocked.",
                "\(words.number(held)) hạn mức đang bị chặn.")
        let hands = words.count(running, "chunk", "phần")
        let since = pause.map { "\(PauseWords(told).since($0)). " } ?? ""
        let working =
            since.prefix(1).uppercased() + since.dropFirst() + words.pick("\(hands) in hand, ", "\(hands) đang làm, ")
        return working + words.pick("\(words.number(pending)) in line. ", "\(words.number(pending)) xếp hàng. ")
            + limits
            + words.pick(" Times are \(told.zoneName).", " Giờ theo \(told.zoneName).")
    }

    private var tiles: [SystemPage.Tile] {
        func tile(_ english: String, _ vietnamese: String, _ value: String, _ note: String = "", _ tone: String = "")
            -> SystemPage.Tile
        { SystemPage.Tile(label: words.pick(english, vietnamese), value: value, note: note, tone: tone) }
        let number = words.number
        let forQuota = waiting.values.reduce(0, +)
        let others = max(0, standing - forQuota)
        let failed = depth.chunks[.failed] ?? 0
        let done = minutes.reduce(0, +)
        return [
            tile("In progress", "Đang làm", number(running), words.count(depth.openJobs, "open run", "lượt chạy mở")),
            tile("In line", "Xếp hàng", number(pending), words.pick("for a free worker", "để được làm")),
            tile(
                "Waiting", "Đang chờ", number(standing),
                words.pick(
                    "\(number(forQuota)) for their turn under a quota, \(number(others)) other",
                    "\(number(forQuota)) chờ lượt theo hạn mức, \(number(others)) việc khác")),
            tile(
                "Failed", "Bị lỗi", number(failed),
                failed == 0 ? "" : words.pick("kept for a retry", "giữ lại để chạy lại"), failed == 0 ? "" : "bad"),
            tile(
                "Oldest wait", "Chờ lâu nhất", depth.oldestDue.map(words.length) ?? "—",
                words.pick("not counting quota waits", "không tính chờ hạn mức")),
            tile("Done in the last hour", "Xong trong giờ qua", number(done), words.pick("chunks", "phần")),
        ]
    }

    private var chart: SystemPage.Chart {
        let most = max(1, minutes.max() ?? 1)
        let step =
            [1, 2, 5, 10, 20, 30, 50, 100, 150, 200, 300, 500, 700, 1000, 1500, 2000, 3000, 5000].first { $0 >= most }
            ?? most
        var path = ""
        for (index, count) in minutes.enumerated() where count > 0 {
            let height = max(2, 82 * count / step)
            path += "M\(index * 12) 82v-\(height)h10.4v\(height)z"
        }
        let first = told.now - .seconds(60 * minutes.count)
        return SystemPage.Chart(
            label: words.pick(
                "Chunks completed a minute in the last hour, at most \(words.number(most)).",
                "Số phần xong mỗi phút trong giờ qua, nhiều nhất \(words.number(most))."),
            scale: words.pick("\(words.number(step)) a minute", "\(words.number(step)) mỗi phút"), done: path,
            first: told.clock(first), middle: told.clock(first + .seconds(30 * minutes.count)),
            last: told.clock(told.now))
    }

    private var machineRows: [SystemPage.Machine] {
        machines.map { machine in
            let age = machine.heardAt.map { max(.zero, told.now - $0) }
            let isLate = age.map { $0 > .seconds(45) } ?? false
            let heard =
                age.map(ago)
                ?? words.pick("leads", "đang điều phối")
            return SystemPage.Machine(
                name: machine.name, isLeader: !machine.leads.isEmpty, inFlight: words.number(machine.inFlight),
                heard: heard, tone: isLate ? "warn" : "ok")
        }
    }

    private func ago(_ age: Duration) -> String {
        if age < .seconds(2) { return words.pick("now", "vừa xong") }
        return words.pick("\(words.length(age)) ago", "\(words.length(age)) trước")
    }

    private var database: [RunPage.Fact] {
        var rows = [
            RunPage.Fact(label: words.pick("Engine", "Loại"), value: "\(facts.engine) \(facts.version)"),
            RunPage.Fact(label: words.pick("Size", "Kích thước"), value: SystemView.size(facts.bytes, words)),
            RunPage.Fact(
                label: words.pick("Schema", "Cấu trúc dữ liệu"),
                value: words.pick("step \(facts.schema)", "phiên bản \(facts.schema)")),
        ]
        if let lastBackup {
            rows.append(
                RunPage.Fact(
                    label: words.pick("Last backup", "Sao lưu cuối"),
                    value: words.pick(
                        "\(told.near(lastBackup.at)), read back", "\(told.near(lastBackup.at)), đã đọc lại")))
        }
        return rows
    }

    /// `3.8 GB`.
    static func size(_ bytes: Int, _ words: Words) -> String {
        let units = ["kB", "MB", "GB", "TB"]
        var value = Double(bytes) / 1000
        var index = 0
        while value >= 999.5, index < units.count - 1 {
            value /= 1000
            index += 1
        }
        return "\(value < 10 ? words.decimal(value) : words.number(Int(value.rounded()))) \(units[index])"
    }
}

struct SystemBody: Encodable, Sendable {
    var success = true
    var version: String
    var status: String
    var reason: String?
    var paused: WorkOrdersBody.Pause?
    var queue: Queue
    var completed_last_hour: Int
    var chunks_per_minute: [Int]
    /// Of this server's process.
    var workers: Int
    var busy_workers: Int
    var machines: [MachineBody]
    var database: Database
    var quotas: [LimitBody]
    var learned: [LearnedSize] = []

    /// How much a chunk of a stream takes: days, or ids.
    struct LearnedSize: Encodable, Sendable {
        var account_id: Int64
        var stream: String
        var size: Double
        /// Somebody insists on it.
        var is_fixed: Bool
        /// That a chunk takes.
        var seconds: Double?

        init?(_ account: AccountID, _ stream: StreamID, _ learned: Learned) {
            guard let size = learned.fixedSize ?? learned.size else { return nil }
            account_id = account.value
            self.stream = stream.rawValue
            self.size = size
            is_fixed = learned.fixedSize != nil
            seconds = learned.seconds
        }
    }

    struct Queue: Encodable, Sendable {
        var pending: Int
        var in_progress: Int
        var waiting: Int
        var completed: Int
        var failed: Int
        var cancelled: Int
        var due: Int
        var oldest_due_seconds: OrNull<Double>
        var open_jobs: Int
    }

    struct MachineBody: Encodable, Sendable {
        var name: String
        var in_flight: Int
        var heard_at: String?
        var leads: [String]
    }

    struct Database: Encodable, Sendable {
        var engine: String
        var version: String
        var bytes: Int
        var schema: Int
    }

    init(_ view: SystemView, _ vitals: WorkerVitals, version: String) {
        func count(_ state: WorkState) -> Int { view.depth.chunks[state] ?? 0 }
        self.version = version
        status = view.flow.status
        reason = view.flow.reason.isEmpty ? nil : view.flow.reason
        paused = view.pause.map { WorkOrdersBody.Pause($0) }
        queue = Queue(
            pending: count(.pending), in_progress: count(.inProgress),
            waiting: count(.waiting), completed: count(.completed),
            failed: count(.failed), cancelled: count(.cancelled), due: view.depth.due,
            oldest_due_seconds: OrNull(view.depth.oldestDue?.inSeconds), open_jobs: view.depth.openJobs)
        completed_last_hour = view.minutes.reduce(0, +)
        chunks_per_minute = view.minutes
        workers = vitals.workers
        busy_workers = vitals.busyWorkers
        machines = view.machines.map {
            MachineBody(
                name: $0.name, in_flight: $0.inFlight, heard_at: $0.heardAt?.description, leads: $0.leads)
        }
        database = Database(
            engine: view.facts.engine, version: view.facts.version, bytes: view.facts.bytes,
            schema: view.facts.schema)
        quotas = view.quotas.map { LimitBody($0, view.told.now) }
    }
}
