import ConnectorKit
import SyncCore
import Wording

/// Where people get the credential of a platform.
extension PlatformTexts {
    var guide: CredentialPage.Guide? {
        switch platform.id.rawValue {
        case "meta": meta
        case "shopee": shopee
        case "pancake": pancake
        case "admitad": admitad
        case "boostiny": boostiny
        case "folkform": folkform
        default: nil
        }
    }

    private func guide(
        _ title: String, _ steps: [String], link: String? = nil, ask: CredentialPage.Guide.Ask? = nil
    ) -> CredentialPage.Guide {
        let all = steps.enumerated().map { index, text in
            CredentialPage.Guide.Step(
                number: "\(index + 1)", parts: TextPart.parts(text),
                link: index == 0 ? link.map { Link(href: $0, label: words.pick("Open", "Mở")) } : nil)
        }
        return CredentialPage.Guide(title: title, steps: all, ask: ask)
    }

    private var whereFrom: String { words.pick("Where do I get these?", "Lấy ở đâu?") }

    private var meta: CredentialPage.Guide {
        guide(
            words.pick("Where do I get a token?", "Lấy mã truy cập ở đâu?"),
            [
                words.pick(
                    "Open **Business settings**, then **Users, System users**. ",
                    "Mở **Cài đặt doanh nghiệp**, rồi **Người dùng, Người dùng hệ thống**. "),
                words.pick(
                    "Add a system user with the role **Employee**.",
                    "Thêm người dùng hệ thống với vai trò **Nhân viên**."),
                words.pick(
                    "**Assign assets:** your ad accounts and pages, with “View performance”.",
                    "**Gán tài sản:** tài khoản quảng cáo và trang của bạn, với “Xem hiệu quả”."),
                words.pick(
                    "**Generate token** for your app, tick ads_read, business_management, pages_show_list and "
                        + "pages_read_engagement, expiry **Never**.",
                    "**Tạo mã** cho ứng dụng của bạn, chọn ads_read, business_management, pages_show_list và "
                        + "pages_read_engagement, hết hạn **Không bao giờ**."),
                words.pick("Copy it here. Meta shows it once.", "Chép vào đây. Meta chỉ hiện một lần."),
            ], link: "https://business.facebook.com/settings/system-users", ask: metaMessage)
    }

    private var metaMessage: CredentialPage.Guide.Ask {
        CredentialPage.Guide.Ask(
            lead: words.pick("No admin right?", "Bạn không có quyền quản trị?"),
            label: words.pick("Copy a message", "Chép một tin nhắn"),
            rest: words.pick(
                "that asks your admin for exactly these five things.", "nhờ quản trị viên làm đúng năm việc này."),
            message: words.pick(
                "Sluice needs a system user’s token of our Meta business: Business settings, Users, System users; "
                    + "role Employee; assign the ad accounts and pages with View performance; generate a token with "
                    + "ads_read, business_management, pages_show_list, pages_read_engagement and no expiry.",
                "Sluice cần mã của người dùng hệ thống trong doanh nghiệp Meta của chúng ta: Cài đặt doanh nghiệp, "
                    + "Người dùng, Người dùng hệ thống; vai trò Nhân viên; gán tài khoản quảng cáo và trang với Xem "
                    + "hiệu quả; tạo mã với ads_read, business_management, pages_show_list, pages_read_engagement, "
                    + "không hết hạn."))
    }

    private var shopee: CredentialPage.Guide {
        guide(
            whereFrom,
            [
                words.pick(
                    "Open the **Open Platform console**, then **App list**. ",
                    "Mở **Open Platform console**, rồi **App list**. "),
                words.pick("Take an app of the kind **Ads service**.", "Chọn ứng dụng loại **Ads service**."),
                words.pick(
                    "Copy its **live partner id** and **key**.", "Chép **live partner id** và **key** của nó."),
                words.pick(
                    "Enter the address of Sluice as its **redirect URL**.",
                    "Nhập địa chỉ của Sluice làm **redirect URL**."),
            ], link: "https://open.shopee.com/console")
    }

    private var pancake: CredentialPage.Guide {
        guide(
            words.pick("Where do I get a token?", "Lấy mã truy cập ở đâu?"),
            [
                words.pick(
                    "Sign in to Pancake as an **admin** of the pages.", "Đăng nhập Pancake bằng **admin** của trang."),
                words.pick("Open **Account, Personal Settings**.", "Mở **Tài khoản, Cài đặt cá nhân**."),
                words.pick("Copy the **access token** here.", "Chép **access token** vào đây."),
            ])
    }

    private var admitad: CredentialPage.Guide {
        guide(
            whereFrom,
            [
                words.pick("Open Admitad, then **Settings, API**.", "Mở Admitad, rồi **Settings, API**."),
                words.pick(
                    "Make an application with the scopes **statistics**, **advcampaigns** and **coupons**.",
                    "Tạo ứng dụng với các quyền **statistics**, **advcampaigns** và **coupons**."),
                words.pick("Copy its id and its secret.", "Chép mã và khoá bí mật của nó."),
            ])
    }

    private var boostiny: CredentialPage.Guide {
        guide(
            words.pick("Where do I get a key?", "Lấy khoá ở đâu?"),
            [
                words.pick("Open Boostiny as the publisher.", "Mở Boostiny với tư cách nhà phát hành."),
                words.pick(
                    "Copy the **API key**, without a word before it.",
                    "Chép **API key**, không kèm từ nào phía trước."),
            ])
    }

    private var folkform: CredentialPage.Guide {
        guide(
            whereFrom,
            [
                words.pick("The address under which you open FolkForm.", "Địa chỉ mà bạn mở FolkForm."),
                words.pick("The token that an **agent** gets at its login.", "Mã mà **agent** nhận khi đăng nhập."),
                words.pick(
                    "The id of the **role** that owns the data: 24 hexadecimal digits.",
                    "Mã của **vai trò** sở hữu dữ liệu: 24 chữ số thập lục phân."),
            ])
    }
}
