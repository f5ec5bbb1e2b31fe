import SyncCore
import Wording

/// `account-data.mustache`: a table of a stream's rows, filtered and sorted, and the way to take them along.
struct DataPage: Sendable {
    var account: AccountPage.Head
    var canAct: Bool
    var pause: AccountPage.Act?
    var sync: Post?
    var menu: [AccountPage.MenuItem]
    var tabs: [AccountPage.Tab]
    var table: Table

    struct Table: Sendable {
        var levels: [Choice]
        var lists: Menu?
        var filters: [Filter]
        var filterMenu: [Field]
        var keep: [Kept]
        var text: String
        /// Rows of no days.
        var isTimeless: Bool
        var range: String
        var ranges: [Choice]
        var columnMenu: Columns?
        var export: Export?
        var columns: [Head]
        var rows: [Row]
        var sum: Row?
        var isEmpty: Bool
        var empty: String
        var clearHref: String
        var hasPages: Bool
        var pages: LogsPage.Pages?
        var note: String
        var basis: String
    }

    struct Choice: Sendable {
        var href: String
        var label: String
        var isCurrent: Bool
    }

    struct Menu: Sendable {
        var label: String
        var options: [Choice]
    }

    struct Filter: Sendable {
        var name: String
        var value: String
        var clearHref: String
    }

    struct Field: Sendable {
        var label: String
        var name: String
        var mode: String
        var keep: [Kept]
    }

    struct Kept: Sendable {
        var key: String
        var value: String
    }

    struct Columns: Sendable {
        var label: String
        var options: [Option]
        var keep: [Kept]

        struct Option: Sendable {
            var value: String
            var label: String
            var isOn: Bool
        }
    }

    struct Export: Sendable {
        var action: String
        var count: String
        var formats: [Format]
        var keep: [Kept]

        struct Format: Sendable {
            var value: String
            var label: String
            var `extension`: String
        }
    }

    struct Head: Sendable {
        var label: String
        /// Nil for what nothing is sorted by.
        var href: String?
        var isNumber: Bool
        var sorted: String?
        var arrow: String?
    }

    struct Row: Sendable {
        var kind = ""
        var hasDot = false
        var dot = ""
        var status = ""
        var href: String?
        var name: String
        var brief: String?
        var cells: [Cell]
    }

    struct Cell: Sendable {
        var text: String
        /// With its currency, for a phone, which shows no headings; nil where that says no more.
        var whole: String?
        var isText = false
        var isSorted = false
        var isStrong = false
        var share: Share?

        struct Share: Sendable {
            var from: String
            var width: String
        }
    }
}
