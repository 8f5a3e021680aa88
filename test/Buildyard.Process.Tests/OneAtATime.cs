// Each test runs servers of its own beside what other projects test at the same time.
[assembly: Xunit.v3.Parallelization(MaxThreads = 1)]
