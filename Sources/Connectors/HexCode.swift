import Crypto
import FoundationEssentials

/// Signatures as platforms want them.
enum HexCode {
    /// Lower-case hex HMAC-SHA256 of a text; both texts are taken as their bytes in UTF-8.
    static func hmacSHA256(_ text: String, key: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: SymmetricKey(data: Data(key.utf8)))
        let digits = Array("0123456789abcdef".utf8)
        var hex: [UInt8] = []
        for byte in code {
            hex.append(digits[Int(byte >> 4)])
            hex.append(digits[Int(byte & 15)])
        }
        return String(decoding: hex, as: UTF8.self)
    }
}
