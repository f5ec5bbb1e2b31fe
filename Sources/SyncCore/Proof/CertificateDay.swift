/// All that is proven of one day: how it stands by the worst of its streams.
package struct CertificateDay: Sendable, Hashable {
    package var day: CivilDate
    /// In the order of the streams.
    package var certificates: [Certificate]

    /// The newest days first; `order` is that of the streams, those that it does not name come last.
    package static func days(_ certificates: [Certificate], order: [StreamID]) -> [CertificateDay] {
        func place(_ certificate: Certificate) -> Int { order.firstIndex(of: certificate.stream) ?? order.count }
        return Dictionary(grouping: certificates, by: \.day).map { day, certificates in
            CertificateDay(day: day, certificates: certificates.sorted { place($0) < place($1) })
        }.sorted { $0.day > $1.day }
    }

    /// The one that says most of the day: of the worst state, and the first of those.
    package var leading: Certificate? {
        certificates.enumerated().min { left, right in
            let (one, other) = (CertificateDay.rank(left.element), CertificateDay.rank(right.element))
            return one != other ? one < other : left.offset < right.offset
        }?.element
    }

    /// The same apart by currency: figures of different currencies stand in no line together.
    package var byCurrency: [CertificateDay] {
        Dictionary(grouping: certificates, by: \.currency).sorted { $0.key ?? "" < $1.key ?? "" }
            .map { CertificateDay(day: day, certificates: $0.value) }
    }

    package var isEqual: Bool { leading?.state.isEqual ?? false }

    private static func rank(_ certificate: Certificate) -> Int { order.firstIndex(of: certificate.state) ?? 0 }
    private static let order: [Certificate.State] = [
        .gap, .repairing, .checking, .changing, .repaired, .equal, .notComparable,
    ]
}
