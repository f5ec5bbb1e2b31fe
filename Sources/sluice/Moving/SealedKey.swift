import Foundation
import SyncCore
import SyncEngine

/// Credentials move as they are, sealed: whoever works with them needs the key that sealed them.
enum SealedKey {
    /// What to say of the key to those who will work on the new database. Throws when `SLUICE_SECRET_KEY` is set to
    /// another key: with that the servers could not read one credential.
    static func advice(for connections: [Connection], of file: String) throws -> String? {
        guard !connections.isEmpty else { return nil }
        let isGiven = Console.variable("SLUICE_SECRET_KEY") != nil
        guard let key = try MasterKey.existing(beside: .file(file)) else {
            return said("The key of the stored credentials was not found: connect again on the servers.")
        }
        guard opens(key, connections) else {
            if isGiven {
                throw Exit.usage(
                    said(
                        "SLUICE_SECRET_KEY does not open the credentials of \(file); nothing was changed. "
                            + "Leave it out, or set it to the key that was in use."))
            }
            return said("\(file).key does not open the stored credentials: connect again on the servers.")
        }
        return isGiven
            ? said("The servers need the same SLUICE_SECRET_KEY.")
            : said("The servers need the key of this file: set SLUICE_SECRET_KEY to the content of \(file).key.")
    }

    private static func opens(_ key: Secret<[UInt8]>, _ connections: [Connection]) -> Bool {
        guard let vault = try? Vault(master: key, random: RandomSource()) else { return false }
        return connections.allSatisfy { (try? vault.open($0.sealed, for: $0.sealSubject)) != nil }
    }
}
