import ArgumentParser
import StoreTransfer
import SyncCore
import Wording

struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: said("Fill an empty database from a backup."),
        discussion: said(
            "The whole backup is checked before the first row is written, and every table is compared with it in "
                + "the end. Interrupted, it leaves the database as it was."))

    @Option(help: .said("The backup.", "file"))
    var from: String

    @OptionGroup var database: DatabaseOption
    @OptionGroup var cut: PartitionsOption

    @Flag(help: .said("Print nothing but one JSON object as the last line of standard output."))
    var json = false

    func run() async throws {
        try await offMainActor { try await self.restore() }
    }

    private func restore() async throws {
        Console.leaveAtInterrupts()
        let place = try database.location
        try cut.check(place)
        try DatabasePlace.checkForm(place)
        let restoring = Restoring(
            place: place, schemas: FileFacts.schemas(), partitioning: cut.partitions,
            archive: try DatabasePlace.file(from, named: "--from"), progress: TransferProgress(json: json))
        let begun = ContinuousClock.now
        var report = try await BlockingQueue().run { try restoring.execute() }
        report.notes.append(said("The credentials open with the key that was in use when the backup was made."))
        let time = begun.duration(to: .now)
        Console.out(json ? report.json(seconds: time.inSeconds) : report.text(Words.current, seconds: time))
    }
}
