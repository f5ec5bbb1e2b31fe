import ArgumentParser
import StoreTransfer
import SyncCore
import Wording

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: said("Write everything into one file, while the work goes on."),
        discussion: said(
            "The same form for SQLite and PostgreSQL: `sluice restore` puts it into either. The file is read "
                + "back before it gets its name. The key of the credentials is not in it."))

    @OptionGroup var database: DatabaseOption

    @Option(help: .said("The file to write.", "file"))
    var to: String

    @Flag(help: .said("Replace the file when it is there."))
    var overwrite = false

    @Flag(help: .said("Restore it into a throw-away file, too, and compare every table."))
    var verify = false

    @Flag(help: .said("Print nothing but one JSON object as the last line of standard output."))
    var json = false

    func run() async throws {
        try await offMainActor { try await self.backUp() }
    }

    private func backUp() async throws {
        Console.leaveAtInterrupts()
        let place = try database.location
        try DatabasePlace.checkForm(place)
        let archive = try DatabasePlace.file(to, named: "--to")
        try ArchiveWriter.check(archive, mayReplace: overwrite)
        var schemas = FileFacts.schemas()
        if let path = place.path { schemas = try await FileFacts.read(from: path).schemas }
        let backingUp = BackingUp(
            place: place, schemas: schemas, archive: archive, mayReplace: overwrite, restores: verify,
            progress: TransferProgress(json: json))
        let begun = ContinuousClock.now
        var report = try await BlockingQueue().run { try backingUp.execute() }
        report.notes.append(
            said("The backup is in \(archive). The key of the credentials is not in it: keep that in another place."))
        let time = begun.duration(to: .now)
        Console.out(json ? report.json(seconds: time.inSeconds) : report.text(Words.current, seconds: time))
    }
}
