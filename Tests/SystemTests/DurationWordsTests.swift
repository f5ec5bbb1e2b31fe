import SyncCore
import Testing
import Wording

@testable import sluice

@Suite("Durations on the command line")
struct DurationWordsTests {
    @Test(
        "have the units of the language, in progress, sums and lines of a worker",
        arguments: [
            (Words.Language.english, "1 min 05 s", " rows/s", " permits/s"),
            (.vietnamese, "1 phút 05 giây", " dòng/giây", " lượt/giây"),
        ])
    func units(_ language: Words.Language, _ length: String, _ rows: String, _ permits: String) {
        let words = Words(language: language)
        let time = Duration.seconds(65)
        let summary = Summary(
            job: JobID(1), status: .completed, rows: [], requests: 1, throttled: 0, retries: 0, seconds: 65,
            completedChunks: 1, failedChunks: 0, notes: [])

        let facts = words.facts(rows: 1, calls: 1, throttled: 0, rate: 1, elapsed: time)

        #expect(facts.hasSuffix(" · \(length)") && facts.contains("\(permits) · "))
        #expect(words.totals(summary).hasSuffix(", \(length)"))
        #expect(words.back(after: time).hasSuffix(" \(length)."))
        #expect(words.inAll(rows: 2, time).hasSuffix(" \(length)"))
        #expect(words.rowsPerSecond(7) == "7\(rows)")
    }
}
