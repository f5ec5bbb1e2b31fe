package import ConnectorKit
import Crypto
package import SyncCore

/// The word that the address of a consent carries there and back, so that no other consent is taken for ours. Whoever
/// has the app's credential can make and check it, so that another process may take the address that the browser came
/// back to.
package struct ConsentState: Sendable {
    private let key: SymmetricKey

    /// A consent takes minutes; its code lives no longer either.
    private static let life: Duration = .seconds(3600)
    private static let name = "state"

    package init(_ credential: Credential) {
        key = SymmetricKey(data: credential.digest)
    }

    /// `address` with a state in its query.
    package func added(to address: String, at now: Instant, _ random: RandomSource) -> String {
        let nonce = HexText.of(random.bytes(8))
        let claim = "\(now.seconds)-\(nonce)"
        return address + (address.contains("?") ? "&" : "?") + "\(ConsentState.name)=\(claim)-\(code(of: claim))"
    }

    /// Whether what came back carries a state of ours that is not too old.
    package func isOurs(_ returned: [(name: String, value: String)], at now: Instant) -> Bool {
        // The address may have a state of its own.
        returned.contains { $0.name == ConsentState.name && isOurs($0.value, at: now) }
    }

    private func isOurs(_ text: String, at now: Instant) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, let seconds = Int64(parts[0]) else { return false }
        let expected = Array(code(of: "\(parts[0])-\(parts[1])").utf8)
        let given = Array(parts[2].utf8)
        guard given.count == expected.count else { return false }
        // All bytes are looked at, wherever the first difference is.
        guard zip(given, expected).reduce(0, { $0 | $1.0 ^ $1.1 }) == 0 else { return false }
        let age = now - Instant(seconds: seconds)
        return age >= .seconds(-60) && age <= ConsentState.life
    }

    private func code(of claim: String) -> String {
        HexText.of(HMAC<SHA256>.authenticationCode(for: Array(claim.utf8), using: key).prefix(16))
    }
}
