import Testing

/// A strict reader of the Prometheus text format 0.0.4: what Prometheus would refuse or take for something else is an
/// error here, and so is what its own linter complains of.
struct Metrics {
    struct Wrong: Error, CustomStringConvertible { let description: String }

    /// Values by name and labels as they are written: `sluice_chunks{state="pending"}`.
    private(set) var values: [String: Double] = [:]
    private(set) var types: [String: String] = [:]
    private var help: Set<String> = []

    init(_ text: String) throws {
        guard text.hasSuffix("\n") else { throw Wrong(description: "the last line has no end") }
        var family = ""
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            if line.hasPrefix("# HELP ") {
                let parts = line.split(separator: " ", maxSplits: 3)
                family = String(parts[2])
                guard parts.count == 4, help.insert(family).inserted else { throw Wrong(description: "HELP: \(line)") }
            } else if line.hasPrefix("# TYPE ") {
                try readType(line, of: family)
            } else {
                try readSample(line, of: family)
            }
        }
        try checkHistograms()
    }

    private mutating func readType(_ line: Substring, of family: String) throws {
        let parts = line.split(separator: " ")
        guard parts.count == 4, parts[2] == family, types[family] == nil,
            ["counter", "gauge", "histogram"].contains(parts[3]),
            (parts[3] == "counter") == family.hasSuffix("_total")
        else { throw Wrong(description: "TYPE: \(line)") }
        types[family] = String(parts[3])
    }

    private mutating func readSample(_ line: Substring, of family: String) throws {
        let form = /([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.+)\})? ([^ ]+)/
        guard let match = try form.wholeMatch(in: line), let value = Double(match.output.3), let type = types[family]
        else { throw Wrong(description: "a line of no form: \(line)") }
        let names = type == "histogram" ? ["_bucket", "_sum", "_count"].map { family + $0 } : [family]
        guard names.contains(String(match.output.1)) else { throw Wrong(description: "\(line) below \(family)") }
        guard type == "gauge" || value >= 0 else { throw Wrong(description: "less than nothing: \(line)") }
        if let labels = match.output.2 { try checkLabels(labels) }
        let key = String(match.output.1) + (match.output.2.map { "{\($0)}" } ?? "")
        guard values.updateValue(value, forKey: key) == nil else { throw Wrong(description: "twice: \(key)") }
    }

    /// `a="x",b="y"`, with escapes in the values and no name twice.
    private func checkLabels(_ text: Substring) throws {
        let form = /([a-zA-Z_][a-zA-Z0-9_]*)="(?:[^"\\\n]|\\["\\n])*"(,|$)/
        var rest = text
        var names: Set<Substring> = []
        while let match = try form.prefixMatch(in: rest) {
            guard names.insert(match.output.1).inserted else { throw Wrong(description: "a label twice: \(text)") }
            rest = rest[match.range.upperBound...]
            if match.output.2.isEmpty { break }
        }
        guard rest.isEmpty, !text.hasSuffix(",") else { throw Wrong(description: "labels: \(text)") }
    }

    /// Buckets never go down, and the last is the count.
    private func checkHistograms() throws {
        for name in types.filter({ $0.value == "histogram" }).keys {
            let buckets = values.filter { $0.key.hasPrefix(name + "_bucket{le=") }.map { key, value in
                (bound: Double(key.split(separator: "\"")[1].replacing("+Inf", with: "inf")) ?? -1, count: value)
            }.sorted { $0.bound < $1.bound }
            guard let last = buckets.last, last.bound == .infinity, last.count == values[name + "_count"],
                zip(buckets, buckets.dropFirst()).allSatisfy({ $0.count <= $1.count }), values[name + "_sum"] != nil
            else { throw Wrong(description: "the buckets of \(name): \(buckets)") }
        }
    }

    subscript(_ key: String) -> Int? { values[key].map { Int($0) } }

    /// All samples of a family together.
    func sum(_ name: String) -> Int {
        values.filter { $0.key == name || $0.key.hasPrefix(name + "{") }.reduce(0) { $0 + Int($1.value) }
    }
}
