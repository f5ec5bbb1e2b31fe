import SyncCore

extension MetaSandbox {
    /// Writes rows of a report as JSON. All that does not change from row to row is prepared.
    struct Renderer {
        let reader: Reader
        let query: Query
        let account: Account
        let columns: [Column]
        /// Older days have no unique counts, or with breakdowns no reach (meta.md 3).
        let oldestUnique: Int32
        let hidesReach: Bool

        init(_ reader: Reader, _ query: Query, today: Int32, isLoose: Bool) {
            self.reader = reader
            self.query = query
            account = reader.view.account(query.account)
            columns = Column.all(query, account, reader.world, isLoose: isLoose)
            oldestUnique = CivilDate(daysSince1970: today).adding(months: -13).daysSince1970
            hidesReach = !query.breakdowns.isEmpty && !query.keepsOldReach
        }

        func write(_ row: Scan.Row, to out: inout ByteWriter) {
            out.literal("{\"date_start\":\"")
            out.day(row.period.from)
            out.literal("\",\"date_stop\":\"")
            out.day(row.period.to)
            out.byte(0x22)
            let isOld = row.period.from < oldestUnique
            for column in columns {
                let before = out.count
                out.append(column.key)
                if column.isQuoted { out.byte(0x22) }
                guard value(column.kind, row, isOld, &out) else {
                    out.cut(to: before)
                    continue
                }
                if column.isQuoted { out.byte(0x22) }
            }
            out.append(query.segments[row.segment].columns)
            out.byte(0x7D)
        }

        /// Writes one value; false leaves the key out.
        private func value(_ kind: Column.Kind, _ row: Scan.Row, _ isOld: Bool, _ out: inout ByteWriter) -> Bool {
            let cell = row.cell
            let account = query.account
            switch kind {
            case .constant(let bytes): out.append(bytes)
            case .campaignID: out.integer(Model.id(.campaign, account, campaign(row)))
            case .adSetID: out.integer(Model.id(.adSet, account, adSet(row)))
            case .adID: out.integer(Model.id(.ad, account, row.position.entity))
            case .campaignName: name(.campaign(account, campaign(row)), &out)
            case .adSetName: name(.adSet(account, adSet(row)), &out)
            case .adName: name(.ad(account, row.position.entity), &out)
            case .objective, .goal, .created, .updated: word(kind, row, &out)
            case .impressions: out.integer(cell.impressions)
            case .clicks: out.integer(cell.clicks)
            case .spend: money(cell.spend, &out)
            case .reach:
                if isOld, hidesReach { return false }
                out.integer(cell.reach)
            case .frequency:
                if isOld && hidesReach || cell.reach == 0 { return false }
                out.decimal(ratio(cell.impressions, 1_000_000, cell.reach), places: 6)
            case .cpp:
                if isOld && hidesReach || cell.reach == 0 { return false }
                out.decimal(ratio(cell.spend, 1000, cell.reach), places: 6)
            case .uniqueClicks: out.integer(isOld ? 0 : cell.clicks * 9 / 10)
            default: return rate(kind, cell, isOld, &out)
            }
            return true
        }

        private func rate(_ kind: Column.Kind, _ cell: Cell, _ isOld: Bool, _ out: inout ByteWriter) -> Bool {
            switch kind {
            case .ctr: return share(cell.clicks, of: cell.impressions, &out)
            case .uniqueRate: return share(isOld ? 0 : cell.clicks * 9 / 10, of: cell.reach, &out)
            case .linkClickRate: return share(cell.linkClicks, of: cell.impressions, &out)
            case .cpm: return cost(cell.spend, 1000, cell.impressions, &out)
            case .cpc: return cost(cell.spend, 1, cell.clicks, &out)
            case .costPerUniqueClick: return cost(cell.spend, 1, isOld ? 0 : cell.clicks * 9 / 10, &out)
            case .costPerLinkClick: return cost(cell.spend, 1, cell.linkClicks, &out)
            case .linkClicks: out.integer(cell.linkClicks)
            case .engagement: out.integer(cell.linkClicks + cell.reactions + cell.comments)
            default: return actions(kind, cell, &out)
            }
            return true
        }

        /// Percentage points with six decimals.
        private func share(_ part: Int64, of whole: Int64, _ out: inout ByteWriter) -> Bool {
            guard whole > 0 else { return false }
            out.decimal(ratio(part, 100_000_000, whole), places: 6)
            return true
        }

        private func cost(_ spend: Int64, _ factor: Int64, _ count: Int64, _ out: inout ByteWriter) -> Bool {
            guard count > 0 else { return false }
            out.decimal(ratio(spend, factor, count), places: 6)
            return true
        }

        /// `value * factor / divisor` without overflow.
        func ratio(_ value: Int64, _ factor: Int64, _ divisor: Int64) -> Int64 {
            let (product, isOverflow) = value.multipliedReportingOverflow(by: factor)
            if !isOverflow { return product / divisor }
            return Int64(truncatingIfNeeded: Int128(value) * Int128(factor) / Int128(divisor))
        }

        /// Major units, with the decimals of the currency; zero is `0`.
        func money(_ micros: Int64, _ out: inout ByteWriter) {
            if micros == 0 { return out.integer(0) }
            out.decimal(micros / account.minor, places: account.places)
        }

        private func campaign(_ row: Scan.Row) -> Int {
            switch query.level {
            case .adSet: account.adSets[row.position.entity].campaign
            case .ad: account.ads[row.position.entity].campaign
            default: row.position.entity
            }
        }

        private func adSet(_ row: Scan.Row) -> Int {
            query.level == .ad ? account.ads[row.position.entity].adSet : row.position.entity
        }

        /// The same text as `Reader.name`, written without making a string of it.
        private func name(_ node: Node, _ out: inout ByteWriter) {
            if let name = reader.view.written(node)?.name {
                let before = out.count
                out.quoted(name)
                return out.unquote(from: before)
            }
            switch node {
            case .campaign(_, let index):
                out.literal("Chi\\u1ebfn d\\u1ecbch ")
                out.integer(Int64(index) + 1)
                out.literal(" \\u2013 \\\"Sale\\\" 50%\\/ng\\u00e0y")
            case .adSet(_, let index):
                out.literal("Nh\\u00f3m ")
                out.integer(Int64(index) + 1)
                out.literal(" | 25-34 \\\\ H\\u00e0 N\\u1ed9i")
            case .ad(_, let index):
                out.literal("Qu\\u1ea3ng c\\u00e1o ")
                out.integer(Int64(index) + 1)
                out.literal(" \\ud83c\\udfaf")
            default: break
            }
            let edits = reader.view.life(node)?.edits(until: reader.view.now) ?? 0
            if edits >= 3 {
                out.literal(" v")
                out.integer(edits / 3 + 1)
            }
        }

        private func word(_ kind: Column.Kind, _ row: Scan.Row, _ out: inout ByteWriter) {
            let node: Node =
                switch query.level {
                case .account: .account(query.account)
                case .campaign: .campaign(query.account, row.position.entity)
                case .adSet: .adSet(query.account, row.position.entity)
                case .ad: .ad(query.account, row.position.entity)
                }
            let text: String? =
                switch kind {
                case .objective: Reader.objective(account.campaigns[campaign(row)].seed)
                case .goal: Reader.goal(account.adSets[adSet(row)].seed)
                case .created: reader.time(reader.view.life(node)?.created ?? account.created, query.account).text
                default: reader.time(reader.view.updated(node), query.account).text
                }
            out.append(Array((text ?? "").utf8))
        }
    }
}
