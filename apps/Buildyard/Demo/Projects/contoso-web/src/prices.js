/** Prices as people read them. */
export const text = (cents) => `${Math.trunc(cents / 100)}.${String(cents % 100).padStart(2, "0")} €`;

export const total = (lines) => lines.reduce((sum, line) => sum + line.cents * line.count, 0);
