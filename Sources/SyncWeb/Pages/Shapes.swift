import SyncCore

/// What the server draws: coverage cells, spark lines, bars of charts, as SVG path data. Lengths are CSS pixels
/// (ui.md 5 and 9: one path for each state, not one element for each day).
enum Shapes {
    /// How a row of days is drawn; the raw value names the clip path of its grid.
    enum CellSize: String, Sendable {
        /// The dashboard's strip, 42 days; weeks are counted back from today.
        case strip = "k4"
        /// A running sync, 90 days.
        case progress = "k6"
        /// An account's last weeks.
        case account = "k10"
        /// One week a row, on a phone.
        case week = "k36"
        /// Months of an account, a gap before each January.
        case months = "k22"
        /// The legend and the drawing of the empty page.
        case large = "k14"

        var box: (width: Double, height: Double, gap: Double, weekGap: Double) {
            switch self {
            case .strip: (4, 16, 1, 3)
            case .progress: (6, 18, 1, 3)
            case .account: (10, 20, 2, 5)
            case .week: (36, 16, 4, 4)
            case .months: (22, 15, 2, 8)
            case .large: (14, 20, 4, 4)
            }
        }

        var perGroup: Int { self == .months ? 12 : 7 }
        var radius: Double { box.width < 10 ? 1 : 1.5 }
        /// In small cells a missing day is two brackets and a failed one has a notch.
        var isSmall: Bool { box.width < 10 }
    }

    struct Cells: Sendable {
        var width: String
        var height: String
        var clip: String
        var paths: [Path]
    }

    struct Path: Sendable {
        var state: String
        var d: String
    }

    /// Where each cell begins. `offset` is the place of the first day in its week (or month in its year).
    static func lefts(_ size: CellSize, _ count: Int, offset: Int = 0) -> [Double] {
        let box = size.box
        var x = 0.0
        return (0..<count).map { index in
            if index > 0, (index + offset).isMultiple(of: size.perGroup) { x += box.weekGap - box.gap }
            defer { x += box.width + box.gap }
            return x
        }
    }

    /// The rounded outlines that cut runs of days into cells.
    static func grid(_ size: CellSize, _ count: Int, offset: Int = 0) -> String {
        let (w, h, r) = (size.box.width, size.box.height, size.radius)
        return lefts(size, count, offset: offset).map { x in
            "M\(n(x + r)) 0h\(n(w - 2 * r))q\(n(r)) 0 \(n(r)) \(n(r))v\(n(h - 2 * r))q0 \(n(r))-\(n(r)) \(n(r))"
                + "h-\(n(w - 2 * r))q-\(n(r)) 0-\(n(r))-\(n(r))v-\(n(h - 2 * r))q0-\(n(r)) \(n(r))-\(n(r))z"
        }.joined()
    }

    static func cells(_ states: [CoverageState], _ size: CellSize, offset: Int = 0) -> Cells {
        let (w, h) = (size.box.width, size.box.height)
        let xs = lefts(size, states.count, offset: offset)
        var paths: [String: String] = [:]
        for run in runs(states) {
            let (x, width) = (xs[run.lowerBound], xs[run.upperBound - 1] + w - xs[run.lowerBound])
            switch states[run.lowerBound] {
            case .settled: paths["settled", default: ""] += "M\(n(x)) 0h\(n(width))v\(n(h))h-\(n(width))z"
            case .fresh:
                let half = (h / 2).rounded(.down)
                paths["fresh", default: ""] += "M\(n(x)) 0h\(n(width))v\(n(half))h-\(n(width))z"
                paths["settled", default: ""] += "M\(n(x)) \(n(half))h\(n(width))v\(n(half))h-\(n(width))z"
            default: break
            }
        }
        for (x, state) in zip(xs, states) { add(state, at: x, size, to: &paths) }
        let order = ["fresh", "settled", "queued", "missing", "running", "water", "failed", "cross", "none"]
        return Cells(
            width: n((xs.last ?? 0) + w), height: n(h), clip: size.rawValue,
            paths: order.compactMap { name in paths[name].map { Path(state: name, d: $0) } })
    }

