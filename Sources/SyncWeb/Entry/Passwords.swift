import Crypto
import CryptoExtras
import FoundationEssentials
import NIOPosix
@_spi(_Unicode) import Swift
import SyncCore

/// Passwords are kept as scrypt hashes with a salt of their own: `scrypt$15$8$1$salt$hash`.
struct Passwords: Sendable {
    /// 2 to that power rounds: 32 MB and about a tenth of a second for each try.
    var cost = 15

    /// A hash is as dear for us as for who guesses: no more than that at once, and not where other work waits.
    private static let pool = {
        let pool = NIOThreadPool(numberOfThreads: 2)
        pool.start()
        return pool
    }()

    func hash(_ password: String) async throws -> String {
        let salt = SystemRandom.bytes(16)
        let key = try await derive(password, salt, cost)
        return "scrypt$\(cost)$8$1$\(HexText.of(salt))$\(HexText.of(key))"
    }

    /// In the same time for a user that does not exist: then `stored` is nil.
    func matches(_ password: String, _ stored: String?) async throws -> Bool {
        let parts = (stored ?? "").split(separator: "$").map(String.init)
        guard parts.count == 6, parts[0] == "scrypt", let cost = Int(parts[1]), let salt = HexText.bytes(parts[4]),
            let hash = HexText.bytes(parts[5])
        else {
            _ = try await derive(password, SystemRandom.bytes(16), self.cost)
            return false
        }
        return SystemRandom.areEqual(try await derive(password, salt, cost), hash)
    }

    private func derive(_ password: String, _ salt: [UInt8], _ cost: Int) async throws -> [UInt8] {
        try await Passwords.pool.runIfActive {
            let key = try KDF.Scrypt.deriveKey(
                from: Array(Passwords.normal(password).utf8), salt: salt, outputByteCount: 32, rounds: 1 << cost,
                blockSize: 8,
                parallelism: 1)
            return key.withUnsafeBytes { Array($0) }
        }
    }

    /// `ă` may come as one sign or as two, by keyboard and system: it is the same password (NFC).
    static func normal(_ password: String) -> String { String(String.UnicodeScalarView(password._nfc)) }

    /// What is wrong with a new one; nil when nothing is. Length counts, not what it is made of (ASVS 6.2).
    static func objection(to password: String, email: String) -> String? {
        if password.count < 10 { return "At least 10 characters." }
        if password.count > 256 || password.utf8.count > 4096 { return "At most 256 characters." }
        let small = password.lowercased()
        let name = email.prefix { $0 != "@" }.lowercased()
        if name.count >= 4, small.contains(name) { return "Not your own address." }
        if Set(small).count < 4 || common.contains(where: { small.hasPrefix($0) && small.count < $0.count + 5 }) {
            return "This one is guessed first. Take another."
        }
        return nil
    }

    /// Those that lists of stolen passwords begin with, and their like.
    private static let common = [
        "1234567", "password", "passw0rd", "qwerty", "abc123", "iloveyou", "letmein", "welcome", "admin", "monkey",
        "dragon", "football", "baseball", "sunshine", "princess", "matkhau", "anhyeuem", "emyeuanh", "sluice",
        "changeme", "111111", "000000", "abcdef", "asdfgh", "zxcvbn", "trustno1", "superman", "secret", "vietnam",
    ]
}

/// Randomness and comparisons for secrets.
enum SystemRandom {
    static func bytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }

    /// In a time that says nothing of where they differ.
    static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

/// The ids that open something: 256 random bits that only their holder has; the database has a hash.
enum Ticket {
    /// 43 signs that an address and a cookie can hold.
    static func make() -> String {
        Data(SystemRandom.bytes(32)).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    static func isTicket(_ text: String) -> Bool { text.wholeMatch(of: /[A-Za-z0-9_\-]{43}/) != nil }

    static func hash(_ ticket: String) -> String { HexText.of(SHA256.hash(data: Array(ticket.utf8))) }

    /// `slc_` and a check at its end, so that scanners for lost secrets know it.
    static func makeToken() -> String {
        let body = "slc_" + make()
        return body + check(body)
    }

    /// False for what was mistyped or cut off: no look into the database is needed.
    static func isToken(_ text: String) -> Bool {
        text.hasPrefix("slc_") && text.count > 12 && check(String(text.dropLast(6))) == text.suffix(6)
    }

    private static func check(_ body: String) -> String { String(hash(body).prefix(6)) }
}
