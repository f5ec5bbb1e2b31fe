import SyncCore
import Wording

/// The sync of Meta as the replaced system tells of it: eight stages, one after the other.
///
/// A stage is behind when no chunk of it is open; it is done when none of its chunks failed either. Stages that a sync
/// has no chunk of are done with it: who asks for campaigns alone has nothing to wait for behind them.
struct FacebookSync: Sendable {
    static let stages = ["businesses", "accounts", "campaigns", "adsets", "ads", "pages", "posts", "insights"]

    let status: String
    /// Nil before a worker has begun.
    let startedAt: Instant?
    let finishedAt: Instant?
    /// Of all steps of all its jobs.
    private(set) var percent: Int
    /// The stage that goes on, `completed`, `failed` or `cancelled`, or `idle` when there was never one.
    private(set) var stage: String
    /// Of the step: 37.5 at campaigns, step three of eight. The last one is told when all is over: 100 is the end.
    private(set) var stagePercent: Double
    /// Stages that were reached without a failure.
    private(set) var step: Int
    /// What all that has begun waits for; the replaced system has no word for that, so its status stays.
    let wait: WaitReason?

    init(_ work: PlatformWork?) {
        startedAt = work?.startedAt
        finishedAt = work?.finishedAt
        let open = (work?.jobs ?? []).filter { !$0.state.isTerminal }
        wait = FacebookSync.wait(of: open, work)
        guard let work, !work.jobs.isEmpty else {
            (status, percent, stage, stagePercent, step) = ("idle", 0, "idle", 0, 0)
            return
        }
        let failed = FacebookSync.stages.map { work.stages[$0]?.failed ?? 0 }
        guard work.isOpen else {
            status = FacebookSync.end(of: work)
            percent = status == "completed" ? 100 : min(99, FacebookSync.percent(of: work))
            stage = status
            step =
                status == "completed"
                ? FacebookSync.stages.count : FacebookSync.stages.count { FacebookSync.isDone($0, in: work) }
            stagePercent = Double(step) * FacebookSync.share
            return
        }
        let isBegun = work.jobs.contains { $0.state == .inProgress } || work.startedAt != nil
        status = isBegun ? "running" : "queued"
        percent = min(99, FacebookSync.percent(of: work))
        // The first that is not behind: those after it may have begun.
        let current = FacebookSync.stages.firstIndex { FacebookSync.isOpen($0, in: work) } ?? failed.count - 1
        stage = FacebookSync.stages[current]
        step = min(failed.count - 1, failed[..<current].count { $0 == 0 } + (isBegun ? 1 : 0))
        stagePercent = Double(step) * FacebookSync.share
    }

    /// As it was told `before`, where that was further: work that is found on the way takes nobody back.
    func notBehind(_ before: FacebookSync?) -> FacebookSync {
        guard let before, status == "running", before.status == status, before.startedAt == startedAt else {
            return self
        }
        var sync = self
        sync.percent = max(percent, before.percent)
        if before.step > step {
            (sync.stage, sync.step, sync.stagePercent) = (before.stage, before.step, before.stagePercent)
        }
        return sync
    }

    private static let share = 100 / Double(stages.count)

    /// Chunks of days come as long as a job is open, those of lists with its first step.
    private static func isOpen(_ stage: String, in work: PlatformWork) -> Bool {
        let open = work.jobs.filter { !$0.state.isTerminal }
        if stage == stages.first, open.contains(where: { $0.unbegun > 0 }) { return true }
        return stage == stages.last ? !open.isEmpty : (work.stages[stage]?.open ?? 0) > 0
    }

    /// Of a sync that is over. Where it ended before all was planned, only what was read.
    private static func isDone(_ stage: String, in work: PlatformWork) -> Bool {
        let chunks = work.stages[stage] ?? PlatformWork.Stage()
        guard chunks.failed == 0, chunks.cancelled == 0 else { return false }
        if work.jobs.contains(where: { $0.unbegun > 0 }) { return false }
        if work.jobs.contains(where: { $0.unplanned > 0 }) { return chunks.chunks > 0 }
        // Not all were counted: what was stopped was stopped at its days.
        return work.isWhole || stage != stages.last || !work.jobs.contains { $0.state == .cancelled }
    }

    private static func end(of work: PlatformWork) -> String {
        if work.jobs.contains(where: { $0.state == .failed }) { return "failed" }
        return work.jobs.allSatisfy { $0.state == .cancelled } ? "cancelled" : "completed"
    }

    /// The mean over jobs. One that failed or was stopped has done no more than its chunks.
    private static func percent(of work: PlatformWork) -> Int {
        let count = work.jobs.reduce(0) { $0 + $1.count }
        let sum = work.jobs.reduce(0.0) { sum, jobs in
            guard jobs.state == .failed || jobs.state == .cancelled else { return sum + Double(jobs.percent) }
            let read = jobs.chunks == 0 ? 0 : 100 * Double(jobs.completed) / Double(jobs.chunks)
            return sum + min(Double(jobs.percent), read * Double(jobs.count))
        }
        return count == 0 ? 0 : Int(sum / Double(count))
    }

    func message(_ words: Words) -> String {
        switch status {
        case "idle": words.pick("Nothing was synced yet", "Chưa có lần đồng bộ nào")
        case "queued" where wait == .paused:
            words.pick("Paused before it began", "Đang tạm dừng trước khi bắt đầu")
        case "running" where wait == .paused: words.pick("Paused at \(name)", "Đang tạm dừng \(name)")
        case "queued" where wait != nil, "running" where wait != nil: waiting(words)
        case "queued": words.pick("Waiting to start", "Đang chờ bắt đầu")
        case "completed": words.pick("Sync complete", "Đồng bộ hoàn tất")
        case "failed": words.pick("Sync ended with failures", "Đồng bộ kết thúc, có phần bị lỗi")
        case "cancelled": words.pick("Sync stopped", "Đã dừng đồng bộ")
        default: words.pick("Syncing \(name)...", "Đang đồng bộ \(name)...")
        }
    }

    /// Work that nobody has begun may begin at any moment: only where a person paused it all does it stand still, too.
    private static func wait(of open: [PlatformWork.Jobs], _ work: PlatformWork?) -> WaitReason? {
        if open.contains(where: { $0.state == .inProgress }) {
            let stages = (work?.stages ?? [:]).values
            return stages.contains { $0.blocked > 0 } && stages.allSatisfy { $0.running == 0 } ? .quota : nil
        }
        guard let waiting = open.first(where: { $0.state == .waiting }) else { return nil }
        let reasons = waiting.waits.filter { $0.key != .paused }
        let most = reasons.max { ($0.value, $0.key.rawValue) < ($1.value, $1.key.rawValue) }
        if most == nil, open.contains(where: { $0.state == .pending }) { return nil }
        return most?.key ?? .paused
    }

    private func waiting(_ words: Words) -> String {
        switch wait {
        case .credential:
            words.pick("Waiting: Meta rejected the access token", "Đang chờ: Meta từ chối mã truy cập")
        case .report: words.pick("Waiting for Meta's reports", "Đang chờ báo cáo của Meta")
        default: words.pick("Waiting for Meta's quota", "Đang chờ hạn mức của Meta")
        }
    }

    /// As the replaced system writes it, in both languages.
    private var name: String {
        switch stage {
        case "adsets": "Ad Sets"
        default: stage.prefix(1).uppercased() + stage.dropFirst()
        }
    }
}
