import ConnectorKit
import SyncCore

extension MetaSandbox {
    /// `POST /` with `batch`: up to 50 calls in one, each with its own status, headers and body (meta.md 5).
    mutating func batch(_ request: Request, _ text: String, chance: UInt64, at now: Instant) -> (Answer, Int64) {
        guard let items = JSON(parsing: text)?.list else {
            return (answer(to: .parameter("batch parameter must be a JSON array"), chance: chance), 0)
        }
        guard items.count <= world.batch.most else {
            let error = GraphError.parameter(
                "Too many requests in batch message. Maximum batch size is \(world.batch.most)")
            return (answer(to: error, chance: chance), 0)
        }
        let hasHeaders = request.params["include_headers"] != "false"
        var results: [JSON] = []
        var named: [String: [UInt8]] = [:]
        var longest: Int64 = 0
        var rows = 0
        for (index, item) in items.enumerated() {
            let dice = Mix.hash(chance, 300 + index)
            guard let sub = subRequest(item, of: request, named) else {
                let error = answer(to: .parameter("Invalid batch item \(index)"), chance: dice)
                results.append(entry(error, headers: [], hasHeaders))
                continue
            }
            let strikes = faults.draw(sub, chance: dice, at: now)
            if strikes.has(.nullItem) || Mix.strikes(world.batch.nulls, Mix.hash(dice, 1)) {
                results.append(.null)
                continue
            }
            let reply = single(sub, strikes: strikes, chance: dice, at: now)
            longest = max(longest, reply.work)
            rows += reply.answer.rows
            if let name = item["name"]?.text { named[name] = reply.answer.body }
            let isQuiet = item["omit_response_on_success"].map { $0.text == "true" } ?? (item["name"] != nil)
            let isReferred = item["name"]?.text.map { name in items.contains { $0.refers(to: name) } } ?? false
            let isOmitted = isQuiet && isReferred && reply.answer.error == nil
            results.append(isOmitted ? .null : entry(reply.answer, headers: reply.headers, hasHeaders))
        }
        var answer = Answer(.list(results))
        answer.rows = rows
        return (answer, longest)
    }

    private func entry(_ answer: Answer, headers: [(name: String, value: String)], _ hasHeaders: Bool) -> JSON {
        var members: [(key: String, value: JSON)] = [("code", .int(Int64(answer.status)))]
        if hasHeaders {
            var all = headers + answer.headers
            if let error = answer.error {
                all.append(("WWW-Authenticate", "OAuth \"Facebook Platform\" \"invalid_request\" \"\(error.message)\""))
            }
            members.append(
                (
                    "headers",
                    .list(all.map { .object([("name", .text($0.name)), ("value", .text($0.value))]) })
                ))
        }
        members.append(("body", .text(String(decoding: answer.body, as: UTF8.self))))
        return .object(members)
    }

    /// A batch item as a request: version and token come from the outer call unless it has its own.
    private func subRequest(_ item: JSON, of outer: Request, _ named: [String: [UInt8]]) -> Request? {
        guard let method = item["method"]?.text, var url = item["relative_url"]?.text else { return nil }
        url = resolved(url, named)
        let body = resolved(item["body"]?.text ?? "", named)
        var sub = Request(
            method: method.uppercased(), target: url.hasPrefix("/") ? url : "/\(url)", form: FormCoding.decode(body))
        sub.isBatchItem = true
        sub.version = sub.version ?? outer.version
        if sub.token == nil {
            sub.token = outer.token
            sub.proof = sub.proof ?? outer.proof
        }
        return sub
    }

    /// Replaces `{result=NAME:$.path}` by what an earlier item answered.
    private func resolved(_ text: String, _ named: [String: [UInt8]]) -> String {
        guard text.contains("{result="), !named.isEmpty else { return text }
        var out = ""
        var rest = text[...]
        while let open = rest.firstRange(of: "{result=") {
            out += rest[..<open.lowerBound]
            guard let close = rest[open.upperBound...].firstIndex(of: "}") else { break }
            let parts = rest[open.upperBound..<close].split(separator: ":", maxSplits: 1).map(String.init)
            let source = parts.first.flatMap { named[$0] }.flatMap { JSON(parsing: $0) }
            out += source.map { values(parts.count > 1 ? parts[1] : "$", in: $0).joined(separator: ",") } ?? ""
            rest = rest[rest.index(after: close)...]
        }
        return out + rest
    }

    /// JSONPath as far as batches use it: `$.data.*.id`, `$.data.0.id`, `$.data[0].id`.
    private func values(_ path: String, in json: JSON) -> [String] {
        var found = [json]
        let steps = path.replacing("[", with: ".").replacing("]", with: "").split(separator: ".").dropFirst()
        for step in steps {
            found = found.flatMap { value -> [JSON] in
                if step == "*" { return value.list ?? [] }
                if let index = Int(step), let list = value.list {
                    return list.indices.contains(index) ? [list[index]] : []
                }
                return value[String(step)].map { [$0] } ?? []
            }
        }
        return found.compactMap(\.text)
    }
}

extension SandboxJSON {
    fileprivate func refers(to name: String) -> Bool {
        let mark = "{result=\(name):"
        return self["relative_url"]?.text?.contains(mark) == true || self["body"]?.text?.contains(mark) == true
    }
}
