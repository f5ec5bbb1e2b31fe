import SyncCore
import SyncEngine
import Wording

/// What a worker says, a line each.
extension Words {
    func workerStarted(database: String, workers: Int, address: String?) -> String {
        let listens = address.map { pick("; http://\($0) answers", "; trả lời tại http://\($0)") } ?? ""
        return pick(
            "Working on \(database), \(count(workers, "call", "")) at once\(listens).",
            "Đang làm việc trên \(database), \(number(workers)) lượt gọi cùng lúc\(listens).")
    }

    func elsewhere(_ error: StoreError, page: String) -> String {
        let who = whole("\(error)")
        return pick(
            "\(who) This one serves the page at \(page) and leaves the work to that one; when it ends, this one goes "
                + "on with it.",
            "\(who) Tiến trình này chỉ phục vụ trang tại \(page), công việc do tiến trình kia làm; khi tiến trình kia "
                + "dừng, tiến trình này làm tiếp.")
    }

    var takesOver: String {
        pick(
            "That process has ended; from now on this one does the work.",
            "Tiến trình kia đã dừng; từ nay tiến trình này làm việc.")
    }

    private func name(_ job: JobID, _ account: String?) -> String {
        let whose = account.map { " (\($0))" } ?? ""
        return pick("Job \(job)\(whose)", "Lượt chạy \(job)\(whose)")
    }

    func started(_ job: Job, _ account: String?) -> String {
        let kind = said(job.definition.kind.rawValue)
        return pick("\(name(job.id, account)) has started: \(kind).", "\(name(job.id, account)) đã bắt đầu: \(kind).")
    }

    func finished(_ job: Job, _ account: String?) -> String {
        let numbers = [
            count(job.completedChunks, "chunk", "phần"), count(job.rowsReceived, "row", "dòng"),
            count(job.spent.requests, "call", "lượt gọi"),
        ].joined(separator: ", ")
        guard job.state == .failed else {
            return pick(
                "\(name(job.id, account)) is completed: \(numbers).", "\(name(job.id, account)) đã xong: \(numbers).")
        }
        let (failed, total) = (number(job.failedChunks), number(job.totalChunks))
        return pick(
            "\(name(job.id, account)) has ended, \(failed) of \(total) chunks failed; `sluice retry \(job.id)` gives "
                + "them another try.",
            "\(name(job.id, account)) đã kết thúc, \(failed) trên \(total) phần bị lỗi; `sluice retry \(job.id)` sẽ "
                + "chạy lại.")
    }

    func stuck(_ job: JobID, _ error: EngineError) -> String {
        let why = said(error.description)
        return pick("\(name(job, nil)) cannot go on: \(why)", "\(name(job, nil)) không chạy tiếp được: \(why)")
    }

    func parked(_ connection: Connection, _ cause: Failure.Cause) -> String {
        let who = "\(connection.platform)/\(connection.name)"
        return pick(
            "Connection \(who) is parked: \(sentence(cause)) `sluice connect` renews it.",
            "Kết nối \(who) bị tạm giữ: \(sentence(cause)) `sluice connect` để cấp lại.")
    }

    private func what(_ chunk: ClaimedChunk, _ failure: Failure) -> String {
        let days = chunk.spec.days.map { " \($0.first)…\($0.last)" } ?? ""
        return "\(chunk.spec.stream)\(days): \(sentence(failure.cause))"
    }

    func notWritten(_ chunk: ClaimedChunk, _ failure: Failure) -> String {
        let what = what(chunk, failure)
        return pick(
            "A chunk of job \(chunk.job) could not be written: \(what)",
            "Không ghi được một phần của lượt chạy \(chunk.job): \(what)")
    }

    func failed(_ chunk: ClaimedChunk, _ failure: Failure) -> String {
        let what = what(chunk, failure)
        return pick(
            "A chunk of job \(chunk.job) failed: \(what)", "Một phần của lượt chạy \(chunk.job) bị lỗi: \(what)")
    }

    func rescued(_ report: RescueReport) -> String {
        var parts: [String] = []
        if !report.rescued.isEmpty {
            parts.append(
                pick(
                    "\(count(report.rescued.count, "chunk", "")) of workers that are gone can be taken up again.",
                    "\(number(report.rescued.count)) phần của tiến trình đã mất được giao lại."))
        }
        if !report.quarantined.isEmpty {
            parts.append(
                pick(
                    "\(count(report.quarantined.count, "chunk", "")) ended a worker three times and was set aside.",
                    "\(number(report.quarantined.count)) phần làm hỏng tiến trình ba lần và bị để riêng."))
        }
        return parts.joined(separator: " ")
    }

    func away(_ error: StoreError) -> String {
        let why = whole("\(error)")
        return pick(
            "The database is away; this goes on when it is back. \(why)",
            "Không dùng được cơ sở dữ liệu; sẽ chạy tiếp khi có lại. \(why)")
    }

    func lost(_ error: StoreError) -> String {
        let why = whole("\(error)")
        return pick("This worker ends. \(why)", "Tiến trình này dừng. \(why)")
    }

    func back(after absence: Duration) -> String {
        pick("The database is back after \(length(absence)).", "Cơ sở dữ liệu đã có lại sau \(length(absence)).")
    }

    /// An entry of the journal, which is kept in English: a sentence, or what happened behind the name of a chunk.
    func event(_ text: String) -> String {
        let told = said(text)
        guard told == text, let mark = text.firstRange(of: ": ") else { return told }
        return text[..<mark.upperBound] + said(String(text[mark.upperBound...]))
    }

    var draining: String {
        pick(
            "Draining: running chunks write how far they came and are handed back.",
            "Đang dừng: các phần đang chạy ghi lại chỗ đã đến và được trả về hàng đợi.")
    }

    var workerEnded: String { pick("Ended; nothing is in hand.", "Đã dừng; không còn giữ phần nào.") }
}
