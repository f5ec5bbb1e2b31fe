import Wording

/// What the argument parser says around our own help texts.
extension Words {
    /// A help page or a complaint of the parser in the user's language, line by line.
    func usage(_ text: String) -> String {
        guard language == .vietnamese else { return text }
        return text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { usageLine(String($0)) }.joined(separator: "\n")
    }

    private func usageLine(_ line: String) -> String {
        for (english, vietnamese) in Words.usageHeads where line.hasPrefix(english) {
            return vietnamese + said(String(line.dropFirst(english.count)))
        }
        let known = said(line)
        guard known == line else { return known }
        return Words.usageParts.reduce(line) { $0.replacing($1.0, with: $1.1) }
    }

    private static let usageHeads = [
        ("Error: ", "Lỗi: "), ("Usage: ", "Cách dùng: "), ("Help:  ", "Giải thích:  "), ("OVERVIEW: ", ""),
        ("USAGE: ", "CÁCH DÙNG: "), ("ARGUMENTS:", "THAM SỐ:"), ("OPTIONS:", "TUỲ CHỌN:"),
        ("SUBCOMMANDS:", "CÁC LỆNH:"),
    ]

    private static let usageParts = [
        ("(default:", "(mặc định:"), ("Show the version.", "Hiện phiên bản."),
        ("Show help information.", "Hiện trợ giúp."),
        ("Show subcommand help information.", "Hiện trợ giúp của một lệnh."),
    ]
}
