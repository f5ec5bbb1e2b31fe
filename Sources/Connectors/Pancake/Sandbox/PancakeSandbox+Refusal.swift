import ConnectorKit

extension PancakeSandbox {
    /// An error as Pancake answers it (platforms.md 2.6): mostly with status 200.
    struct Refusal: Error {
        let code: Int?
        let message: String
        /// A status that stands whatever the world says.
        let status: Int?

        init(_ code: Int?, _ message: String, status: Int? = nil) {
            self.code = code
            self.message = message
            self.status = status
        }

        func reply(strict: Bool) -> SandboxReply {
            if code == 429 {
                return SandboxReply(
                    status: 429,
                    .object([("message", .text(message)), ("success", .bool(false)), ("error_code", .int(429))]))
            }
            var members: [(key: String, value: SandboxJSON)] = [("success", .bool(false))]
            if let code { members.append(("error_code", .int(Int64(code)))) }
            members.append(("message", .text(message)))
            return SandboxReply(status: status ?? (strict ? strictStatus : 200), .object(members))
        }

        private var strictStatus: Int {
            switch code {
            case 102, 103, 105: 401
            case 106, 107: 403
            default: 400
            }
        }

        static let invalidToken = Self(102, "Invalid access_token")
        static let expired = Self(103, "Access token expired")
        static let renewed = Self(105, "access_token was renewed, please use the new one")
        static let throttled = Self(429, "Too many requests", status: 429)
        static let notFound = Self(nil, "Not found", status: 404)

        static func parameter(_ message: String) -> Self { Self(nil, message) }
    }
}

extension PancakeSandbox {
    package var counters: PancakeCounters {
        var counters = tally
        counters.mostCallsInSecond = peaks
        counters.faults = faultCounts
        return counters
    }
}

/// What the sandbox has seen so far.
package struct PancakeCounters: Codable, Sendable, Hashable {
    package var calls = 0
    /// `pages`, `generate_page_access_token`, `conversations`, `messages`, `page_customers` and so on.
    package var byEndpoint: [String: Int] = [:]
    /// By page id.
    package var byPage: [String: Int] = [:]
    /// By page id and endpoint: `1101/messages`.
    package var byPageAndEndpoint: [String: Int] = [:]
    package var byStatus: [String: Int] = [:]
    /// Errors by `error_code`.
    package var byCode: [String: Int] = [:]
    /// Answers that were throttles, injected ones included; by page those that a window refused.
    package var throttled = 0
    package var throttledByPage: [String: Int] = [:]
    /// Page tokens that callers made, by page; those made from outside are not among them.
    package var regenerations: [String: Int] = [:]
    /// Calls that were let through within any second, at most, by page.
    package var mostCallsInSecond: [String: Int] = [:]
    package var faults: [String: Int] = [:]

    mutating func count(_ endpoint: String, page: String?) {
        byEndpoint[endpoint, default: 0] += 1
        guard let page else { return }
        byPage[page, default: 0] += 1
        byPageAndEndpoint["\(page)/\(endpoint)", default: 0] += 1
    }
}
