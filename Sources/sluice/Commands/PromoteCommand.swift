import ArgumentParser
import Foundation
import StorePostgres
import StoreSQLite
import StoreTransfer
import SyncCore
import SyncEngine
import Wording

struct PromoteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "promote", abstract: said("Move everything from an SQLite file to a PostgreSQL database."),
        discussion: said(
            "Copies all data, jobs and sealed credentials into an empty database and compares every table. "
                + "Interrupted, the same command goes on. The file stays as it was, with a note that "
                + "its data is elsewhere now."))

    @Option(help: .said("The SQLite file to move.", "path"))
    var from: String

    @Option(help: .said("Where to: postgres://user:password@host/database.", "url"))
    var to: String

    @OptionGroup var cut: PartitionsOption

    @Flag(help: .said("Print nothing but one JSON object as the last line of standard output."))
    var json = false

    func run() async throws {
        try await offMainActor { try await self.promote() }
    }

    private func promote() async throws {
        Console.leaveAtInterrupts()
        let file = try DatabasePlace.file(from, named: "--from")
        guard PostgresAddress.isAddress(to), case .server(let address) = try DatabaseLocation(to) else {
            throw Exit.usage(
                said("--to takes an address of a PostgreSQL database: postgres://user:password@host/database."))
        }
        let facts = try await FileFacts.read(from: file)
        let advice = try SealedKey.advice(for: facts.connections, of: file)
        let progress = TransferProgress(json: json)
        let isQuiet = json
        let promoting = Promoting(
            file: file, address: address, schemas: facts.schemas, partitioning: cut.partitions, progress: progress,
            run: RandomSource().hex(16)
        ) { found in
            if !isQuiet { PromoteCommand.greet(found, file, address) }
        }
        let begun = ContinuousClock.now
        var report = try await BlockingQueue().run { try promoting.execute() }
        if let advice { report.notes.append(advice) }
        try tell(report, address, begun.duration(to: .now))
    }

    private static func greet(_ found: PostgresPromotion.Found, _ file: String, _ address: PostgresAddress) {
        switch found {
        case .new: Console.error(said("Moving \(file) to \(address.description)."))
        case .resumed: Console.error(said("Going on with the promotion of \(file) where it stopped."))
        case .restarted: Console.error(said("The file has changed since it was copied, so the copy begins anew."))
        case .finished:
            Console.error(said("\(file) is promoted to \(address.description) already; nothing was changed."))
        }
    }

    private func tell(_ report: TransferReport, _ address: PostgresAddress, _ time: Duration) throws {
        if json {
            Console.out(report.json(seconds: time.inSeconds))
        } else if !report.tables.isEmpty {
            Console.out(report.text(Words.current, seconds: time))
        }
        guard report.differing.isEmpty else {
            let tables = report.differing.joined(separator: ", ")
            throw Exit.failedChunks(
                said("These tables differ: \(tables). The database stays closed; empty it and run the command again."))
        }
        if !json, !report.tables.isEmpty {
            Console.out(said("Done. Work with it: sluice sync … --database \(address.description)"))
        }
    }
}

extension RandomSource {
    /// So many random bytes, as hexadecimal digits.
    func hex(_ count: Int) -> String { bytes(count).map { String(format: "%02x", $0) }.joined() }
}
