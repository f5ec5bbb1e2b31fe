package import SyncCore

/// What is said of certificates.
extension Words {
    /// `54 of 55 days equal the platform's own totals; checked 27 Nov 14:02 UTC`
    package func proven(_ proof: ProofCount) -> String {
        let total = count(proof.days, "day", "ngày")
        let days = pick(
            "\(number(proof.equal)) of \(total) equal the platform's own totals",
            "\(number(proof.equal)) trên \(total) khớp số tổng của nền tảng")
        let gaps = proof.gaps > 0 ? pick(", \(number(proof.gaps)) with a gap", ", \(number(proof.gaps)) ngày lệch") : ""
        let checked = proof.checkedAt.map { pick("; checked \(moment($0))", "; kiểm tra lúc \(moment($0))") } ?? ""
        return days + gaps + checked
    }
}
