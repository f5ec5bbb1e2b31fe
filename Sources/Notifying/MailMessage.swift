import FoundationEssentials
package import SyncCore
import Wording

/// A mail as it goes over the wire (RFC 5322), in any language, in lines that every server takes.
package struct MailMessage: Sendable {
    package var sender: String
    package var receiver: String
    package var subject: String
    package var text: String
    /// The same with every try, so that a mail that comes twice is one for the receiver's program.
    package var id: String
    package var at: Instant

    package init(sender: String, receiver: String, subject: String, text: String, id: String, at: Instant) {
        self.sender = sender
        self.receiver = receiver
        self.subject = subject
        self.text = text
        self.id = id
        self.at = at
    }

    package var wire: String {
        let host = sender.split(separator: "@").last ?? "localhost"
        let headers = [
            "From: Sluice <\(sender)>", "To: <\(receiver)>", "Subject: \(MailMessage.encoded(subject))",
            "Date: \(MailMessage.date(at))", "Message-ID: <\(id)@\(host)>", "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64",
            "Auto-Submitted: auto-generated",
        ]
        return (headers + [""] + MailMessage.lines(text)).joined(separator: "\r\n") + "\r\n"
    }

    private static func lines(_ text: String) -> [String] {
        let coded = Array(Data(text.replacing("\n", with: "\r\n").utf8).base64EncodedString().utf8)
        return stride(from: 0, to: coded.count, by: 76).map { start in
            String(decoding: coded[start..<min(start + 76, coded.count)], as: UTF8.self)
        }
    }

    /// In bytes before they are coded: with `Subject: ` before the first one, a line is at most 76 letters long.
    private static let longestWord = 39

    /// Words that hold anything but plain letters (RFC 2047); none cuts a character.
    static func encoded(_ text: String) -> String {
        let line = String(text.map { $0.isNewline ? " " : $0 })
        if line.utf8.allSatisfy({ (0x20...0x7E).contains($0) }), line.utf8.count <= 200, !line.contains("=?") {
            return line
        }
        var words: [[UInt8]] = [[]]
        for scalar in line.unicodeScalars {
            let bytes = Array(String(scalar).utf8)
            if words[words.count - 1].count + bytes.count > longestWord { words.append([]) }
            words[words.count - 1] += bytes
        }
        return words.map { "=?utf-8?B?\(Data($0).base64EncodedString())?=" }.joined(separator: "\r\n ")
    }

    /// `Sat, 28 Nov 2026 14:03:07 +0000`.
    static func date(_ at: Instant) -> String {
        let day = CivilDate(at, in: .gmt)
        let (year, month, number) = day.parts
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let names = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        return "\(names[day.weekday]), \(number) \(months[month - 1]) \(year) \("\(at)".dropFirst(11).prefix(8)) +0000"
    }
}
