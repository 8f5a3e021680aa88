namespace Latchkey;

/// <summary>Of which time the vendor wants to know how support access was used.</summary>
/// <param name="Since">From this instant on.</param>
/// <param name="Now">Until this instant.</param>
/// <param name="Agent">Only this agent's doings; null for every agent's.</param>
/// <param name="Limit">At most so many keys of each kind, and so many agents.</param>
public sealed record UseQuery(DateTimeOffset Since, DateTimeOffset Now, AgentId? Agent = null, int Limit = 50);

/// <summary>How support access was used, by ids and numbers: whose names may be told is for the reader to know.</summary>
/// <param name="Unused">Keys that are lent now and that nobody has used, the oldest first.</param>
/// <param name="Longest">Keys that were lent at some time of the period, the longest window first.</param>
/// <param name="Agents">What each agent did in the period, the busiest first.</param>
public sealed record UseReport(IReadOnlyList<GrantUse> Unused, IReadOnlyList<GrantUse> Longest, IReadOnlyList<AgentUse> Agents);

/// <summary>A key and what came of it.</summary>
/// <param name="Id">The grant.</param>
/// <param name="Account">Who lent it.</param>
/// <param name="App">The app; null for every app of the account.</param>
/// <param name="ByRequest">Whether support had asked for it.</param>
/// <param name="Role">The role's name.</param>
/// <param name="From">When it began.</param>
/// <param name="Until">When it ends, or would have ended.</param>
/// <param name="EndedAt">When it ended; null while it is not on the ledger as ended.</param>
/// <param name="Sessions">How many sessions it saw.</param>
public sealed record GrantUse(
    GrantId Id, AccountId Account, AppId? App, bool ByRequest, string Role, DateTimeOffset From, DateTimeOffset Until, DateTimeOffset? EndedAt, int Sessions);

/// <summary>What an agent did in a period: by the sessions that they opened in it, and the requests that they made in it.</summary>
/// <param name="Agent">Who.</param>
/// <param name="Name">Their name at the newest of these; null once erased.</param>
/// <param name="Sessions">How many sessions.</param>
/// <param name="Acts">How many acts.</param>
/// <param name="Changes">How many of them were changes.</param>
/// <param name="Inside">How long these sessions lasted, together.</param>
/// <param name="Asked">How many requests they made.</param>
/// <param name="Allowed">How many of these a customer allowed.</param>
/// <param name="Declined">How many of these a customer declined.</param>
public sealed record AgentUse(AgentId Agent, string? Name, int Sessions, int Acts, int Changes, TimeSpan Inside, int Asked, int Allowed, int Declined);
