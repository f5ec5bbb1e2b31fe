import SyncCore
import Testing

@Suite("Secret")
struct SecretTests {
    private struct Holder {
        var name = "holder"
        var secret: Secret<String>
        var others: [String: Secret<String>]
        var maybe: Secret<String>?
    }

    private enum Wrapped {
        case secret(Secret<String>)
    }

    private let word = "EAAB-hunter2"

    private func dumped(_ value: Any) -> String {
        var text = ""
        dump(value, to: &text)
        return text
    }

    @Test("No way of printing shows a secret, alone or in anything that holds it")
    func neverPrinted() {
        let secret = Secret(word)
        let values: [Any] = [
            secret, [secret], ["token": secret], Optional(secret) as Any, (secret, 1), Set([secret]),
            Holder(secret: secret, others: ["a": secret], maybe: secret), Wrapped.secret(secret),
            Result<Secret<String>, any Error>.success(secret), Secret([word]), Secret(Array(word.utf8)),
        ]

        for value in values {
            for text in ["\(value)", String(describing: value), String(reflecting: value), dumped(value)] {
                #expect(!text.contains("hunter2"), "\(type(of: value))")
                #expect(!text.contains("104, 117, 110"), "\(type(of: value))")
            }
        }
        #expect("\(secret)" == "•••")
    }

    @Test("A mirror finds nothing inside")
    func mirror() {
        #expect(Mirror(reflecting: Secret(word)).children.isEmpty)
    }

    @Test("The value comes out only when it is asked for, and secrets compare by value")
    func reveal() {
        #expect(Secret(word).reveal() == word)
        #expect(Secret(word) == Secret(word))
        #expect(Secret(word) != Secret("other"))
    }
}
