import ConnectorKit
import Crypto
import SyncCore

/// Phone numbers of customers, kept, hashed or dropped as the connection's owner wants, wherever they stand in an
/// answer: in lists of numbers, in texts, and as names of members. Ids and times are left alone.
struct PancakePhones {
    enum Choice: String {
        case keep, hash, drop
    }

    /// The name of the key of hashes in a credential.
    static let secret = "phone_key"

    private let choice: Choice
    private let key: SymmetricKey?

    init(_ choice: Choice, of credential: Credential) {
        self.choice = choice
        key = credential[PancakePhones.secret].map { SymmetricKey(data: Array($0.utf8)) }
    }

    var replaces: Bool { choice != .keep }

    func masked(_ tree: JSONTree) -> JSONTree { masked(tree, of: "", amongPhones: false) }

    /// - Parameters:
    ///   - name: of the member that it is the value of, or an item of.
    ///   - amongPhones: some member that it is in is about phone numbers, so that whatever looks like one is one.
    private func masked(_ tree: JSONTree, of name: String, amongPhones: Bool) -> JSONTree {
        switch tree {
        case .null, .bool, .real: return tree
        case .integer(let value):
            return amongPhones && !isLeftAlone(name) ? number(String(value)) ?? tree : tree
        case .text(let text):
            if isLeftAlone(name) { return tree }
            if amongPhones, let replaced = number(text) { return replaced }
            return .text(isPlain(name) || !isIdentifier(text) ? inText(text) : text)
        case .list(let items):
            return .list(
                items.compactMap { item in
                    let replaced = masked(item, of: name, amongPhones: amongPhones)
                    return replaced == .null && item != .null ? nil : replaced
                })
        case .object(let members):
            var replaced: [String: JSONTree] = [:]
            for (member, value) in members {
                let isOfPhones = amongPhones || member.lowercased().contains("phone")
                replaced[inText(member)] = masked(value, of: member, amongPhones: isOfPhones)
            }
            return .object(replaced)
        }
    }

    // MARK: Names

    private func isLeftAlone(_ name: String) -> Bool {
        let name = name.lowercased()
        return ["id", "ids", "psid", "uid", "uuid", "watermark", "timestamp"].contains(name)
            || ["_id", "_ids", "_uuid", "_at"].contains { name.hasSuffix($0) }
    }

    /// Members that people write, where a number may stand in the middle of a word.
    private func isPlain(_ name: String) -> Bool {
        ["message", "original_message", "snippet", "text", "content", "note", "name", "title", "description"]
            .contains(name.lowercased())
    }

    /// One word with letters and digits in it: an id under a name that is not known here.
    private func isIdentifier(_ text: String) -> Bool {
        var hasLetter = false
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
                hasLetter = true
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): break
            default: return false
            }
        }
        return hasLetter
    }

    // MARK: Replacing

    /// A value that is a number and nothing else; nil for anything else.
    private func number(_ text: String) -> JSONTree? {
        guard let number = PancakePhoneNumber(whole: text) else { return nil }
        let replaced = replacement(of: number)
        return replaced.isEmpty ? .null : .text(replaced)
    }

    private func inText(_ text: String) -> String {
        PancakePhoneNumber.replaced(in: text) { replacement(of: $0) }
    }

    /// Nothing also where a key is missing: a hash that anybody can repeat hides no number.
    private func replacement(of number: PancakePhoneNumber) -> String {
        guard choice == .hash, let key else { return "" }
        let code = HMAC<SHA256>.authenticationCode(for: Array(number.digits.utf8), using: key)
        return "phone_\(HexText.of(code.prefix(16)))"
    }
}
