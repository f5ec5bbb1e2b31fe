import FoundationEssentials
import SyncCore

extension PancakeSandbox {
    /// The two realms of tokens (platforms.md 2.1): the user's, and one for each page that every new one replaces.
    struct TokenDesk: Sendable {
        private let auth: PancakeWorld.Auth
        private let pages: [String]
        private let seed: UInt64
        /// Every token that a page ever had, the valid one last.
        private var given: [[String]]
        private(set) var isAdmin: [Bool]

        init(_ world: PancakeWorld) {
            auth = world.auth
            pages = world.pages.map(\.id)
            seed = world.seed
            isAdmin = world.pages.map(\.isAdmin)
            given = []
            given = pages.indices.map { [token(of: $0, number: 0)] }
        }

        func checkUser(_ token: String?, at now: Instant) throws(Refusal) {
            guard token == auth.userToken else { throw .invalidToken }
            if let expiresAt = auth.expiresAt, now >= expiresAt { throw .expired }
        }

        /// Only a token that this page once had is told that it was renewed.
        func checkPage(_ token: String?, _ page: Int) throws(Refusal) {
            guard let token, let place = given[page].lastIndex(of: token) else { throw .invalidToken }
            guard place == given[page].count - 1 else { throw .renewed }
        }

        /// A new token for a page; the one before is worth nothing from now on.
        mutating func regenerate(_ page: Int) -> String {
            let token = token(of: page, number: given[page].count)
            given[page].append(token)
            return token
        }

        func current(_ page: Int) -> String { given[page].last ?? "" }

        mutating func set(_ page: Int, isAdmin: Bool) { self.isAdmin[page] = isAdmin }

        var notAdmin: Refusal { Refusal(auth.notAdminCode, "You are not an admin of this page") }

        /// A JWT whose payload carries the page id.
        private func token(of page: Int, number: Int) -> String {
            func part(_ text: String) -> String {
                Data(text.utf8).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
                    .replacing("=", with: "")
            }
            let sign = Mix.hash(pages[page], Mix.hash(Mix.hash(seed, page), number))
            let payload = "{\"id\":\"\(pages[page])\",\"timestamp\":\(1_700_000_000 + number)}"
            return [
                part("{\"alg\":\"HS256\",\"typ\":\"JWT\"}"), part(payload),
                part("\(String(sign, radix: 36))\(String(Mix.hash(sign, 1), radix: 36))"),
            ].joined(separator: ".")
        }
    }
}
