extension MetaSandbox {
    /// The columns of a report's rows, compiled once per page: ready bytes of the key and what to write.
    struct Column: Sendable {
        var key: [UInt8]
        var kind: Kind
        /// Written between quotes.
        var isQuoted: Bool

        enum Kind: Sendable {
            case constant([UInt8])
            case campaignID, campaignName, adSetID, adSetName, adID, adName
            case objective, goal, created, updated
            case impressions, clicks, spend, reach, frequency, ctr, cpm, cpc, cpp
            case uniqueClicks, uniqueRate, costPerUniqueClick
            case linkClicks, linkClickRate, costPerLinkClick, engagement
            case actions, actionValues, costPerAction, roas, websiteRoas, outbound, plays, conversions, worth, results
        }

        private static let kinds: [String: Kind] = [
            "campaign_id": .campaignID, "campaign_name": .campaignName, "adset_id": .adSetID,
            "adset_name": .adSetName, "ad_id": .adID, "ad_name": .adName, "objective": .objective,
            "optimization_goal": .goal, "created_time": .created, "updated_time": .updated,
            "impressions": .impressions, "clicks": .clicks, "spend": .spend, "reach": .reach,
            "frequency": .frequency, "ctr": .ctr, "cpm": .cpm, "cpc": .cpc, "cpp": .cpp,
            "unique_clicks": .uniqueClicks, "unique_ctr": .uniqueRate, "cost_per_unique_click": .costPerUniqueClick,
            "inline_link_clicks": .linkClicks, "inline_link_click_ctr": .linkClickRate,
            "cost_per_inline_link_click": .costPerLinkClick, "inline_post_engagement": .engagement,
            "actions": .actions, "action_values": .actionValues, "cost_per_action_type": .costPerAction,
            "purchase_roas": .roas, "website_purchase_roas": .websiteRoas, "outbound_clicks": .outbound,
            "video_play_actions": .plays, "conversions": .conversions, "conversion_values": .worth,
            "results": .results, "objective_results": .results,
        ]

        /// Values that are text even when the platform mixes up numbers and strings.
        private static let words: Set<String> = [
            "campaign_id", "campaign_name", "adset_id", "adset_name", "ad_id", "ad_name", "objective",
            "optimization_goal", "created_time", "updated_time",
        ]

        private static let lists: Set<String> = [
            "actions", "action_values", "cost_per_action_type", "purchase_roas", "website_purchase_roas",
            "outbound_clicks", "video_play_actions", "conversions", "conversion_values", "results",
            "objective_results",
        ]

        /// Columns of a query; fields that its level or the world does not have are left out.
        static func all(_ query: Query, _ account: Account, _ world: MetaWorld, isLoose: Bool) -> [Column] {
            var columns: [Column] = []
            for field in query.fields {
                if let text = constant(field, account) {
                    columns.append(Column(key: key(field), kind: .constant(text), isQuoted: false))
                    continue
                }
                guard let kind = kinds[field], has(field, query.level) else { continue }
                // Asking for `objective_results` may be answered as `results` (meta.md 3).
                let name = field == "objective_results" ? "results" : field
                let isQuoted = !lists.contains(field) && (!isLoose || words.contains(field))
                columns.append(Column(key: key(name), kind: kind, isQuoted: isQuoted))
            }
            if let surprise = world.reading.surpriseField {
                columns.append(Column(key: key(surprise), kind: .constant(Array("\"new\"".utf8)), isQuoted: false))
            }
            return columns
        }

        private static func key(_ name: String) -> [UInt8] { Array(",\"\(name)\":".utf8) }

        private static func has(_ field: String, _ level: Level) -> Bool {
            if field.hasPrefix("ad_") { return level == .ad }
            if field.hasPrefix("adset_") || field == "optimization_goal" { return level.rawValue >= 2 }
            if field.hasPrefix("campaign_") || field == "objective" { return level.rawValue >= 1 }
            return true
        }

        private static func constant(_ field: String, _ account: Account) -> [UInt8]? {
            let text: String
            switch field {
            case "account_id": text = account.spec.id
            case "account_name": text = account.spec.name
            case "account_currency": text = account.spec.currency
            case "buying_type": text = "AUCTION"
            case "attribution_setting": text = "7d_click_1d_view"
            case "social_spend": text = "0"
            default: return nil
            }
            return JSON.text(text).bytes
        }
    }
}
