/// The address that people type, as an operator gave it: a scheme and a host.
package enum PublicURL {
    /// As browsers write it: small letters, no port that goes without saying, no slash at its end. Nil for what people
    /// could not reach a page at.
    package static func normal(_ text: String) -> String? {
        guard let mark = text.firstRange(of: "://") else { return nil }
        let scheme = text[..<mark.lowerBound].lowercased()
        var place = text[mark.upperBound...].lowercased()
        if place.hasSuffix("/") { place.removeLast() }
        let usual = ["http": 80, "https": 443]
        guard let port = usual[scheme] else { return nil }
        // A host with a port, or one without.
        let end = place.hasSuffix("]") || !place.contains(":") ? ":\(port)" : ""
        guard let address = try? ListenAddress(place + end), address.port > 0 else { return nil }
        guard !address.host.contains("\\"), !address.host.hasPrefix("."), !address.host.hasSuffix(".") else {
            return nil
        }
        let host = address.host.contains(":") ? "[\(address.host)]" : address.host
        return "\(scheme)://\(host)" + (address.port == port ? "" : ":\(address.port)")
    }
}
