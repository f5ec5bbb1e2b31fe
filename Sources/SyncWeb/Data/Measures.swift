import SyncCore
import Wording

/// What the columns of a stream are to people: what a row is about, what can be added up.
struct Measures: Sendable {
    let schema: StreamSchema
    /// What a row is about; nil where it is the account itself.
    let entity: String?
    let name: String?
    /// Nil for things that last.
    let day: String?
    /// Where the currency of each row's money stands; nil where it is the account's.
    let currency: String?
    /// Columns that mean something added up, in order.
    let sums: [String]
    /// What people look things up by elsewhere.
    let ids: [String]
    /// Of the stream itself first.
    let performance: [StreamSchema.Performance]

    init(_ schema: StreamSchema, _ streams: [StreamSchema]) {
        self.schema = schema
        performance = (schema.performance.map { [$0] } ?? []) + streams.compactMap(\.performance)
        let day = schema.column("date").flatMap { $0.type == .date ? $0.name : nil }
        let moment =
            schema.grain == .event ? schema.columns.first { $0.type == .instant && $0.name != "synced_at" }?.name : nil
        self.day = day ?? moment
        // Of a campaign's ad set, the ad set: the last of the ids that make the key.
        let ids = schema.key.dropFirst().filter { $0 == "id" || $0.hasSuffix("_id") }
        let entity = ids.last
        self.entity = entity
        self.ids = schema.columns.map(\.name).filter {
            ($0 == "id" || $0.hasSuffix("_id")) && $0 != "account_id"
        }
        let base = entity.flatMap { $0.hasSuffix("_id") ? String($0.dropLast(3)) : nil }
        let texts = Set(schema.columns.filter { $0.type == .text }.map(\.name))
        name = [base.map { "\($0)_name" }, "name", "ad_name", "campaign_name", "shop_name", "title"]
            .compactMap(\.self).first { texts.contains($0) }
        currency = schema.column("currency").flatMap { $0.type == .text ? $0.name : nil }
        let wanted =
            performance.flatMap { [$0.cost, $0.impressions, $0.clicks, $0.orders, $0.revenue] }
            .compactMap(\.self) + (schema.proof.map { Array($0.columns.values).sorted() } ?? [])
        let numbers = Set(
            schema.columns.filter { [.integer, .money, .minorMoney].contains($0.type) }.map(\.name))
        sums = schema.grain == .daily ? wanted.unique.filter { numbers.contains($0) } : []
    }

    func isMoney(_ column: String) -> Bool {
        guard let type = schema.column(column)?.type else { return false }
        return type == .money || type == .minorMoney
    }

    func isNumber(_ column: String) -> Bool {
        guard let type = schema.column(column)?.type else { return false }
        return [.integer, .real, .money, .minorMoney].contains(type)
    }

    /// Those that can be shown.
    func offered(_ view: DataQuery.View) -> [String] {
        switch view {
        case .rows: schema.columns.map(\.name).filter { $0 != "account_id" }
        // A row without a name has its id before all.
        case .entities: sums + ids.filter { $0 != name ?? entity }
        case .days: sums
        }
    }

    /// Those that are shown: the first one names the row.
    func columns(_ view: DataQuery.View, _ wanted: [String]) throws -> [String] {
        let offered = offered(view)
        let known = wanted.filter(offered.contains).unique
        if known.count < Set(wanted).count { throw WebError.invalid(["column": "There is no such column."]) }
        switch view {
        case .entities: return [name ?? entity ?? "account_id"] + (known.isEmpty ? sums : known)
        case .days: return [day ?? "account_id"] + (known.isEmpty ? sums : known)
        case .rows:
            if !known.isEmpty { return known }
            let lead = [name ?? entity, day].compactMap(\.self)
            let first = sums + schema.columns.filter { $0.type != .json }.map(\.name)
            return Array((lead + first.filter { offered.contains($0) && $0 != entity }).unique.prefix(8))
        }
    }

    /// `Spend`; what no platform has in common has its own name.
    func label(_ column: String, _ words: Words) -> String {
        for each in performance {
            switch column {
            case each.cost: return words.pick("Spend", "Chi tiêu")
            case each.impressions: return words.pick("Impressions", "Hiển thị")
            case each.clicks: return words.pick("Clicks", "Lượt nhấp")
            case each.orders: return words.pick("Orders", "Đơn hàng")
            case each.revenue: return words.pick("Revenue", "Doanh thu")
            default: break
            }
        }
        if let known = Measures.known[column] { return words.pick(known.0, known.1) }
        let plain = column.hasSuffix("_micros") ? String(column.dropLast(7)) : column
        return plain.replacing("_", with: " ").capitalised
    }

    private static let known: [String: (String, String)] = [
        "date": ("Day", "Ngày"), "campaign_name": ("Campaign", "Chiến dịch"), "adset_name": ("Ad set", "Nhóm QC"),
        "ad_name": ("Ad", "Quảng cáo"), "name": ("Name", "Tên"), "status": ("Status", "Trạng thái"),
        "effective_status": ("Status in effect", "Trạng thái thực tế"), "objective": ("Objective", "Mục tiêu"),
        "reach": ("Reach", "Số người tiếp cận"), "frequency": ("Frequency", "Tần suất"), "id": ("Id", "Mã"),
        "campaign_id": ("Campaign id", "Mã chiến dịch"), "adset_id": ("Ad set id", "Mã nhóm QC"),
        "ad_id": ("Ad id", "Mã quảng cáo"), "created_time": ("Created", "Ngày tạo"),
        "updated_time": ("Changed", "Cập nhật"), "inline_link_clicks": ("Link clicks", "Nhấp liên kết"),
        "daily_budget_micros": ("Daily budget", "Ngân sách ngày"), "currency": ("Currency", "Tiền tệ"),
        "hour": ("Hour", "Giờ"), "message": ("Text", "Nội dung"), "shop_name": ("Shop", "Gian hàng"),
        "lifetime_budget_micros": ("Lifetime budget", "Ngân sách trọn đời"),
    ]
}

extension Array where Element: Hashable {
    /// Each once, where it stood first.
    var unique: [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
