import Foundation

/// Prices as people read them.
enum Prices {
    static func text(cents: Int) -> String {
        let euros = cents / 100
        let rest = cents % 100
        return String(format: "%d.%02d €", euros, rest)
    }
}
