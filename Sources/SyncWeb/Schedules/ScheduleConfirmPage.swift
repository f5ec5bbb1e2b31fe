import SyncCore
import Wording

/// `confirm.mustache`: names the thing, says what stays, and repeats the verb.
struct ScheduleConfirmPage: Sendable {
    var headline: String
    var text: String
    var button: String
    var action: String
    var keepHref: String
    /// Nothing has to be typed for it.
    var hasPoints = false

    static func page(deleting schedule: Schedule, _ words: Words) -> Page {
        let name = schedule.definition.name
        let model = ScheduleConfirmPage(
            headline: words.pick("Delete “\(name)”?", "Xoá “\(name)”?"),
            text: words.pick(
                "No data is deleted. What runs goes on, and its runs stay in the logs.",
                "Không dữ liệu nào bị xoá. Việc đang chạy vẫn chạy tiếp, các lượt vẫn còn trong nhật ký."),
            button: words.pick("Delete schedule", "Xoá lịch chạy"),
            action: "\(ScheduleRoutes.home)/\(schedule.id)/delete", keepHref: ScheduleRoutes.home)
        return Page(
            template: "confirm", section: .schedules, title: words.pick("Delete", "Xoá"), model: model,
            parents: [Link(href: ScheduleRoutes.home, label: words.pick("Schedules", "Lịch chạy"))])
    }
}
