import ArgumentParser
import Foundation
import SyncEngine
import Wording

@main
struct Sluice: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sluice",
        abstract: said("Keeps the marketing data of your business complete and current in a database that you own."),
        version: "sluice \(version)",
        subcommands: [
            DemoCommand.self, ConnectCommand.self, SyncCommand.self, ServeCommand.self,
            WorkerCommand.self, StatusCommand.self,
            JobsCommand.self, CertificatesCommand.self, RetryCommand.self, CancelCommand.self,
            SchedulesCommand.self, BudgetsCommand.self, ExportCommand.self,
            PromoteCommand.self, BackupCommand.self, RestoreCommand.self, DoctorCommand.self, SandboxCommand.self,
            SchemaDocsCommand.self,
            BenchEngineCommand.self,
        ])

    static let version = "0.1.0"

    /// Exit codes are part of the contract: 0 complete, 1 failed chunks, 2 bad usage or configuration,
    /// 3 credentials rejected, 130 interrupted.
    static func main() async {
        // A file that may not grow is an error like a full disk, and no sudden death.
        signal(SIGXFSZ, SIG_IGN)
        Memory.prepare()
        Console.prepare()
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            Console.leave(.done)
        } catch let exit as Exit {
            Console.leave(exit)
        } catch {
            leave(with: error)
        }
    }

    private static func leave(with error: any Error) -> Never {
        let text = Words.current.usage(fullMessage(for: error))
        guard exitCode(for: error) == .success else {
            Console.leave(Exit.told(error) ?? .usage(text.isEmpty ? "\(error)" : text))
        }
        Console.out(text)
        Console.leave(.done)
    }
}

/// How the program ends, with what it says last on standard error.
enum Exit: Error {
    case done
    case failedChunks(String)
    case usage(String)
    case rejected(String)
    case interrupted(String)

    var code: Int32 {
        switch self {
        case .done: 0
        case .failedChunks: 1
        case .usage: 2
        case .rejected: 3
        case .interrupted: 130
        }
    }

    /// The same end with other words.
    func saying(_ text: String) -> Exit {
        switch self {
        case .done: .done
        case .failedChunks: .failedChunks(text)
        case .usage: .usage(text)
        case .rejected: .rejected(text)
        case .interrupted: .interrupted(text)
        }
    }

    var text: String {
        switch self {
        case .done: ""
        case .failedChunks(let text), .usage(let text), .rejected(let text), .interrupted(let text): text
        }
    }
}
