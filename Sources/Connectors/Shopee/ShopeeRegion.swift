import SyncCore

/// What the region of a shop decides (platforms.md 1.6): its currency and its time zone.
struct ShopeeRegion: Sendable, Equatable {
    var currency: String
    var zoneName: String

    private static let known: [String: ShopeeRegion] = [
        "VN": ShopeeRegion(currency: "VND", zoneName: "Asia/Ho_Chi_Minh"),
        "TH": ShopeeRegion(currency: "THB", zoneName: "Asia/Bangkok"),
        "ID": ShopeeRegion(currency: "IDR", zoneName: "Asia/Jakarta"),
        "SG": ShopeeRegion(currency: "SGD", zoneName: "Asia/Singapore"),
        "MY": ShopeeRegion(currency: "MYR", zoneName: "Asia/Kuala_Lumpur"),
        "PH": ShopeeRegion(currency: "PHP", zoneName: "Asia/Manila"),
        "TW": ShopeeRegion(currency: "TWD", zoneName: "Asia/Taipei"),
        "BR": ShopeeRegion(currency: "BRL", zoneName: "America/Sao_Paulo"),
        "MX": ShopeeRegion(currency: "MXN", zoneName: "America/Mexico_City"),
        "CO": ShopeeRegion(currency: "COP", zoneName: "America/Bogota"),
        "CL": ShopeeRegion(currency: "CLP", zoneName: "America/Santiago"),
    ]

    /// What is reckoned with where Shopee names a region that is not known here; people are told.
    static let unknown = ShopeeRegion(currency: "USD", zoneName: "Etc/UTC")

    /// Nil for a region that is not known.
    static func named(_ code: String) -> ShopeeRegion? { known[code.uppercased()] }
}
