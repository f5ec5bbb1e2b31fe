/// One measured thing with all its values, as Prometheus wants to hear of it.
package struct MetricFamily: Sendable, Hashable {
    package enum Kind: String, Sendable { case counter, gauge, histogram }

    package struct Sample: Sendable, Hashable {
        /// `_bucket`, `_sum` and `_count` of a histogram.
        var suffix = ""
        var labels: [Label] = []
        var value: Double
    }

    package struct Label: Sendable, Hashable {
        var name: String
        var value: String
    }

    var name: String
    var help: String
    var kind: Kind
    var samples: [Sample]
}

/// The Prometheus text format, version 0.0.4.
package enum MetricsPage {
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    package static func text(_ families: [MetricFamily]) -> String {
        var out = ""
        for family in families {
            out += "# HELP \(family.name) \(escaped(family.help, quotes: false))\n"
            out += "# TYPE \(family.name) \(family.kind.rawValue)\n"
            for sample in family.samples {
                out += "\(family.name)\(sample.suffix)\(labels(sample.labels)) \(number(sample.value))\n"
            }
        }
        return out
    }

    private static func labels(_ labels: [MetricFamily.Label]) -> String {
        guard !labels.isEmpty else { return "" }
        return "{\(labels.map { "\($0.name)=\"\(escaped($0.value, quotes: true))\"" }.joined(separator: ","))}"
    }

    static func escaped(_ text: String, quotes: Bool) -> String {
        let plain = text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
        return quotes ? plain.replacing("\"", with: "\\\"") : plain
    }

    /// Whole numbers without a point, as people write them.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : "\(value)"
    }
}
