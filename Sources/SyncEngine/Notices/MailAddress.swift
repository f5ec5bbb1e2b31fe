/// The mailbox of a person, as far as it can be told from its letters.
package enum MailAddress {
    /// Letters that end a header, a command or an address are in none.
    package static func isOne(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, text.utf8.count <= 254 else { return false }
        let isPlain = text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        let isClean = !text.contains { "<>()[],;:\\\"".contains($0) }
        let host = parts[1].split(separator: ".", omittingEmptySubsequences: false)
        return isPlain && isClean && host.allSatisfy { !$0.isEmpty }
    }
}
