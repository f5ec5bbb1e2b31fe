import SyncCore
import Wording

extension Words {
    func started(_ name: String, jobs: [JobID]) -> String {
        let list = jobs.map { "\($0)" }.joined(separator: ", ")
        guard !jobs.isEmpty else { return pick("\(name) has run.", "\(name) đã chạy xong.") }
        return pick(
            "\(name) has started: job \(list). `sluice worker` does it; `sluice jobs` shows how far it is.",
            "\(name) đã bắt đầu: lượt chạy \(list). `sluice worker` sẽ làm; `sluice jobs` cho biết đã đến đâu.")
    }
}
