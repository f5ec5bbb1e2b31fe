import ConnectorKit
import SyncCore
import Wording

/// What the pages for connecting say of each platform: a platform without an entry has its own name and no guide.
struct PlatformTexts: Sendable {
    let platform: Platform
    let words: Words

    var letter: String { String(platform.name.prefix(1)) }

    /// As people know the product.
    var name: String {
        switch platform.id.rawValue {
        case "meta": "Meta Ads"
        case "shopee": "Shopee Ads"
        default: platform.name
        }
    }

    /// What is read of it.
    var contents: String {
        switch platform.id.rawValue {
        case "meta": words.pick("Campaigns, ads, numbers, posts", "Chiến dịch, quảng cáo, số liệu, bài viết")
        case "shopee": words.pick("Campaigns, daily and hourly numbers", "Chiến dịch, số liệu theo ngày và giờ")
        case "pancake": words.pick("Conversations, on to FolkForm", "Hội thoại, chuyển tiếp sang FolkForm")
        case "admitad": words.pick("Programmes, coupons, actions", "Chương trình, mã giảm giá, chuyển đổi")
        case "boostiny": words.pick("Campaigns, coupons, performance", "Chiến dịch, mã giảm giá, hiệu quả")
        case "folkform": words.pick("Receives conversations and messages", "Nhận hội thoại và tin nhắn")
        default: ""
        }
    }

    /// What Sluice does and does not do there.
    var promise: String {
        switch platform.id.rawValue {
        case "meta":
            words.pick(
                "Sluice reads your ads and numbers. It never changes an ad, a budget or a post.",
                "Sluice đọc quảng cáo và số liệu của bạn. Không bao giờ sửa quảng cáo, ngân sách hay bài viết.")
        case "shopee":
            words.pick(
                "Sluice reads campaigns and their numbers. Budgets change only by a plan of yours.",
                "Sluice đọc chiến dịch và số liệu. Ngân sách chỉ đổi theo kế hoạch của bạn.")
        case "pancake":
            words.pick(
                "Sluice reads conversations and messages. It answers nobody.",
                "Sluice đọc hội thoại và tin nhắn. Không trả lời ai cả.")
        case "folkform":
            words.pick(
                "FolkForm receives what is read of Pancake, as soon as it is there.",
                "FolkForm nhận những gì đọc được từ Pancake, ngay khi có.")
        case "admitad":
            words.pick(
                "Sluice reads programmes, coupons and actions.", "Sluice đọc chương trình, mã giảm giá và chuyển đổi.")
        default:
            words.pick(
                "Sluice reads \(contents.prefix(1).lowercased() + contents.dropFirst()).",
                "Sluice đọc \(contents.prefix(1).lowercased() + contents.dropFirst()).")
        }
    }

    /// What its accounts are called.
    var account: String {
        switch platform.id.rawValue {
        case "meta": words.pick("Ad account", "Tài khoản quảng cáo")
        case "shopee": words.pick("Shop", "Cửa hàng")
        case "pancake", "folkform": words.pick("Page", "Trang")
        default: words.pick("Account", "Tài khoản")
        }
    }

    // MARK: Fields

    func label(_ field: CredentialField) -> String {
        switch field.name {
        case "token" where platform.id.rawValue == "folkform": words.pick("Token of the agent", "Mã của agent")
        case "token": words.pick("Access token", "Mã truy cập")
        case "app_secret": words.pick("App secret", "Khoá bí mật của ứng dụng")
        case "partner_id": words.pick("Partner id", "Mã đối tác")
        case "partner_key": words.pick("Partner key", "Khoá đối tác")
        case "client_id": words.pick("Client id", "Mã ứng dụng")
        case "client_secret": words.pick("Client secret", "Khoá bí mật của ứng dụng")
        case "key": words.pick("API key", "Khoá API")
        case "role": words.pick("Role", "Vai trò")
        default: field.name
        }
    }

    /// What is no secret may be shown again.
    static func isSecret(_ field: CredentialField) -> Bool {
        !["partner_id", "client_id", "role"].contains(field.name)
    }

    /// Fields that come with a consent are not typed.
    static func typed(_ platform: Platform) -> [CredentialField] {
        platform.credentialFields.filter { platform.id.rawValue != "shopee" || $0.isRequired }
    }

    // MARK: Permissions

    /// What each permission is for; nil for those that Sluice does not need.
    static let scopes = ["ads_read", "business_management", "pages_show_list", "pages_read_engagement"]

    func purpose(of scope: String) -> String {
        switch scope {
        case "ads_read":
            words.pick("Campaigns, ad sets, ads and their numbers", "Chiến dịch, nhóm, quảng cáo và số liệu")
        case "business_management":
            words.pick("Businesses, and which accounts they own", "Doanh nghiệp và các tài khoản của họ")
        case "pages_show_list": words.pick("Names of your pages", "Tên các trang của bạn")
        case "pages_read_engagement": words.pick("Posts of your pages", "Bài viết trên trang của bạn")
        default: ""
        }
    }

    /// What is lacking without it, and what is not.
    func loss(without scope: String) -> (lead: String, rest: String) {
        let safe = words.pick("Ads are not affected", "Quảng cáo không bị ảnh hưởng")
        switch scope {
        case "ads_read":
            return (words.pick("No ads and no numbers can be read.", "Không đọc được quảng cáo và số liệu."), "")
        case "business_management":
            return (words.pick("Businesses will be left out.", "Sẽ thiếu doanh nghiệp."), safe)
        case "pages_show_list":
            return (words.pick("Pages and posts will be left out.", "Sẽ thiếu trang và bài viết."), safe)
        default: return (words.pick("Posts will be left out.", "Sẽ thiếu bài viết."), safe)
        }
    }
}
