-- The clock is held: it jumped ahead of this instant (UTC, ticks of 100 ns), and nobody has accepted it. One row or none.
CREATE TABLE clock_hold (
    since INTEGER NOT NULL
) STRICT;
