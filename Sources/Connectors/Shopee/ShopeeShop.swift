import ConnectorKit
import SyncCore

/// Reads the shop itself, whose row is the whole answer (platforms.md 1.6).
struct ShopeeShop: Sendable {
    let task: ShopeeTask

    func call() -> Call { task.requests.get(.shop) }

    func read(_ response: WireResponse) -> Reading {
        let tree: JSONTree
        switch ShopeeError.answer(in: response) {
        case .success(let answer): tree = answer
        case .failure(let error): return task.failed(error, .shop, response)
        }
        guard tree["shop_name"] != nil || tree["region"] != nil else {
            return task.failed(ShopeeError(status: response.status), .shop, response)
        }
        let account = task.work.account
        let context = ["currency": account.currency, "time_zone": account.zoneName]
        switch task.page(response, at: .single(""), context: context) {
        case .rows(let page, _): return task.reading(.finished(.init()), page)
        case .error(let error): return task.failed(error, .shop, response)
        }
    }
}
