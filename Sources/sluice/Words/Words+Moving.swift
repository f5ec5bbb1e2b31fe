import SyncCore
import Wording

/// What `promote`, `backup` and `restore` say with numbers in it.
extension Words {
    var copying: String { pick("Copying", "Đang chép") }
    var checking: String { pick("Checking", "Đang kiểm tra") }
    var yes: String { pick("yes", "đúng") }
    var differs: String { pick("NO, IT DIFFERS", "KHÔNG, KHÁC NHAU") }

    var transferHeads: (table: String, rows: String, verified: String) {
        (pick("table", "bảng"), pick("rows", "dòng"), pick("verified", "đã đối chiếu"))
    }

    func ofRows(_ done: Int, _ total: Int?) -> String {
        guard let total else { return count(done, "row", "dòng") }
        return pick("\(number(done)) of \(number(total)) rows", "\(number(done))/\(number(total)) dòng")
    }

    func rowsPerSecond(_ rate: Int) -> String { pick("\(number(rate)) rows/s", "\(number(rate)) dòng/giây") }

    func inAll(rows: Int, _ time: Duration) -> String {
        pick("\(count(rows, "row", "")) in \(length(time))", "\(number(rows)) dòng trong \(length(time))")
    }

    func replaced(_ values: Int) -> String {
        pick(
            "\(count(values, "value", "")) that the new database cannot hold "
                + "\(values == 1 ? "was" : "were") replaced (U+0000 by U+FFFD, NaN by nothing).",
            "\(number(values)) giá trị mà cơ sở dữ liệu mới không chứa được đã được thay (U+0000 bằng U+FFFD, NaN bằng "
                + "rỗng).")
    }

    func madeAt(_ moment: Instant, by version: String) -> String {
        pick(
            "The backup is from \(self.moment(moment)), made by sluice \(version).",
            "Bản sao lưu từ \(self.moment(moment)), do sluice \(version) tạo.")
    }
}
