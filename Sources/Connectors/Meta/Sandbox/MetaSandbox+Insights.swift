import FoundationEssentials
import SyncCore

extension MetaSandbox {
    /// Where pages of reports ended, so that the next page starts there and not at the first row. Without
    /// it a page deep in a report would cost as much as all before it.
    struct ScanMemo: Sendable {
        private var places: [UInt64: [Int: Scan.Position]] = [:]

        func position(_ key: UInt64, _ offset: Int) -> Scan.Position? { places[key]?[offset] }

        mutating func store(_ key: UInt64, _ offset: Int, _ position: Scan.Position) {
            if places.count > 512, places[key] == nil { places.removeAll() }
            if places[key, default: [:]].count > 8 {
                let oldest = places[key]?.keys.min() ?? 0
                places[key]?[oldest] = nil
            }
            places[key, default: [:]][offset] = position
        }
    }

    /// Cursors of reports: base64 of the row's number with `=` written as `ZD` (meta.md 1).
    enum RowCursor {
        static func encode(_ row: Int) -> String {
            let text = Data(String(row).utf8).base64EncodedString()
            let padding = text.utf8.reduce(0) { $0 + ($1 == 0x3D ? 1 : 0) }
            return text.filter { $0 != "=" } + String(repeating: "ZD", count: padding)
        }

        static func decode(_ cursor: String) -> Int? {
            var text = cursor
            var padding = ""
            while text.hasSuffix("ZD"), padding.count < 2 {
                text.removeLast(2)
                padding += "="
            }
            guard let data = Data(base64Encoded: text + padding) else { return nil }
            return Int(String(decoding: data, as: UTF8.self))
        }
    }
}

extension MetaSandbox.Reader {
    /// `GET {node}/insights`: a synchronous report.
    mutating func insights(of node: Node, id: String) throws(GraphError) -> MetaSandbox.Answer {
        let query = try query(of: node, request.params, asOf: view.now)
        if world.insights.restrictsBreakdowns,
            !Set(["impression_device", "frequency_value", "hourly_stats_aggregated_by_audience_time_zone"])
                .isDisjoint(with: query.breakdowns)
        {
            return MetaSandbox.Answer(body: Array("{\"data\":[]}".utf8))
        }
        if request.params["after"] == nil { try refuseBig(query) }
        try refusePoison(query)
        return MetaSandbox.Answer(body: try rows(query, params: request.params))
    }

    /// `insights.time_range(…){…}` inside of a field list.
    mutating func nestedInsights(of node: Node, field: Field) throws(GraphError) -> JSON? {
        var params = field.arguments
        if !field.children.isEmpty { params["fields"] = field.children.map(\.name).joined(separator: ",") }
        let query = try query(of: node, params, asOf: view.now)
        try refuseBig(query)
        try refusePoison(query)
        let before = rows
        let body = try rows(query, params: params)
        return rows == before ? nil : .raw(body)
    }

    /// Renders one page of a report.
    mutating func rows(_ query: Query, params: [String: String]) throws(GraphError) -> [UInt8] {
        let paging = try Paging(params)
        let knobs = world.insights
        let limit = min(paging.limit ?? knobs.defaultLimit, knobs.mostLimit)
        let size = pageSize(limit, short: knobs.shortPages, empty: knobs.emptyPages)
        let name = listingKey()
        let key = Mix.hash(name)
        let scan = MetaSandbox.Scan(view, query)
        var offset = 0
        var position: MetaSandbox.Scan.Position? = scan.start
        if let after = paging.after {
            guard let row = MetaSandbox.RowCursor.decode(after), row >= -1 else { throw .invalidCursor }
            offset = row + 1
            position = scans.position(key, offset) ?? skip(scan, offset)
        }
        let renderer = MetaSandbox.Renderer(self, query, today: scan.clock.today, isLoose: flaws.looseTypes)
        let page = render(scan, renderer, from: position, size: size)
        if page.rows * (query.fields.count + 12) / 24 > world.size.pageRows { throw .reduce(99) }
        rows += page.rows
        if listing == nil { listing = name }
        var out = page.bytes
        var last = offset + page.rows - 1
        if let next = page.next { scans.store(key, offset + page.rows, next) }
        if flaws.duplicatesRow, page.next != nil, page.rows > 1, let own = page.last {
            scans.store(key, last, own)
            last -= 1
        }
        var members: [(key: String, value: JSON)] = []
        if page.rows > 0 || page.next != nil {
            let cursor = MetaSandbox.RowCursor.encode
            members.append(("paging", self.paging(before: cursor(offset), cursor(last), page.next != nil)))
        }
        if paging.wantsSummary || params["default_summary"] == "true" {
            members.append(("summary", summary(query, renderer)))
        }
        for member in members {
            out.append(0x2C)
            out += JSON.text(member.key).bytes
            out.append(0x3A)
            out += member.value.bytes
        }
        out.append(0x7D)
        return out
    }

