import ArgumentParser
import Exports
import Foundation
import StoreSQLite
import SyncCore
import UnixSignals
import Wording

struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: said("Write the rows of a table into a file for people or programs."),
        discussion: said(
            "Tables are those of docs/data-tables.md, and sync_logs. The file holds one moment, also while the work "
                + "goes on. In CSV and Excel money is in units of its currency, exactly; in JSON Lines it is in "
                + "millionths, as it is stored."))

    @Argument(help: .said("The table or view.")) var table: String

    @Option(help: .said("Only rows of this platform."))
    var platform: String?

    @Option(help: .said("Only rows of this account; may be given several times.", "id"))
    var account: [String] = []

    @Option(help: .said("The first day, in the account's time zone; of moments in UTC.", "day"))
    var from: DayArgument?

    @Option(help: .said("The last day.", "day"))
    var to: DayArgument?

    @Option(help: .said("These columns in this order, with commas between.", "a,b"))
    var columns: String?

    @Option(
        help: .said(
            "Only rows in which a column is something, status=ACTIVE, or has a text in it, name~shirt; may be given "
                + "several times.", "condition"))
    var `where`: [String] = []

    @Option(
        parsing: .unconditional,
        help: .said(
            "By these columns, date,-spend_micros; none: as they lie, which is quickest. Else by the table's key.",
            "a,-b"
        ))
    var sort: String?

    @Option(help: .said("The form: csv, jsonl or xlsx. Else the ending of the file tells, else it is csv.", "form"))
    var format: String?

    @Flag(help: .said("Begin a CSV file with the mark by which Excel knows UTF-8.")) var bom = false

    @Option(
        parsing: .unconditional, help: .said("The file to write; - for standard output, which it is else.", "file"))
    var output: String?

    @Flag(help: .said("Replace the file when it is there.")) var force = false

    @OptionGroup var database: DatabaseOption

    func run() async throws {
        try await offMainActor { try await self.export() }
    }

    private func export() async throws {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        let place = try database.location
        let path = try self.path()
        var request = try request(path)
        if let path { try OutputFile.check(path, mayReplace: force) }
        let (connections, accounts) = try await visiting(place, .look) { store in
            (try await store.connections(), try await store.accounts())
        }
        request.accounts = try chosen(of: accounts)
        let exporting = Exporting(
            place: place, request: request, schemas: FileFacts.schemas(of: connections), path: path, mayReplace: force)
        let outcome = try await withThrowingTaskGroup(of: Exporting.Outcome?.self) { group in
            group.addTask { try await exporting.execute() }
            group.addTask {
                for await _ in signals { break }
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        guard let outcome else { throw Exit.interrupted(said("Interrupted; no file was written.")) }
        tell(outcome, path)
    }

    private func tell(_ outcome: Exporting.Outcome, _ path: String?) {
        let words = Words.current
        if outcome.shortened > 0 { Console.error(words.shortened(outcome.shortened)) }
        if let path { Console.error(words.exported(outcome.rows, of: table, to: path)) }
    }

    /// Nil for standard output.
    private func path() throws -> String? {
        guard let output, output != "-" else { return nil }
        return try DatabasePlace.file(output, named: "--output")
    }

    private func request(_ path: String?) throws -> ExportRequest {
        var request = ExportRequest(table, as: try form(path))
        if let columns { request.columns = columns.split(separator: ",").map(String.init) }
        if columns != nil, request.columns.isEmpty { throw ValidationError(said("--columns is empty.")) }
        request.platform = platform.map { PlatformID($0.lowercased()) }
        request.from = from?.day
        request.to = to?.day
        request.filters = try self.where.map { text in
            guard let filter = ExportRequest.Filter(text) else {
                throw ValidationError(said("--where takes a condition: status=ACTIVE or name~shirt."))
            }
            return filter
        }
        if let sort {
            guard let order = ExportRequest.Sort(sort) else {
                throw ValidationError(said("--sort takes names of columns: date,-spend_micros."))
            }
            request.sort = order
        }
        return request
    }

    private func form(_ path: String?) throws -> ExportFormat {
        if let format {
            guard let known = ExportFormat(format, mark: bom) else {
                throw ValidationError(said("--format takes csv, jsonl or xlsx."))
            }
            return try fit(known)
        }
        let ending = path.map { URL(fileURLWithPath: $0).pathExtension }
        return try fit(ending.flatMap { ExportFormat($0, mark: bom) } ?? .csv(mark: bom))
    }

    private func fit(_ format: ExportFormat) throws -> ExportFormat {
        if bom, format != .csv(mark: true) { throw ValidationError(said("--bom is for CSV.")) }
        if format == .excel, output == nil || output == "-", isatty(STDOUT_FILENO) == 1 {
            throw Exit.usage(said("A workbook is nothing for a terminal: name a file with --output."))
        }
        return format
    }

    /// Nil for all.
    private func chosen(of accounts: [Account]) throws -> [ExportRequest.Account]? {
        guard !account.isEmpty else { return nil }
        let own = accounts.filter { platform == nil || "\($0.platform)" == platform?.lowercased() }
        return try account.flatMap { wanted in
            // Of several platforms there may be one each.
            let found = own.filter { Account.fits(wanted, $0.externalID) }
            guard !found.isEmpty else {
                let known = Set(own.map(\.externalID)).sorted().prefix(20).joined(separator: ", ")
                throw Exit.usage(said("The database has no account \(wanted). Known: \(known)."))
            }
            return found.map { ExportRequest.Account($0.platform, $0.externalID) }
        }
    }
}
