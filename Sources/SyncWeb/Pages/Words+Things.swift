import SyncCore
import Wording

extension Words {
    /// What a chunk is about beside its days: `50 campaigns`.
    func things(_ entities: EntitySet) -> String {
        let (thing, vietnamese): (String, String) =
            switch entities.column {
            case "campaign_id": ("campaign", "chiến dịch")
            case "adset_id", "ad_set_id": ("ad set", "nhóm quảng cáo")
            case "ad_id": ("ad", "quảng cáo")
            case "page_id": ("page", "trang")
            case "conversation_id": ("conversation", "hội thoại")
            default: ("id", "mã")
            }
        return count(entities.ids.count, thing, vietnamese)
    }
}
