package test.northwind.shop

/** What a customer is about to buy. */
data class Line(val title: String, val cents: Int, val count: Int)

class Cart(private val lines: List<Line> = emptyList()) {
    val totalInCents: Int
        get() = lines.sumOf { it.cents * it.count }

    fun with(line: Line) = Cart(lines + line)
}
