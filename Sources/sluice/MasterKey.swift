import Foundation
import SyncCore
import SyncEngine

/// The key that seals credentials: SLUICE_SECRET_KEY, else a file beside the embedded database.
enum MasterKey {
    /// The key that there is; nil when there is none yet. Creates nothing.
    static func existing(beside database: DatabaseLocation) throws -> Secret<[UInt8]>? {
        if let text = Console.variable("SLUICE_SECRET_KEY") {
            guard let data = Data(base64Encoded: text), data.count == 32 else {
                throw Exit.usage(
                    said("SLUICE_SECRET_KEY must be 32 bytes in base64: `openssl rand -base64 32` makes one."))
            }
            return Secret(Array(data))
        }
        guard let path = path(beside: database), FileManager.default.fileExists(atPath: path) else { return nil }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw Exit.usage(said("The key file \(path) cannot be read. Check its owner and its mode."))
        }
        let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard let data = Data(base64Encoded: trimmed), data.count == 32 else {
            throw Exit.usage(
                said("\(path) does not hold a key. Put the right file back, or connect anew after deleting it."))
        }
        return Secret(Array(data))
    }

    /// Makes the key file of a new database. Machines that share a server share a key, which nobody but a person can
    /// give to all of them.
    static func create(beside database: DatabaseLocation, random: RandomSource) throws -> Secret<[UInt8]> {
        guard let path = path(beside: database) else {
            throw Exit.usage(
                said(
                    "SLUICE_SECRET_KEY is not set. A database server needs it, the same on every machine: "
                        + "`openssl rand -base64 32` makes one."))
        }
        let key = random.bytes(32)
        let text = Data(key).base64EncodedString() + "\n"
        // O_EXCL: two processes that start together must not write two keys.
        let file = Foundation.open(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
        guard file >= 0 else {
            throw Exit.usage(said("The key file \(path) cannot be written: \(String(cString: strerror(errno)))."))
        }
        let handle = FileHandle(fileDescriptor: file, closeOnDealloc: true)
        try handle.write(contentsOf: Data(text.utf8))
        try handle.synchronize()
        return Secret(key)
    }

    private static func path(beside database: DatabaseLocation) -> String? { database.path.map { $0 + ".key" } }
}
