import Hummingbird
import SyncCore
import Wording

/// What the frame of a page shows: `layout.mustache`, `frame-plain.mustache`.
struct Shell: Sendable {
    var title: String
    var language: String
    /// A class: `light`, `dark`, or none for what the system has.
    var theme: String
    var assets: Assets
    /// The sheet of symbols.
    var icons: String
    var content: String
    var path: String
    /// Whether single keys do something: `on` or `off`.
    var keys: String
    /// The page of a sync that goes on.
    var running: String?
    /// Where events come from; nil for a page that stands still.
    var live: String?
    /// For pages without the script.
    var reloadSeconds: String?
    var workspace = ""
    var nav: [NavItem] = []
    /// Pages above this one.
    var parents: [Link] = []
    /// The nearest of them, where a phone goes back to.
    var parent: Link?
    var phoneTitle = ""
    var languages: [Choice]
    var themes: [Choice]
    var user = Person()
    var notices = Notices()
    var history: History?
    var status: Status?
    /// Everything stands still.
    var paused: Banner?
    var banners: [Banner] = []
    var toast: Toast?
    var steps: Steps?
    var leave: Link?

    /// For parts of a frame that are drawn by themselves.
    static var empty: Shell {
        Shell(
            title: "", language: "", theme: "",
            assets: Assets(css: "", moreCss: "", js: "", moreJs: "", icon: "", hasMore: true), icons: "", content: "",
            path: "", keys: "on", languages: [], themes: [])
    }

    struct Assets: Sendable {
        var css: String
        var moreCss: String
        var js: String
        var moreJs: String
        var icon: String
        /// False where the first paint does without: they come later.
        var hasMore: Bool
    }

    struct NavItem: Sendable {
        var href: String
        var label: String
        var short: String
        var icon: String
        var isCurrent: Bool
        var count: String
        var hasCount: Bool
        var isAlert: Bool
        /// Stands in a phone's bar.
        var inBar: Bool
    }

    struct Choice: Sendable {
        var code: String
        var short: String
        var name: String
        /// `true` or `false`, for `aria-pressed`.
        var isCurrent: String
    }

    struct Person: Sendable {
        var initials = ""
        var name = ""
        var role = ""
    }

    struct Notices: Sendable {
        var hasCount = false
        var count = ""
        var label = ""
    }

    /// The badge of history that is being filled in.
    struct History: Sendable {
        var tone: String
        var ring: String?
        var icon: String?
        var label: String
        var value: String
        var months: String
        var accounts: [Line]
        var details: Link?
        var actions: [Post]

        struct Line: Sendable {
            var name: String
            var text: String
            var bar: Bar?
            var run: Post?
        }
    }

    struct Bar: Sendable { var width: String }

    /// Whether work moves.
    struct Status: Sendable {
        var tone: String
        var word: String
        var ago: String
        var line: String
        var version: String
    }

    struct Banner: Sendable {
        var tone: String
        var icon: String
        var lead: String
        var rest: String
        var action: Link?
        var post: Post?
    }

    struct Toast: Sendable {
        var tone: String
        var icon: String
        var lead: String
        var rest: String
        var action: Link?
        var undo: Post?
    }

    struct Steps: Sendable {
        var items: [Item]

        struct Item: Sendable {
            var number: String
            var label: String
            var state: String
            var isDone: Bool
            var isCurrent: Bool
        }
    }
}

struct Link: Sendable {
    var href: String
    var label: String
}

struct Post: Sendable {
    var action: String
    var label: String
    /// The cause that a retry keeps to.
    var only: String?
}

/// One page: its template with what it shows, and what it wants of the frame.
struct Page: Sendable {
    /// Also the file's name.
    var template: String
    /// Which entry of the rail it belongs to.
    var section: Section
    var title: String
    var model: any Sendable
    var parents: [Link] = []
    /// Events are pushed to it.
    var isLive = false
    var reloadSeconds: Int?
    var status: HTTPResponse.Status = .ok
    /// Without the rail.
    var isPlain = false
    var steps: Shell.Steps?
    var leave: Link?
    /// What a phone shows instead of the title.
    var phoneTitle: String?

    enum Section: String, Sendable {
        case dashboard, accounts, quick, schedules, logs, settings, none
    }
}
