import ArgumentParser
import FoundationEssentials
import SyncCore

/// When something would be due, without a database: what the test against other implementations reads.
struct SchedulePreviewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "preview", shouldDisplay: false)

    @OptionGroup var options: ScheduleOptions
    /// Like 2026-11-21T00:00:00Z.
    @Option var after: String
    @Option var through: String?
    @Option var count: Int = 5
    @Flag var json = false

    func run() throws {
        try options.check()
        guard let recurrence = try options.recurrence(), let begin = Instant(iso: after), let zone = options.zone else {
            throw Exit.usage(said("A schedule needs --every, --at or --cron."))
        }
        let timeZone: TimeZone
        do {
            timeZone = try AccountZone.named(zone)
        } catch {
            throw Exit.usage(said("There is no time zone \(zone). Write it like Asia/Ho_Chi_Minh."))
        }
        let end = through.flatMap { Instant(iso: $0) } ?? Instant(microseconds: .max)
        var last = begin
        for _ in 0..<count {
            guard let next = recurrence.next(after: last, in: timeZone), next <= end else { break }
            Console.out(
                json ? JSONLine([("at", .instant(next)), ("seconds", .number(Int(next.seconds)))]).text : "\(next)")
            last = next
        }
    }
}
