import Foundation

/// What a customer is about to buy.
struct Cart {
    struct Line {
        let title: String
        let cents: Int
        let count: Int
    }

    private(set) var lines: [Line] = []

    var totalInCents: Int {
        lines.reduce(0) { $0 + $1.cents * $1.count }
    }

    mutating func add(_ line: Line) {
        lines.append(line)
    }
}
