import SyncCore
import Wording

extension Words {
    /// What a chunk is about beside its days: `50 campaigns`.
    func things(_ entities: EntitySet) -> String {
        let (one, vietnamese) = thing(entities.column) ?? ("id", "mã")
        return count(entities.ids.count, one, vietnamese)
    }

    /// One of what a column names, in both languages.
    func thing(_ column: String) -> (String, String)? {
        switch column {
        case "campaign_id": ("campaign", "chiến dịch")
        case "adset_id", "ad_set_id": ("ad set", "nhóm quảng cáo")
        case "ad_id": ("ad", "quảng cáo")
        case "page_id": ("page", "trang")
        case "conversation_id": ("conversation", "hội thoại")
        default: nil
        }
    }
}
