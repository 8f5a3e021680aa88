namespace Latchkey.Tests.Decisions;

/// <summary>A slug is a name that each customer gives as they like: two of them may give the same one.</summary>
public sealed class SlugTests
{
    private static readonly AppRef Ours = World.App("app_ours", World.Northwind, "website");
    private static readonly AppRef Theirs = World.App("app_theirs", World.Contoso, "website");

    [Fact]
    public async Task OneSlugOfTwoCustomers_MeansTheOpenOne_WhicheverCameLast()
    {
        await using var world = await World.StartAsync();
        var access = world.Access;
        await world.TurnOnAsync(Ours);
        Assert.Equal(("website", Ours.Id), (access.AddressOf(access.Find(Ours.Id)!), access.FindForAgent(World.Sam.Id, "website")?.App));

        await world.TurnOnAsync(Theirs);
        await world.TurnOffAsync(Theirs);
        Assert.Equal(Ours.Id, access.FindForAgent(World.Sam.Id, "website")?.App);

        await world.TurnOnAsync(Theirs);
        await world.TurnOffAsync(Ours);
        Assert.Equal(Theirs.Id, access.FindForAgent(World.Sam.Id, "website")?.App);
        await world.RestartAsync();
        Assert.Equal(Theirs.Id, world.Access.FindForAgent(World.Sam.Id, "website")?.App);
    }

    [Fact]
    public async Task WhileBothAreOpen_ItMeansTheOneThatTheAgentIsIn_AndElseTheIdTellsThemApart()
    {
        await using var world = await World.StartAsync();
        var access = world.Access;
        await world.TurnOnAsync(Ours);
        await world.TurnOnAsync(Theirs);
        Assert.Null(access.FindForAgent(World.Sam.Id, "website"));
        foreach (var app in new[] { Ours, Theirs })
        {
            Assert.Equal(app.Id.Value, access.AddressOf(access.Find(app.Id)!));
            Assert.Equal(app.Id, access.FindForAgent(World.Sam.Id, app.Id.Value)?.App);
            Assert.Equal(app.Id, access.FindForAgent(World.Sam.Id, "website", inside: app.Id)?.App);
        }

        await world.EnterAsync(Theirs, World.Sam);
        Assert.Equal(Theirs.Id, access.FindForAgent(World.Sam.Id, "website")?.App);
        Assert.Null(access.FindForAgent(World.Sue.Id, "website"));
        await world.EnterAsync(Ours, World.Sam);
        Assert.Null(access.FindForAgent(World.Sam.Id, "website"));
    }

    [Fact]
    public async Task ASlugThatIsAnothersId_TakesNothingOver()
    {
        await using var world = await World.StartAsync();
        var squatter = World.App("app_squatter", World.Contoso, World.Ios.Id.Value);
        await world.TurnOnAsync(squatter);
        await world.TurnOnAsync(World.Ios);
        Assert.Equal(World.Ios.Id, world.Access.FindForAgent(World.Sam.Id, World.Ios.Id.Value)?.App);
        Assert.Equal(World.Ios.Id, world.Access.FindToEnd(World.Adam.Person, World.Ios.Id.Value)?.App);
    }

    [Fact]
    public async Task WhatIsNotLent_IsMeantByNothing()
    {
        await using var world = await World.StartAsync();
        await world.TurnOnAsync(Ours);
        Assert.Null(world.Access.FindForAgent(World.Sam.Id, Theirs.Id.Value));
        Assert.Null(world.Access.FindForAgent(World.Sam.Id, "website", inside: Theirs.Id));
    }
}
