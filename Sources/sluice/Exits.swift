import ConnectorKit
import Connectors
import Exports
import StorePostgres
import StoreSQLite
import StoreTransfer
import SyncCore
import SyncEngine
import SyncHTTP
import SyncWeb
import Wording

extension Exit {
    /// What the user is told of an error that came up from below; nil when it is not one of ours.
    static func told(_ error: any Error) -> Exit? {
        switch error {
        case let exit as Exit: exit
        case let error as EngineError: told(error)
        case let error as StoreError: .usage(sentence(error))
        case let error as TransferError: .usage(said(error.description))
        case let error as ExportError: .usage(said(error.description))
        case let error as PostgresError: .usage(said(error.sentence))
        case let error as BaseURLError: .usage(said("\(error)"))
        case let error as ListenError: .usage(said("\(error)"))
        case is CancellationError: .interrupted(said("Interrupted. The same command goes on from here."))
        default: nil
        }
    }

    private static func told(_ error: EngineError) -> Exit {
        switch error {
        case .rejected(let cause): .rejected(Words.current.sentence(cause))
        case .unanswered(let cause): .failedChunks(Words.current.sentence(cause))
        case .throttled(let cause, _, let until): .failedChunks(Words.current.askAgain(cause, after: until))
        // The platform knows the account and keeps the credential from it.
        case .unknownAccount(let id, let reachable, .permanentConfiguration(let cause)):
            .rejected(Words.current.unknownAccount(id, reachable, cause))
        case .unknownAccount(let id, let reachable, let failure):
            .usage(Words.current.unknownAccount(id, reachable, failure.cause))
        case .missingCredential(let field, let platform):
            .usage(said("\(platform) needs \(field.variable).") + " " + said(field.summary))
        case .unknownPlatform, .unknownStream, .unconnected, .sealed,
            .otherKey, .configuration, .elsewhere:
            .usage(said("\(error)"))
        }
    }

    private static func sentence(_ error: StoreError) -> String {
        // These sentences end with what to do.
        if case .refused(let why) = error { return said(why) }
        let advice =
            switch error {
            case .inUse: said("Watch it with `sluice status`, or hand it work with `sluice sync --detach`.")
            case .notADatabase: said("Nothing was changed. Name another with --database.")
            case .newerSchema: said("Nothing was changed. Use the newer program.")
            case .notWritable:
                said("Check the folder and its permissions, or name another file with --database.")
            case .diskFull:
                said("What was stored is safe. Free some space; the same command goes on from here.")
            case .unavailable: said("What was stored is safe. Give the same command again.")
            case .refused: ""
            case .corrupt: said("Restore a backup; the file was left as it is.")
            case .misfit(let table, _) where isReport(table):
                said("Nothing was changed. Give the report \(table.drop { $0 != "_" }.dropFirst()) another name.")
            case .misfit: said("Rename that table, or give Sluice a database or a schema of its own.")
            case .inconsistent: said("This is a mistake in sluice. What was stored is safe.")
            }
        return "\(Words.current.whole("\(error)")) \(advice)"
    }

    /// Not one of the tables that every connection to some platform has.
    private static func isReport(_ table: String) -> Bool {
        !Catalog.connectors.contains { type in
            (try? type.init(configuration: [:]))?.streams.contains { $0.table == table } ?? false
        }
    }
}
