using System.Collections;
using System.Collections.Immutable;
using System.Reflection;

namespace Latchkey.Tests.Storage;

/// <summary>
/// Whatever a host hands in with something missing, in whatever field: it is answered, it is its caller's alone, and what was ended stays so.
/// The table is made from the types, so that a field that is added is in it.
/// </summary>
public sealed class HostValueTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private static readonly Plea s_plea = new("Their build fails");

    private static readonly Dictionary<string, Func<SupportAccess, Host, Task>> Deeds = new(StringComparer.Ordinal)
    {
        ["turn on"] = (access, host) => access.TurnOnAsync(host.App, host.Lender, host.Terms),
        ["turn off"] = (access, host) => access.TurnOffAsync(host.App, host.Lender),
        ["enter"] = (access, host) => access.EnterAsync(host.App.Id, host.Agent, "A reason", ticket: null),
        ["ask"] = (access, host) => access.RequestAsync(new RequestTarget(host.App.Account, host.App, host.App.Name?.Title!), host.Agent, s_plea),
        ["rename"] = (access, host) => access.AppChangedAsync(host.App),
        ["add"] = (access, host) => access.AppAddedAsync(host.App),
        ["write"] = (access, host) => access.OpenConversationAsync(
            new Topic(host.App.Account, host.App.Name?.AccountTitle!, host.App), Speaker.Of(host.Agent), "A subject", new Said("Words")),
        ["rule"] = (access, host) => access.RuleAsync(host.App.Account, host.Lender, AccountPolicy.Default with { Refuses = true }),
        ["end all"] = (access, host) => access.EndAccountAccessAsync(host.App.Account, host.Lender),
        ["delete"] = (access, host) => access.AppDeletedAsync(host.App.Id),
    };

    public static TheoryData<string> Table => [.. Deeds.Keys];

    [Theory]
    [MemberData(nameof(Table))]
    public async Task WhatAHostLeavesOut_HarmsNobodyElse(string deed)
    {
        await using var world = await World.StartAsync();
        await world.TurnOnAsync(World.Web);
        var others = await world.EnterAsync(World.Web, World.Sue);
        var done = 0;
        foreach (var (what, host) in Without(new Host(World.Android, World.Adam, World.Sam, new Terms(Also: ["artifact.read"]))))
        {
            await AnswerAsync(() => Deeds[deed](world.Access, host), $"{deed} with {what}");
            Assert.True(world.Access.Health.IsWorking, $"{deed} with {what}: {world.Access.Health.Message}");
            Assert.Equal(DecisionReason.Allowed, world.Ask(others));
            using var act = await world.BeginAsync(others, World.UpdateTitle, what);
            await act.EndAsync(ActOutcome.Done);
            Assert.Equal(++done, (await world.Ledgers.FactsAsync<ActBegun>(World.Contoso)).Count);

            // The customer's own key turns as ever, both ways.
            await world.Access.TurnOffAsync(World.Android, World.Adam);
            Assert.NotEqual(true, world.Access.Find(World.Android.Id)?.IsOpen(world.Clock.GetUtcNow()));
        }

        Assert.InRange(done, 10, 100);
        await world.Ledgers.AssertVerifiesAsync();
        await world.Ledgers.AssertStoryHoldsAsync();
        await world.RestartAsync();
        Assert.Equal(DecisionReason.Allowed, world.Ask(others));
        Assert.NotEqual(true, world.Access.Find(World.Android.Id)?.IsOpen(world.Clock.GetUtcNow()));
    }

    /// <summary>The same with one thing left out, each in turn, however deep.</summary>
    private static IEnumerable<(string What, T Value)> Without<T>(T value)
        where T : class
    {
        foreach (var property in value.GetType().GetProperties(BindingFlags.Instance | BindingFlags.Public).Where(p => p.GetMethod!.GetParameters().Length == 0))
        {
            if (property.SetMethod is null || property.PropertyType == typeof(bool))
            {
                continue;
            }

            yield return ($"no {property.Name}", With(value, property, null));
            foreach (var (what, with) in Within(property.GetValue(value)))
            {
                yield return ($"{property.Name}: {what}", With(value, property, with));
            }
        }
    }

    private static IEnumerable<(string What, object Value)> Within(object? value) => value switch
    {
        string => [("empty", ""), ("half a character", "\ud800"), ("a null character", "a\0b")],
        IEnumerable<PersonId> => [("no id in it", ImmutableArray.Create(default(PersonId)))],
        IEnumerable => [("nothing in it", new string[] { null! })],
        not null when value.GetType() is { IsValueType: false } => Without(value),
        _ => [],
    };

    private static T With<T>(T value, PropertyInfo property, object? part)
        where T : class
    {
        var copy = (T)typeof(object).GetMethod("MemberwiseClone", BindingFlags.Instance | BindingFlags.NonPublic)!.Invoke(value, [])!;
        property.SetValue(copy, part);
        return copy;
    }

    private static async Task AnswerAsync(Func<Task> ask, string what)
    {
        try
        {
            await ask().WaitAsync(s_patience, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"{what} is answered by nobody");
        }
        catch (Exception e) when (e is not Xunit.Sdk.XunitException)
        {
            // Its caller's own.
        }
    }

    private sealed record Host(AppRef App, Lender Lender, AgentRef Agent, Terms Terms);
}
