extension MetaSandbox {
    /// An error of the platform before it has become an answer (meta.md 7).
    struct GraphError: Error, Sendable {
        var code: Int
        var subcode: Int?
        var message: String
        var status = 400
        var type = "OAuthException"
        var isTransient = false
        var title: String?
        /// What `error_data` blames.
        var blame: String?

        init(
            _ code: Int, _ subcode: Int? = nil, _ message: String, status: Int = 400, isTransient: Bool = false,
            title: String? = nil, blame: String? = nil
        ) {
            self.code = code
            self.subcode = subcode
            self.message = message
            self.status = status
            self.isTransient = isTransient
            self.title = title
            self.blame = blame
        }

        static func parameter(_ message: String, blame: String? = nil) -> GraphError {
            GraphError(100, nil, "(#100) \(message)", title: "Invalid parameter", blame: blame)
        }

        static func missing(_ id: String, method: String = "get") -> GraphError {
            var error = GraphError(
                100, 33,
                """
                Unsupported \(method) request. Object with ID '\(id)' does not exist, cannot be loaded due to missing \
                permissions, or does not support this operation. Please read the Graph API documentation at \
                https://developers.facebook.com/docs/graph-api
                """)
            error.type = "GraphMethodException"
            return error
        }

        static func unknownField(_ name: String, on type: String) -> GraphError {
            GraphError(100, nil, "(#100) Tried accessing nonexisting field (\(name)) on node type (\(type))")
        }

        static func reduce(_ subcode: Int? = nil) -> GraphError {
            GraphError(
                1, subcode, "Please reduce the amount of data you're asking for, then retry your request", status: 500)
        }

        static func token(_ subcode: Int) -> GraphError {
            let reason =
                switch subcode {
                case 458: "The user has not authorized application 990000000000001."
                case 459: "The session has been invalidated because the user has been checkpointed."
                case 460: "The session has been invalidated because the user changed their password."
                case 463: "Session has expired."
                case 464: "Sessions for the user are not allowed because the user is not a confirmed user."
                case 492: "The session is invalid because the user is not in the required page role."
                default: "The access token is invalid since the user hasn't engaged the app in longer than 90 days."
                }
            return GraphError(190, subcode, "Error validating access token: \(reason)", status: 401)
        }
    }
}
