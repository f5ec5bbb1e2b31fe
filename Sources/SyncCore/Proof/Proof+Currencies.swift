extension Proof.Subject {
    /// One for each currency of an account that has several, with the days on which anything is in it or was: sums of
    /// different currencies are never put together. A day with none is compared once. Of another account itself.
    package func apart(_ totals: Totals, certificates: [Certificate]) -> [Proof.Subject] {
        guard columns.currency != nil else { return [self] }
        let seen: [(CivilDate, String?)] =
            stored.keys.map { ($0.day, $0.id) } + totals.sums.keys.map { ($0.day, $0.id) }
            // A certificate without a currency is of a day without any, or put all of them together once.
            + certificates.filter { $0.currency != nil }.map { ($0.day, $0.currency) }
        var days: [String?: Set<CivilDate>] = [:]
        for (day, currency) in seen where readAt[day] != nil { days[currency, default: []].insert(day) }
        let told = days.values.reduce(Set()) { $0.union($1) }
        days[String?.none, default: []].formUnion(Set(readAt.keys).subtracting(told))
        return days.sorted { $0.key ?? "" < $1.key ?? "" }.map { currency, days in
            var mine = self
            mine.currency = currency
            mine.readAt = readAt.filter { days.contains($0.key) }
            let before = certificates.filter { $0.currency == currency }
            mine.previous = Dictionary(before.map { ($0.day, $0) }) { first, _ in first }
            return mine
        }
    }
}
