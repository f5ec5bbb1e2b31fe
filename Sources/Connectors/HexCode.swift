import Crypto
import FoundationEssentials
import SyncCore

/// Signatures as platforms want them.
enum HexCode {
    /// Lower-case hex HMAC-SHA256 of a text; both texts are taken as their bytes in UTF-8.
    static func hmacSHA256(_ text: String, key: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: SymmetricKey(data: Data(key.utf8)))
        return HexText.of(code)
    }

    /// Tells secrets apart and nothing else of them.
    static func fingerprint(_ secret: String) -> String { HexText.of(SHA256.hash(data: Data(secret.utf8)).prefix(6)) }
}
