import ConnectorKit
import HTTPTypes
import Synchronization

/// Tokens of pages that passed by in requests.
final class Seen: Sendable {
    private let tokens = Mutex<Set<String>>([])

    var pageTokens: Set<String> { tokens.withLock { $0 } }

    func note(_ request: WireRequest) {
        let headers = request.headers.map(\.value).joined(separator: " ")
        let body = FormCoding.decode(String(decoding: request.body, as: UTF8.self)).map(\.value).joined(separator: " ")
        let found = "\(headers) \(FormCoding.unescape(body))".split { !$0.isASCII || !($0.isLetter || $0.isNumber) }
            .filter { $0.hasPrefix("EAAGPAGE") }.map(String.init)
        guard !found.isEmpty else { return }
        tokens.withLock { $0.formUnion(found) }
    }
}
