import HTTPTypes

/// One route: whom it lets in, what it takes and what it gives. `Operation.all` has each route of the router once; from
/// it come the OpenAPI document and the tests that walk over all routes.
struct Operation: Sendable {
    enum Access: Sendable, Equatable {
        /// Everybody: signing in, probes.
        case open
        case visitor(Right)
        /// Somebody signed in with a browser; a token changes nothing of a person.
        case person(Right)
    }

    enum Kind: Sendable, Equatable {
        /// For people alone: not in the document.
        case page
        /// JSON (or a page by `Accept`): the status and the name of a schema.
        case json(Int, String)
        /// Server-sent events, by the name of the schema of the list that programs may have instead.
        case events(String?)
        case text
        /// Leads to another address.
        case moved
        /// A file in one of three forms.
        case file
    }

    var method: HTTPRequest.Method
    /// `/accounts/{id}`
    var path: String
    var access: Access
    var kind: Kind
    var summary = ""
    /// Parameters of the address and fields of the body, in the words of `SchemaText`.
    var query = ""
    var body = ""
    /// Sets of fields of the body of which one at least is needed, whole.
    var needs: [[String]] = []
    /// What the fields of the body do not tell by themselves.
    var bodyNote = ""
    /// The body also has the fields of a platform's credential.
    var credential: PlatformFields.Use?
    /// Other schemas that it answers with, by status.
    var others: [(status: Int, schema: String)] = []
    /// Statuses beside those that follow from the rest.
    var also: [Int] = []

    static func get(
        _ path: String, _ right: Right, _ schema: String, _ summary: String, query: String = "", also: [Int] = []
    ) -> Operation {
        Operation(
            method: .get, path: path, access: .visitor(right), kind: .json(200, schema), summary: summary,
            query: query, also: also)
    }

    static func post(
        _ path: String, _ right: Right, _ schema: String, _ summary: String, status: Int = 200, body: String = "",
        note: String = "", query: String = "", needs: [[String]] = [], also: [Int] = []
    ) -> Operation {
        Operation(
            method: .post, path: path, access: .visitor(right), kind: .json(status, schema), summary: summary,
            query: query, body: body, needs: needs, bodyNote: note, also: also)
    }

    static func page(_ method: HTTPRequest.Method, _ path: String, _ right: Right) -> Operation {
        Operation(method: method, path: path, access: .visitor(right), kind: .page)
    }

    var right: Right? {
        switch access {
        case .open: nil
        case .visitor(let right), .person(let right): right
        }
    }

    var queryFields: [SchemaText.Field] { SchemaText.fields(query) }
    var bodyFields: [SchemaText.Field] { SchemaText.fields(body) }

    /// All that it may answer with beside what was asked for.
    var errors: [Int] {
        var statuses = Set(also)
        if access != .open { statuses.formUnion([401, 403, 429]) }
        if path.contains("{") { statuses.insert(404) }
        if method != .get { statuses.formUnion([400, 403, 413, 415, 422, 429]) }
        if !query.isEmpty { statuses.insert(422) }
        if kind != .json(200, "Health") { statuses.insert(503) }
        return statuses.sorted()
    }

    static let all: [Operation] = entry + accounts + syncs + schedules + connections + settings + notices + system
}
