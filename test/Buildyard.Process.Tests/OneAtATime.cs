// Each test runs servers of its own beside what other projects test at the same time.
[assembly: CollectionBehavior(MaxParallelThreads = 1)]
