import FoundationEssentials
import SyncCore
import Wording

/// The outlines that cut a page's rows of days into cells.
struct Grid: Sendable {
    var id: String
    var d: String

    init(_ size: Shapes.CellSize, _ count: Int, offset: Int = 0) {
        id = size.rawValue
        d = Shapes.grid(size, count, offset: offset)
    }
}

/// What the states of days look like, with their names.
struct LegendItem: Sendable {
    var paths: [Shapes.Path]
    var label: String

    static func all(_ words: Words, with states: [CoverageState]) -> [LegendItem] {
        states.map { LegendItem(paths: Shapes.cells([$0], .account).paths, label: words.cell($0)) }
    }

    static let usual: [CoverageState] = [.settled, .fresh, .running, .queued, .missing, .failed]
}

/// Words with some of them strong.
struct TextPart: Sendable {
    var text: String
    var isStrong: Bool
}

extension Words {
    func cell(_ state: CoverageState) -> String {
        switch state {
        case .settled: pick("Settled", "Đã chốt")
        case .fresh: pick("Fresh, may still change", "Mới, còn thay đổi")
        case .running: pick("Running", "Đang chạy")
        case .queued: pick("Queued", "Đang xếp hàng")
        case .missing: pick("Missing", "Còn thiếu")
        case .failed: pick("Failed", "Lỗi")
        case .notOffered: pick("Not offered", "Nền tảng không có")
        }
    }

    /// Numbers of campaigns are called as campaigns are: beside these they are told by their stage.
    func names(of streams: [StreamSchema]) -> [String] {
        streams.reduce(into: [String]()) { names, schema in
            let name = stage(schema.id.rawValue)
            names.append(names.contains(name) ? stage(schema.stage) : name)
        }.unique
    }

    /// `Campaigns`, for a stage or a stream.
    func stage(_ name: String) -> String {
        let names: [String: (String, String)] = [
            "businesses": ("Businesses", "Doanh nghiệp"), "accounts": ("Accounts", "Tài khoản"),
            "ad_accounts": ("Ad accounts", "Tài khoản QC"),
            "campaigns": ("Campaigns", "Chiến dịch"), "adsets": ("Ad sets", "Nhóm QC"),
            "ad_sets": ("Ad sets", "Nhóm QC"), "ads": ("Ads", "Quảng cáo"), "pages": ("Pages", "Trang"),
            "posts": ("Posts", "Bài viết"), "insights": ("Insights", "Số liệu"),
            "campaign_insights": ("Campaigns", "Chiến dịch"), "ad_set_insights": ("Ad sets", "Nhóm QC"),
            "ad_insights": ("Ads", "Quảng cáo"), "shops": ("Shops", "Gian hàng"),
            "campaign_daily": ("Campaigns, daily", "Chiến dịch theo ngày"),
            "campaign_hourly": ("Campaigns, hourly", "Chiến dịch theo giờ"),
            "shop_daily": ("Shop, daily", "Gian hàng theo ngày"),
            "shop_hourly": ("Shop, hourly", "Gian hàng theo giờ"), "gms_daily": ("GMV Max, daily", "GMV Max theo ngày"),
            "performance": ("Performance", "Hiệu quả"), "conversations": ("Conversations", "Hội thoại"),
            "messages": ("Messages", "Tin nhắn"), "programs": ("Programmes", "Chương trình"),
            "coupons": ("Coupons", "Mã giảm giá"), "actions": ("Actions", "Chuyển đổi"),
            "syncing_campaigns": ("Campaigns", "Chiến dịch"), "syncing_performance": ("Numbers", "Số liệu"),
            "setting_budgets": ("Budgets", "Ngân sách"),
        ]
        if let known = names[name] { return pick(known.0, known.1) }
        let plain = name.replacing("_", with: " ")
        let told = said(plain)
        return told.prefix(1).uppercased() + told.dropFirst()
    }
}
