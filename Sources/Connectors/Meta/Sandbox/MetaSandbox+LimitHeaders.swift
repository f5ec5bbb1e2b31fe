import SyncCore

extension MetaSandbox.LimitState {
    /// Usage headers of one answer (meta.md 6.2), success and failure alike.
    mutating func headers(_ scope: MetaSandbox.Scope, hidesRegain: Bool, at now: Instant) -> [(
        name: String, value: String
    )] {
        guard knobs.isOn else { return [] }
        let seconds = now.seconds
        app.calls.roll(to: seconds)
        app.time.roll(to: seconds)
        let appTime = percent(app.time.total, appLimit * 400)
        var headers = [
            (
                name: "X-App-Usage",
                value: """
                {"call_count":\(percent(app.calls.total, appLimit)),"total_time":\(appTime),\
                "total_cputime":\(appTime * 2 / 3)}
                """
            )
        ]
        switch scope {
        case .app: break
        case .page(let page):
            let meter = pages[page] ?? .init()
            let most = 4800 * Int64(world.pages.engagedUsers) / 24
            let entry = useCase("pages", meter, most, seconds, hidesRegain, tier: false)
            headers.append(
                ("X-Business-Use-Case-Usage", "{\"\(MetaSandbox.Model.pageID(page))\":[\(entry)]}"))
        case .account(let index, let use):
            headers += account(index, use, now, hidesRegain)
        }
        return headers
    }

    private mutating func account(
        _ index: Int, _ use: MetaSandbox.Scope.UseCase, _ now: Instant, _ hidesRegain: Bool
    ) -> [(name: String, value: String)] {
        let seconds = now.seconds
        decay(index, now.microseconds / 1000)
        accounts[index].management.calls.roll(to: seconds)
        accounts[index].insights.calls.roll(to: seconds)
        let account = accounts[index]
        let tier = knobs.tier.rawValue
        let reset = max(0, account.blockedUntil - seconds)
        let score = min(100_000, max(reset > 0 ? 100_000 : 0, account.score * 100 / max(1, mostScore)))
        let management = useCase(
            "ads_management", account.management, limit(.management, index), seconds, hidesRegain, tier: true)
        let insights = useCase(
            "ads_insights", account.insights, limit(.insights, index), seconds, hidesRegain, tier: true)
        let id = world.accounts[index].id
        let headers = [
            (
                name: "X-Ad-Account-Usage",
                value: """
                {"acc_id_util_pct":\(decimal(score)),"reset_time_duration":\(reset),\
                "ads_api_access_tier":"\(tier)"}
                """
            ),
            // Every use case of the account that was used stands in one list; the order is not promised.
            (
                name: "X-Business-Use-Case-Usage",
                value: use == .management
                    ? "{\"\(id)\":[\(management),\(insights)]}" : "{\"\(id)\":[\(insights),\(management)]}"
            ),
        ]
        return use == .insights ? headers + insightsThrottle(index, seconds) : headers
    }

    /// The insights throttle, and the quota of old reach once it was touched.
    private func insightsThrottle(_ index: Int, _ seconds: Int64) -> [(name: String, value: String)] {
        let account = accounts[index]
        let used = account.insights.calls.total * 100_000 / max(1, limit(.insights, index))
        let load = max(Int64(knobs.insightsFloor) * 1000, used)
        let isBlocked = seconds < insightsBlockedUntil
        let calls = Int64(appInsights.count) * 100_000 / max(1, knobs.insightsPerMinute)
        let appLoad = knobs.insightsPerMinute == 0 ? 1000 : max(isBlocked ? 100_000 : 0, calls)
        var headers = [
            (
                name: "X-FB-Ads-Insights-Throttle",
                value: """
                {"app_id_util_pct":\(decimal(appLoad)),"acc_id_util_pct":\(decimal(load)),\
                "ads_api_access_tier":"\(knobs.tier.rawValue)"}
                """
            )
        ]
        if !account.reachReports.isEmpty {
            let share = account.reachReports.count * 10
            headers.append(
                ("X-FB-Ads-Insights-Reach-Throttle", "{\"app_id_util_pct\":0,\"acc_id_util_pct\":\(share)}"))
        }
        return headers
    }

    private func percent(_ part: Int64, _ whole: Int64) -> Int64 { part * 100 / max(1, whole) }

    /// Thousandths as a number with up to three decimals.
    private func decimal(_ thousandths: Int64) -> String {
        thousandths % 1000 == 0 ? "\(thousandths / 1000)" : "\(Double(thousandths) / 1000)"
    }

    private func useCase(
        _ type: String, _ meter: MetaSandbox.Meter, _ most: Int64, _ seconds: Int64, _ hidesRegain: Bool, tier: Bool
    ) -> String {
        let left = max(0, meter.blockedUntil - seconds)
        let minutes = hidesRegain ? 0 : (left + 59) / 60
        let calls = left > 0 ? max(100, percent(meter.calls.total, most)) : percent(meter.calls.total, most)
        let time = percent(meter.time.total, knobs.timeBudget * 1000)
        let label = tier ? ",\"ads_api_access_tier\":\"\(knobs.tier.rawValue)\"" : ""
        return """
            {"type":"\(type)","call_count":\(calls),"total_cputime":\(time * 2 / 3),"total_time":\(time),\
            "estimated_time_to_regain_access":\(minutes)\(label)}
            """
    }
}