    private func skip(_ scan: MetaSandbox.Scan, _ count: Int) -> MetaSandbox.Scan.Position? {
        var left = count
        return scan.rows(from: scan.start) { _ in
            left -= 1
            return left >= 0
        }
    }

    private struct Rendered {
        var bytes: [UInt8]
        var rows = 0
        var last: MetaSandbox.Scan.Position?
        var next: MetaSandbox.Scan.Position?
    }

    private func render(
        _ scan: MetaSandbox.Scan, _ renderer: MetaSandbox.Renderer, from position: MetaSandbox.Scan.Position?, size: Int
    ) -> Rendered {
        var out = ByteWriter(capacity: min(size, 600) * 900 + 256)
        var page = Rendered(bytes: [])
        out.literal("{\"data\":[")
        if let position {
            page.next = scan.rows(from: position) { row in
                guard page.rows < size else { return false }
                if page.rows > 0 { out.byte(0x2C) }
                renderer.write(gapped(row, scan), to: &out)
                page.rows += 1
                page.last = row.position
                return true
            }
        }
        out.byte(0x5D)
        page.bytes = out.bytes()
        return page
    }

    /// Some campaign rows lack purchases that their ads have (meta.md 11, complaint 13).
    private func gapped(_ row: MetaSandbox.Scan.Row, _ scan: MetaSandbox.Scan) -> MetaSandbox.Scan.Row {
        guard scan.query.level == .campaign, world.insights.campaignGaps > 0 else { return row }
        let own = scan.account.campaigns[row.position.entity].seed
        guard Mix.strikes(world.insights.campaignGaps, Mix.hash(own, Int(row.period.from))) else { return row }
        var row = row
        (row.cell.day1, row.cell.day7, row.cell.day28, row.cell.viewed, row.cell.onsite) = (0, 0, 0, 0, 0)
        (row.cell.worth1, row.cell.worth7, row.cell.worth28, row.cell.worthViewed) = (0, 0, 0, 0)
        row.cell.worthOnsite = 0
        return row
    }

    /// Totals over the whole report, unlisted objects included.
    private func summary(_ query: Query, _ renderer: MetaSandbox.Renderer) -> JSON {
        var whole = query
        whole.level = .account
        whole.breakdowns = []
        whole.segments = [MetaSandbox.Segment(columns: [], low: 0, high: 1000)]
        let from = query.periods.map(\.from).min() ?? 0
        let to = query.periods.map(\.to).max() ?? 0
        whole.periods = [.init(from: from, to: to)]
        var out = ByteWriter()
        let scan = MetaSandbox.Scan(view, whole)
        let total = MetaSandbox.Renderer(self, whole, today: scan.clock.today, isLoose: false)
        _ = scan.rows(from: scan.start) { row in
            total.write(row, to: &out)
            return false
        }
        return out.count == 0 ? .object([]) : .raw(out.bytes())
    }

    // MARK: Size

    /// What a report costs, in rows of usual width (meta.md 12.5).
    func cost(_ query: Query) -> Int {
        let rows = MetaSandbox.Scan(view, query).estimatedRows
        let width = query.fields.count + 2 * query.windows.count + 6
        return rows * width / 24 * (query.actionBreakdowns.isEmpty ? 1 : 2)
    }

    private mutating func refuseBig(_ query: Query) throws(GraphError) {
        let cost = cost(query)
        let micros = Int64(cost) * world.size.rowMicroseconds
        let isSlow = micros > world.size.syncSeconds * 1_000_000
        guard cost > world.size.syncRows || isSlow else { return }
        let dice = Mix.hash(Mix.hash(listingKey()), 7)
        let choice = Mix.below(isSlow ? 4 : 2, dice)
        // A time-out is answered when the time is out, too much data at once.
        if choice > 1 { work += world.size.syncSeconds * 1_000_000 }
        switch choice {
        case 0:
            throw GraphError(
                100, 1_487_534, "(#100) Please reduce the amount of data you're asking for, then retry your request",
                title: "Data-per-call limit")
        case 1: throw .reduce()
        case 2: throw GraphError(100, 1_504_018, "(#100) Your request timed out. Please try a smaller date range")
        default:
            throw GraphError(
                2, 1_504_038, "The request timed out; fetch less data or use async jobs", isTransient: true)
        }
    }

    private func refusePoison(_ query: Query) throws(GraphError) {
        guard let poison = poison(query) else { return }
        if Mix.hash(Mix.hash(poison.field), 3) & 1 == 0 {
            throw GraphError(2, 1_504_044, "An unknown error has occurred.", isTransient: true)
        }
        throw GraphError(1, 99, "An unknown error occurred", status: 500)
    }

    /// A poisoned ad, day and field that the report touches.
    func poison(_ query: Query) -> MetaWorld.Size.Poison? {
        world.size.poisons.first { poison in
            poison.account == query.account && query.ads.contains(poison.ad)
                && query.allowed?[poison.ad] ?? true && query.fields.contains(poison.field)
                && query.periods.contains { $0.from <= poison.day.daysSince1970 && poison.day.daysSince1970 <= $0.to }
        }
    }
}
