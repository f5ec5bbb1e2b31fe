import Crypto
import FoundationEssentials
package import SyncCore

/// Seals credentials for the database: each secret under its own data key, the data key under the master
/// key (AES-256-GCM, design.md section 10). The connection's platform and name are bound in, so that a
/// sealed value cannot be moved to another row.
package struct Vault: Sendable {
    private let keys: [MasterKey]
    private let random: RandomSource

    /// A master key with a short id that stands in front of what it sealed.
    private struct MasterKey: Sendable {
        let id: [UInt8]
        let key: SymmetricKey
    }

    /// `master` is the key in use, `retired` keys still open what they sealed; each of 32 bytes.
    package init(master: Secret<[UInt8]>, retired: [Secret<[UInt8]>] = [], random: RandomSource) throws {
        self.keys = try ([master] + retired).map { secret in
            guard secret.reveal().count == 32 else {
                throw EngineError.configuration("The master key must be 32 bytes (SLUICE_SECRET_KEY, base64).")
            }
            let key = SymmetricKey(data: secret.reveal())
            let digest = HMAC<SHA256>.authenticationCode(for: Array("sluice key id".utf8), using: key)
            return MasterKey(id: Array(digest.prefix(4)), key: key)
        }
        self.random = random
    }

    private static let format: UInt8 = 1

    /// format, key id (4), sealed data key (60), sealed values.
    package func seal(_ values: [String: Secret<String>], for subject: String) throws -> [UInt8] {
        let plain = try JSONEncoder().encode(values.mapValues { $0.reveal() })
        let dataKey = SymmetricKey(data: random.bytes(32))
        let bound = Array(subject.utf8)
        let master = keys[0]
        let wrapped = try dataKey.withUnsafeBytes { bytes in
            try AES.GCM.seal(Array(bytes), using: master.key, nonce: nonce(), authenticating: bound)
        }
        let sealed = try AES.GCM.seal(plain, using: dataKey, nonce: nonce(), authenticating: bound)
        guard let wrappedKey = wrapped.combined, let body = sealed.combined else {
            throw EngineError.sealed("The credential could not be sealed.")
        }
        return [Vault.format] + master.id + Array(wrappedKey) + Array(body)
    }

    package func open(_ sealed: [UInt8], for subject: String) throws -> [String: Secret<String>] {
        let damaged = EngineError.sealed("The stored credential is damaged. Connect again to replace it.")
        guard sealed.count > 65, sealed[0] == Vault.format else { throw damaged }
        guard let master = key(of: sealed) else { throw EngineError.otherKey }
        do {
            let bound = Array(subject.utf8)
            let wrapped = try AES.GCM.SealedBox(combined: sealed[5..<65])
            let dataKey = SymmetricKey(data: try AES.GCM.open(wrapped, using: master.key, authenticating: bound))
            let box = try AES.GCM.SealedBox(combined: sealed[65...])
            let plain = try AES.GCM.open(box, using: dataKey, authenticating: bound)
            return try JSONDecoder().decode([String: String].self, from: Data(plain)).mapValues { Secret($0) }
        } catch {
            throw damaged
        }
    }

    /// Throws `EngineError.otherKey` when not one of them was sealed with a key that is known here: whoever works with
    /// the same database has another.
    package func check(_ connections: [Connection]) throws {
        if !connections.isEmpty, connections.allSatisfy({ key(of: $0.sealed) == nil }) { throw EngineError.otherKey }
    }

    private func key(of sealed: [UInt8]) -> MasterKey? { keys.first { $0.id == Array(sealed.dropFirst().prefix(4)) } }

    private func nonce() throws -> AES.GCM.Nonce {
        try AES.GCM.Nonce(data: random.bytes(12))
    }
}