    /// What is drawn cell by cell: it is rare.
    private static func add(
        _ state: CoverageState, at x: Double, _ size: CellSize, to paths: inout [String: String]
    ) {
        let (w, h) = (size.box.width, size.box.height)
        switch state {
        case .settled, .fresh: break
        case .running:
            paths["running", default: ""] += "M\(n(x + 0.75)) .75h\(n(w - 1.5))v\(n(h - 1.5))h-\(n(w - 1.5))z"
            paths["water", default: ""] += "M\(n(x)) \(n(h * 0.7))h\(n(w))v\(n(h * 0.3))h-\(n(w))z"
        case .queued: paths["queued", default: ""] += "M\(n(x + 0.5)) .5h\(n(w - 1))v\(n(h - 1))h-\(n(w - 1))z"
        case .missing:
            paths["missing", default: ""] +=
                size.isSmall
                ? "M\(n(x + 0.75)) 4V.75h\(n(w - 1.5))V4M\(n(x + 0.75)) \(n(h - 4))v3.25h\(n(w - 1.5))v-3.25"
                : "M\(n(x + 0.5)) .5h\(n(w - 1))v\(n(h - 1))h-\(n(w - 1))z"
        case .failed:
            let half = (h / 2).rounded(.down)
            guard !size.isSmall else {
                paths["failed", default: ""] +=
                    "M\(n(x)) 0h\(n(w))v\(n(half - 1))h-\(n(w))zm0 \(n(half + 1))h\(n(w))v\(n(half - 1))h-\(n(w))z"
                return
            }
            let c: Double = size == .week ? 3 : 2
            paths["failed", default: ""] += "M\(n(x)) 0h\(n(w))v\(n(h))h-\(n(w))z"
            paths["cross", default: ""] +=
                "M\(n(x + w / 2 - c)) \(n(half - c))l\(n(2 * c)) \(n(2 * c))m0-\(n(2 * c))l-\(n(2 * c)) \(n(2 * c))"
        case .notOffered:
            paths["none", default: ""] +=
                "M\(n(x + w / 2 - 1)) \(n((h / 2).rounded(.down)))a1 1 0 1 0 2 0a1 1 0 1 0-2 0"
        }
    }

    /// Neighbours of one kind.
    static func runs(_ states: [CoverageState]) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        for (index, state) in states.enumerated() {
            if let last = runs.last, states[last.lowerBound] == state {
                runs[runs.count - 1] = last.lowerBound..<(index + 1)
            } else {
                runs.append(index..<(index + 1))
            }
        }
        return runs
    }

    /// `s14 f28`: for the script, which turns a pointer's place into a day.
    static func short(_ states: [CoverageState]) -> String {
        runs(states).map { run in
            let letter =
                switch states[run.lowerBound] {
                case .settled: "s"
                case .fresh: "f"
                case .running: "r"
                case .queued: "q"
                case .missing: "m"
                case .failed: "x"
                case .notOffered: "n"
                }
            return run.count == 1 ? letter : "\(letter)\(run.count)"
        }.joined(separator: " ")
    }

    struct Spark: Sendable {
        var d: String
        /// Today.
        var now: String
    }

    /// A step line of one unit a day in a box of `values.count` × 28, cut into bars by a mask of the page. Nil for
    /// nothing but zeros.
    static func spark(_ values: [Int64]) -> Spark? {
        guard values.count > 1, let top = values.max(), top > 0 else { return nil }
        let height = 28
        let ys = values.map { height - max(2, Int((Double(max(0, $0)) / Double(top) * Double(height)).rounded())) }
        var d = "M0 \(height)V\(ys[0])"
        var run = 1
        var last = ys[0]
        for y in ys[1..<(ys.count - 1)] {
            if y == last {
                run += 1
            } else {
                d += "h\(run)v\(y - last)"
                (run, last) = (1, y)
            }
        }
        return Spark(
            d: "\(d)h\(run)V\(height)z", now: "M\(ys.count - 1) \(height)V\(ys[ys.count - 1])h1V\(height)z")
    }

    struct Chart: Sendable {
        var settled: String
        var fresh: String
        var tops: String
        var before: String
        var count: String
    }

    /// Bars, one unit a day in a box of `values.count` × 82: settled days full, days that may change a tint with a line
    /// on top, the days before them as a line through the middles.
    static func chart(_ values: [Double], settled: Int, top: Double, before: [Double]) -> Chart {
        let height = 82.0
        var chart = Chart(settled: "", fresh: "", tops: "", before: "", count: "\(values.count)")
        guard top > 0 else { return chart }
        for (index, value) in values.enumerated() {
            let h = max(2, (min(value, top) / top * height * 10).rounded() / 10)
            let x = n(Double(index) + 0.11)
            let bar = "M\(x) \(n(height))v-\(n(h))h.78v\(n(h))z"
            if index < settled {
                chart.settled += bar
            } else {
                chart.fresh += bar
                chart.tops += "M\(x) \(n(height - h))h.78v2h-.78z"
            }
        }
        for (index, value) in before.enumerated() {
            chart.before +=
                "\(index == 0 ? "M" : "L")\(n(Double(index) + 0.5)) \(n(height - min(value, top) / top * height))"
        }
        return chart
    }

    /// At most two places, without zeros behind them.
    static func n(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        let (whole, rest) = (abs(hundredths) / 100, abs(hundredths) % 100)
        let sign = hundredths < 0 ? "-" : ""
        if rest == 0 { return "\(sign)\(whole)" }
        let digits = rest.isMultiple(of: 10) ? "\(rest / 10)" : rest < 10 ? "0\(rest)" : "\(rest)"
        return "\(sign)\(whole == 0 ? "" : "\(whole)").\(digits)"
    }
}
