// size: a table

/// What the commands and the connector say of budgets, in Vietnamese.
extension Words {
    static let budgets: Entries = [
        ("setting_budgets", "đặt ngân sách"), ("rule", "quy tắc"), ("bounds", "giới hạn"), ("campaign", "chiến dịch"),
        ("schedule", "lịch"), ("dry run", "chạy thử"), ("budgets", "ngân sách"),
        ("budget_changes", "thay đổi ngân sách"),
        (
            "Budgets of campaigns by the hour: plans, changes, undo.",
            "Ngân sách chiến dịch theo giờ: kế hoạch, thay đổi, hoàn tác."
        ),
        (
            "A plan says what the budgets of a shop's campaigns are to be at which hour of which day. `sluice worker` "
                + "keeps to it every half hour; `sluice sync shopee --streams budgets` does so at once. What a person "
                + "has changed since is left alone.",
            "Kế hoạch cho biết ngân sách các chiến dịch của cửa hàng vào giờ nào, ngày nào. `sluice worker` giữ theo "
                + "kế hoạch mỗi nửa giờ; `sluice sync shopee --streams budgets` làm ngay. Những gì người quản lý đã "
                + "đổi sau đó được giữ nguyên."
        ),
        ("The shop's id; may be left out while there is one.", "Mã cửa hàng; có thể bỏ qua khi chỉ có một."),
        ("The plan, and how each campaign stands to it.", "Kế hoạch, và tình trạng từng chiến dịch."),
        (
            "Take over a plan from a JSON file, in place of the one before.",
            "Nhận kế hoạch từ một tệp JSON, thay cho kế hoạch trước."
        ),
        (
            "What was left to people under the plan before follows the new one. The schedule that keeps to it is "
                + "switched on.",
            "Những gì trước đây để người quản lý quyết định sẽ theo kế hoạch mới. Lịch giữ theo kế hoạch được bật."
        ),
        (
            "The plan: a JSON file, see docs/shopee-budgets.md.",
            "Kế hoạch: một tệp JSON, xem docs/shopee-budgets.md."
        ),
        ("Change nothing: note what would be changed.", "Không đổi gì: chỉ ghi lại những gì sẽ đổi."),
        (
            "The latest changes of budgets, newest first, with the value before.",
            "Các lần đổi ngân sách gần nhất, mới nhất trước, kèm giá trị trước đó."
        ),
        ("No budget of {1} was changed yet.", "Chưa có ngân sách nào của {1} được đổi."),
        (
            "Set budgets back to what they were before changes.",
            "Đặt lại ngân sách như trước các lần đổi."
        ),
        (
            "It happens with the next run. The budgets stay there until `sluice budgets release` gives their "
                + "campaigns back to the plan. What a person has set since stays as it is.",
            "Việc này diễn ra trong lần chạy tới. Ngân sách ở nguyên đó cho đến khi `sluice budgets release` trả "
                + "chiến dịch về kế hoạch. Những gì người quản lý đã đặt sau đó được giữ nguyên."
        ),
        (
            "Changes from `sluice budgets log`; none for those of the last run.",
            "Các lần đổi từ `sluice budgets log`; bỏ trống để lấy lần chạy cuối."
        ),
        (
            "Give campaigns back to the plan that a person changed, or whose changes were undone.",
            "Trả về kế hoạch các chiến dịch mà người quản lý đã đổi, hoặc đã hoàn tác."
        ),
        ("Ids of campaigns.", "Mã các chiến dịch."),
        ("The plan counts again for {1}.", "Kế hoạch lại áp dụng cho {1}."),
        ("Take the plan away. Budgets stay as they are.", "Bỏ kế hoạch. Ngân sách giữ nguyên."),
        (
            "The budgets of {1} follow no plan any more; they stay as they are.",
            "Ngân sách của {1} không còn theo kế hoạch nào; chúng giữ nguyên."
        ),
        (
            "The budgets of {1} follow no plan. `sluice budgets set` makes one.",
            "Ngân sách của {1} không theo kế hoạch nào. `sluice budgets set` tạo kế hoạch."
        ),
        ("undone; stays until it is released", "đã hoàn tác; giữ nguyên cho đến khi được trả lại"),
        ("follows the plan from the next run on", "theo kế hoạch từ lần chạy tới"),
        (
            "There is no account {1} whose budgets can be planned. Sync it first.",
            "Không có tài khoản {1} nào lập được kế hoạch ngân sách. Hãy đồng bộ trước."
        ),
        (
            "There is no account yet whose budgets can be planned. Sync a Shopee shop first.",
            "Chưa có tài khoản nào lập được kế hoạch ngân sách. Hãy đồng bộ một cửa hàng Shopee trước."
        ),
        ("Say whose budgets are meant: --account {1}.", "Hãy cho biết ngân sách của ai: --account {1}."),
        (
            "There is no change {1}. `sluice budgets log` shows all.",
            "Không có lần đổi {1}. `sluice budgets log` liệt kê tất cả."
        ),
        ("No budget was changed yet.", "Chưa có ngân sách nào được đổi."),
        (
            "The change {1} cannot be undone: the budget before it is not known.",
            "Không hoàn tác được lần đổi {1}: không biết ngân sách trước đó."
        ),
        (
            "There is no plan of budgets for {1}. `sluice budgets set` makes one.",
            "Chưa có kế hoạch ngân sách cho {1}. `sluice budgets set` tạo kế hoạch."
        ),
        (
            "There is no plan of budgets yet. `sluice budgets set` makes one.",
            "Chưa có kế hoạch ngân sách. `sluice budgets set` tạo kế hoạch."
        ),
        ("A plan of budgets was set by {1}", "Kế hoạch ngân sách được đặt bởi {1}"),
        ("The plan of budgets was taken away by {1}", "Kế hoạch ngân sách bị bỏ bởi {1}"),
        (
            "The budgets of {1} were given back to the plan by {2}",
            "Ngân sách của {1} được trả về kế hoạch bởi {2}"
        ),
        ("Changes of budgets were undone by {1}: {2}", "Các lần đổi ngân sách được hoàn tác bởi {1}: {2}"),
        (
            "A plan of budgets is no setting: `sluice budgets set` makes one.",
            "Kế hoạch ngân sách không phải là thiết lập: `sluice budgets set` tạo kế hoạch."
        ),
        // What is wrong with a plan.
        ("The plan of budgets is no JSON object.", "Kế hoạch ngân sách không phải là đối tượng JSON."),
        ("In the plan of budgets least is more than most.", "Trong kế hoạch ngân sách, least lớn hơn most."),
        (
            "In the plan of budgets changes_per_day takes a whole number from 1 on.",
            "Trong kế hoạch ngân sách, changes_per_day là số nguyên từ 1."
        ),
        ("The plan of budgets has no rules.", "Kế hoạch ngân sách không có quy tắc (rules)."),
        ("The plan of budgets has {1}, which means nothing.", "Kế hoạch ngân sách có {1}, không có nghĩa gì."),
        ("Write the amount of {1} in quotes: \"{2}\".", "Hãy viết số tiền của {1} trong dấu ngoặc kép: \"{2}\"."),
        ("In the plan of budgets {1} is no amount.", "Trong kế hoạch ngân sách, {1} không phải là số tiền."),
        (
            "Rule {1} of the plan of budgets is no JSON object.",
            "Quy tắc {1} của kế hoạch ngân sách không phải là đối tượng JSON."
        ),
        (
            "In the plan of budgets {1} takes true or false.",
            "Trong kế hoạch ngân sách, {1} nhận true hoặc false."
        ),
        (
            "The campaigns of the rule {1} are no list of ids.",
            "Các chiến dịch (campaigns) của quy tắc {1} không phải là danh sách mã."
        ),
        ("The rule {1} has no budgets.", "Quy tắc {1} không có ngân sách (budgets)."),
        (
            "The rule {1} needs one of campaigns, named, all and gmv_max.",
            "Quy tắc {1} cần đúng một trong campaigns, named, all và gmv_max."
        ),
        ("A budget of the rule {1} is no JSON object.", "Một ngân sách của quy tắc {1} không phải là đối tượng JSON."),
        ("A budget of the rule {1} has no amount.", "Một ngân sách của quy tắc {1} không có số tiền."),
        (
            "The budget {1} of the rule {2} is outside of the plan's own bounds.",
            "Ngân sách {1} của quy tắc {2} nằm ngoài giới hạn của chính kế hoạch."
        ),
        (
            "A budget of the rule {1} begins and ends at the same time.",
            "Một ngân sách của quy tắc {1} bắt đầu và kết thúc cùng lúc."
        ),
        // What the connector notes.
        (
            "The shop has no GMV Max campaign, so its budget is not set.",
            "Cửa hàng không có chiến dịch GMV Max, nên không đặt ngân sách cho nó."
        ),
        (
            "The plan of budgets names {1}, which is no campaign of the shop.",
            "Kế hoạch ngân sách nêu {1}, không phải là chiến dịch của cửa hàng."
        ),
        (
            "The budgets have had their {1} changes of the day; the rest waits for tomorrow.",
            "Ngân sách đã đổi đủ {1} lần trong ngày; phần còn lại chờ đến mai."
        ),
        ("What became of the budgets cannot be noted.", "Không ghi lại được kết quả đổi ngân sách."),
    ]
}
