import StoreSQLite
import SyncCore
import SyncEngine
import SyncHTTP

extension Exit {
    /// What the user is told of an error that came up from below; nil when it is not one of ours.
    static func told(_ error: any Error) -> Exit? {
        switch error {
        case let exit as Exit: exit
        case let error as EngineError: told(error)
        case let error as StoreError: .usage(sentence(error))
        case let error as BaseURLError: .usage("\(error)")
        case is CancellationError: .interrupted("Interrupted. The same command goes on from here.")
        default: nil
        }
    }

    private static func told(_ error: EngineError) -> Exit {
        switch error {
        case .rejected, .unknownAccount: .rejected("\(error)")
        case .unanswered: .failedChunks("\(error)")
        case .unknownPlatform, .unknownStream, .missingCredential, .sealed, .configuration: .usage("\(error)")
        }
    }

    private static func sentence(_ error: StoreError) -> String {
        switch error {
        case .inUse:
            "\(error). Watch it with `sluice status`, or hand it work with `sluice sync --detach`."
        case .notADatabase: "\(error). Nothing was changed. Name another file with --database."
        case .newerSchema: "\(error). Nothing was changed. Use the newer program."
        case .notWritable: "\(error). Check the folder and its permissions, or name another file with --database."
        case .diskFull:
            "\(error). What was stored is safe. Free some space; the same command goes on from here."
        case .unavailable, .inconsistent: "\(error)."
        case .corrupt: "\(error). Restore a backup; the file was left as it is."
        }
    }
}
