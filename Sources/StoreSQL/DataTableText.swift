/// A name as both engines read it.
package func quoted(_ identifier: String) -> String {
    "\"\(identifier.replacing("\"", with: "\"\""))\""
}
