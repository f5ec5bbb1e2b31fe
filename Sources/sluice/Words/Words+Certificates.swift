import SyncCore

/// What is said of certificates.
extension Words {
    /// `54 of 55 days equal the platform's own totals; checked 27 Nov 14:02 UTC`
    func proven(_ proof: ProofCount) -> String {
        let total = count(proof.days, "day", "ngày")
        let days = pick(
            "\(number(proof.equal)) of \(total) equal the platform's own totals",
            "\(number(proof.equal)) trên \(total) khớp số tổng của nền tảng")
        let gaps = proof.gaps > 0 ? pick(", \(number(proof.gaps)) with a gap", ", \(number(proof.gaps)) ngày lệch") : ""
        let checked = proof.checkedAt.map { pick("; checked \(moment($0))", "; kiểm tra lúc \(moment($0))") } ?? ""
        return days + gaps + checked
    }

    /// `9,214,700 VND`, `-12.37 USD`; 0 is 0.
    func money(_ money: Money, _ currency: String) -> String {
        let text = "\(Money(micros: abs(money.micros)))".split(separator: ".")
        let whole = text.first.flatMap { Int($0) }.map(number) ?? "0"
        let rest = text.count > 1 ? pick(".", ",") + text[1] : ""
        return "\(money.micros < 0 ? "−" : "")\(whole)\(rest) \(currency)"
    }
}
