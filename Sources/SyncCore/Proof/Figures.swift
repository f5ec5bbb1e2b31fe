/// What a platform's own totals are compared in, everywhere under one name.
package enum Measure: String, Sendable, Hashable, Codable, CodingKeyRepresentable, CaseIterable {
    /// Things that are counted themselves: conversations.
    case rows
    case impressions, clicks, orders
    /// Money, in millionths of the account's currency.
    case cost, revenue

    package var isMoney: Bool { self == .cost || self == .revenue }
}

/// A sum of each measure; nil where it is not known. Money is in millionths of the account's currency.
package struct Figures: Sendable, Hashable, Codable {
    package private(set) var values: [Measure: Int64]

    package init(_ values: [Measure: Int64] = [:]) { self.values = values }

    package init(from decoder: any Decoder) throws {
        values = try decoder.singleValueContainer().decode([Measure: Int64].self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(values)
    }

    package subscript(_ measure: Measure) -> Int64? {
        get { values[measure] }
        set { values[measure] = newValue }
    }

    package var isEmpty: Bool { values.isEmpty }
    package var isZero: Bool { values.values.allSatisfy { $0 == 0 } }

    /// Zero of these measures.
    package static func zero(_ measures: some Sequence<Measure>) -> Figures {
        Figures(Dictionary(measures.map { ($0, 0) }) { first, _ in first })
    }

    /// Measures that both know.
    package func shared(with other: Figures) -> [Measure] {
        Measure.allCases.filter { values[$0] != nil && other.values[$0] != nil }
    }

    /// Of measures that only one knows what that one knows.
    package static func + (left: Figures, right: Figures) -> Figures {
        Figures(left.values.merging(right.values) { $0 &+ $1 })
    }

    /// Of measures that both know.
    package static func - (left: Figures, right: Figures) -> Figures {
        Figures(Dictionary(left.shared(with: right).map { ($0, (left[$0] ?? 0) &- (right[$0] ?? 0)) }) { $1 })
    }
}
