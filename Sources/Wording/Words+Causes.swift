package import SyncCore

extension Words {
    /// What happened, the code for support people, what to do.
    package func sentence(_ cause: Failure.Cause) -> String {
        let code = cause.code.isEmpty ? "" : " (\(cause.code))"
        return cause.advice.isEmpty ? said(cause.message) + code : "\(said(cause.message))\(code) \(said(cause.advice))"
    }

    /// `about 4 min left (3–7)`.
    package func timeLeft(_ left: Estimate.Left?, withRange: Bool = true) -> String {
        guard let left else { return pick("time left not known yet", "chưa biết còn bao lâu") }
        let likely = left.likely.inSeconds / 60
        guard likely >= 1 else { return pick("less than a minute left", "còn chưa đến một phút") }
        let (low, high) = (minutes(left.low), minutes(left.high))
        func told(_ minutes: Int) -> String { length(.seconds(minutes * 60)) }
        let between = high < 60 ? "\(low)–\(high)" : "\(told(low))–\(told(high))"
        let range = low == high || !withRange ? "" : " (\(between))"
        let about = told(minutes(left.likely))
        return pick("about \(about) left\(range)", "còn khoảng \(about)\(range)")
    }

    /// From ten minutes in steps of five.
    private func minutes(_ duration: Duration) -> Int {
        let minutes = max(1, Int((duration.inSeconds / 60).rounded()))
        return minutes < 10 ? minutes : (minutes + 2) / 5 * 5
    }
}
