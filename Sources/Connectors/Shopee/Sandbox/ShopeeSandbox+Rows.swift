extension ShopeeSandbox {
    /// `campaign_list` of a report as it grows.
    struct RowList: ~Copyable {
        private var out: ByteWriter
        private let places: Int
        private let repeatsRow: Bool
        private(set) var rows = 0
        private var campaigns = 0
        /// Where the campaign at hand began, and how many rows it has.
        private var start = 0
        private var own = 0
        private var keepsEmpty = false

        init(places: Int, repeatsRow: Bool, capacity: Int) {
            self.places = places
            self.repeatsRow = repeatsRow
            out = ByteWriter(capacity: capacity)
            out.byte(0x5B)
        }

        mutating func begin(_ campaign: Campaign, keepsEmpty: Bool) {
            start = out.count
            own = 0
            self.keepsEmpty = keepsEmpty
            if campaigns > 0 { out.byte(0x2C) }
            out.literal("{\"campaign_id\":")
            out.integer(campaign.id)
            out.literal(",\"ad_type\":")
            out.quoted(campaign.isAuto ? "auto" : "manual")
            out.literal(",\"campaign_placement\":")
            out.quoted(campaign.placement)
            out.literal(",\"ad_name\":")
            out.quoted(campaign.name)
            out.literal(",\"metrics_list\":[")
        }

        mutating func write(_ day: Int32, _ hour: Int?, _ cell: Cell) {
            for _ in 0..<(repeatsRow && rows == 0 ? 2 : 1) {
                if own > 0 { out.byte(0x2C) }
                out.campaignRow(day, hour, cell, places: places)
                own += 1
                rows += 1
            }
        }

        mutating func end() {
            guard own > 0 || keepsEmpty else { return out.cut(to: start) }
            out.literal("]}")
            campaigns += 1
        }

        consuming func finished() -> [UInt8] {
            out.byte(0x5D)
            return out.bytes()
        }
    }
}

extension ByteWriter {
    /// A row of campaign level (platforms.md 1.12 B): rates are percentages.
    mutating func campaignRow(_ day: Int32, _ hour: Int?, _ cell: ShopeeSandbox.Cell, places: Int) {
        literal("{\"date\":\"")
        shopDay(day)
        byte(0x22)
        if let hour { field(",\"hour\":", Int64(hour)) }
        field(",\"impression\":", cell.impressions)
        field(",\"clicks\":", cell.clicks)
        ratio(",\"ctr\":", cell.clicks * 100, cell.impressions)
        money(",\"expense\":", cell.expense, places)
        metrics(of: cell, places: places)
        money(",\"direct_gmv\":", cell.directGMV, places)
        byte(0x7D)
    }

    /// What a campaign's row and a GMS report have in common.
    mutating func metrics(of cell: ShopeeSandbox.Cell, places: Int) {
        money(",\"broad_gmv\":", cell.broadGMV, places)
        field(",\"broad_order\":", cell.broadOrders)
        field(",\"broad_order_amount\":", cell.broadUnits)
        ratio(",\"broad_roi\":", cell.broadGMV, cell.expense)
        ratio(",\"broad_cir\":", cell.expense * 100, cell.broadGMV)
        ratio(",\"cr\":", cell.broadOrders * 100, cell.clicks)
        cost(",\"cpc\":", cell.expense, cell.broadOrders, places)
        field(",\"direct_order\":", cell.directOrders)
        field(",\"direct_order_amount\":", cell.directUnits)
        ratio(",\"direct_roi\":", cell.directGMV, cell.expense)
        ratio(",\"direct_cir\":", cell.expense * 100, cell.directGMV)
        ratio(",\"direct_cr\":", cell.directOrders * 100, cell.clicks)
        cost(",\"cpdc\":", cell.expense, cell.directOrders, places)
    }

    /// A row of shop level (1.12 A): other names, and rates that are no percentages.
    mutating func shopRow(_ day: Int32, _ hour: Int?, _ cell: ShopeeSandbox.Cell, places: Int, hasItemSold: Bool) {
        literal("{\"date\":\"")
        shopDay(day)
        byte(0x22)
        if let hour { field(",\"hour\":", Int64(hour)) }
        field(",\"impression\":", cell.impressions)
        field(",\"clicks\":", cell.clicks)
        ratio(",\"ctr\":", cell.clicks, cell.impressions)
        field(",\"direct_order\":", cell.directOrders)
        field(",\"broad_order\":", cell.broadOrders)
        ratio(",\"direct_conversions\":", cell.directOrders, cell.clicks)
        ratio(",\"broad_conversions\":", cell.broadOrders, cell.clicks)
        if hasItemSold {
            field(",\"direct_item_sold\":", cell.directUnits)
            field(",\"broad_item_sold\":", cell.broadUnits)
        }
        money(",\"direct_gmv\":", cell.directGMV, places)
        money(",\"broad_gmv\":", cell.broadGMV, places)
        money(",\"expense\":", cell.expense, places)
        cost(",\"cost_per_conversion\":", cell.expense, cell.broadOrders, places)
        ratio(",\"direct_roas\":", cell.directGMV, cell.expense)
        ratio(",\"broad_roas\":", cell.broadGMV, cell.expense)
        byte(0x7D)
    }

    mutating func field(_ key: StaticString, _ value: Int64) {
        literal(key)
        integer(value)
    }

    mutating func money(_ key: StaticString, _ value: Int64, _ places: Int) {
        literal(key)
        float(value, places: places)
    }

    /// Four decimals, cut; 0 of nothing.
    private mutating func ratio(_ key: StaticString, _ value: Int64, _ whole: Int64) {
        literal(key)
        float(whole == 0 ? 0 : value * 10_000 / whole, places: 4)
    }

    /// Money per piece, in hundredths of a smallest unit.
    private mutating func cost(_ key: StaticString, _ value: Int64, _ count: Int64, _ places: Int) {
        literal(key)
        float(count == 0 ? 0 : value * 100 / count, places: places + 2)
    }
}
