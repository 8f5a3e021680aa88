using System.Globalization;

namespace Latchkey.Tests.Model;

/// <content>The steps of a story in which time passes, a clock is set, or nobody runs.</content>
internal sealed partial class ModelRun
{
    private async Task PassTimeAsync(Seeded random)
    {
        var by = random.Below(8) switch
        {
            0 => TimeSpan.FromTicks(1 + random.Below(20_000)),
            1 => TimeSpan.FromMilliseconds(1 + random.Below(3_000)),
            2 => TimeSpan.FromSeconds(random.Pick(29, 30, 59, 60, 61)),
            3 => TimeSpan.FromMinutes(1 + random.Below(31)),
            4 when random.OneIn(3) => TimeSpan.FromHours(1 + random.Below(13)),
            _ => ToAnEdge(random),
        };
        Tell(string.Create(CultureInfo.InvariantCulture, $"{by} pass"));
        await AdvanceAsync(by);
    }

    /// <summary>To the very tick at which something ends, one before it, or one after it.</summary>
    private TimeSpan ToAnEdge(Seeded random)
    {
        var edges = _model.Grants.Where(g => g.EndedAt is null).Select(g => g.Until)
            .Concat(_model.Sessions.Where(s => s.ClosedAt is null).SelectMany(s => new[] { s.LastSeen.AddMinutes(30), s.OpenedAt.AddHours(12), s.CodeExpires }))
            .Concat(_model.Sessions.Where(s => s.ClosedAt is not null).Select(s => s.ClosedAt!.Value.AddDays(1)))
            .Select(edge => edge - _model.Now + TimeSpan.FromTicks(random.Below(3) - 1))
            .Where(by => by > TimeSpan.Zero && by < TimeSpan.FromHours(25))
            .Order()
            .ToList();
        return edges.Count == 0 ? TimeSpan.FromMinutes(1) : edges[Math.Min(edges.Count - 1, random.Below(4))];
    }

    private async Task SetClockAsync(Seeded random)
    {
        var by = random.Below(6) switch
        {
            0 => TimeSpan.FromMilliseconds(random.Below(3_000)),
            1 or 2 => TimeSpan.FromMilliseconds(-random.Below(4_000)),
            3 => TimeSpan.FromHours(-1 - random.Below(30)),
            4 => TimeSpan.FromMinutes(1 + random.Below(3_000)),
            _ => _expected - _world.Clock.GetUtcNow(),
        };
        Tell(string.Create(CultureInfo.InvariantCulture, $"The clock is set by {by}"));
        _world.Clock.SetWall(_world.Clock.GetUtcNow() + by);
        NoticeJump();
        await _world.SettleAsync();

        // A clock that was set is noticed within a second.
        await AdvanceAsync(TimeSpan.FromSeconds(1));
        if (_held && random.OneIn(3))
        {
            await ObserveAsync();
            await RestartAsync(random);
        }
    }

    private async Task AcceptClockAsync(Seeded random)
    {
        var lead = random.Pick(Agents);
        Tell($"{lead.Id} accepts the clock");
        var answer = await Access.AcceptClockAsync(lead);
        CheckOutcome(answer.Refusal, _held ? null : RefusalReason.Invalid);
        if (_held)
        {
            (_held, _expected) = (false, _world.Clock.GetUtcNow());
            _latest = _expected > _latest ? _expected : _latest;
            await AdvanceAsync(TimeSpan.FromMinutes(1));
        }
    }

    private async Task RestartAsync(Seeded random)
    {
        var down = random.Below(5) switch
        {
            0 => TimeSpan.FromMinutes(random.Below(60)),
            1 => TimeSpan.FromDays(random.Below(20)),
            2 => ToAnEdge(random),
            _ => TimeSpan.Zero,
        };
        Tell(string.Create(CultureInfo.InvariantCulture, $"Stopped, {down} pass, started again"));
        await _world.RestartAsync(down);
        _acts.Clear();
        foreach (var session in _model.Sessions)
        {
            session.LastSeen = session.LastRecorded;
            session.Reads.Clear();
        }

        await StartAgainAsync();
    }

    /// <summary>A start trusts the clock, unless it was held: then time goes on from what was vouched for.</summary>
    private async Task StartAgainAsync()
    {
        var newest = await _world.Ledgers.NewestAsync();
        _expected = !_held ? _world.Clock.GetUtcNow() : newest - _vouched > TimeSpan.FromSeconds(5) ? newest : _vouched;
        NoticeJump();
    }

    private async Task AdvanceAsync(TimeSpan by)
    {
        _world.Clock.Advance(by);
        _expected += by;
        await _world.SettleAsync();
    }

    private void NoticeJump()
    {
        var jumped = _world.Clock.GetUtcNow() - _expected > TimeSpan.FromSeconds(5);
        _vouched = jumped && !_held ? _expected : _vouched;
        _held = jumped;
    }
}
