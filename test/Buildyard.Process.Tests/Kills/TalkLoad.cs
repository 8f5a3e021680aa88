using System.Collections.Concurrent;

namespace Buildyard.Process.Tests.Kills;

/// <summary>A message that was answered with success, with the file that it took along.</summary>
internal sealed record SpokenMessage(string Conversation, string Id, string Text, string? File);

/// <summary>What was acknowledged in conversations since the first start.</summary>
internal sealed class Spoken
{
    /// <summary>Conversations by app.</summary>
    public ConcurrentDictionary<string, string> Conversations { get; } = new();

    public ConcurrentBag<SpokenMessage> Messages { get; } = [];

    /// <summary>Texts of uploaded files, by id.</summary>
    public ConcurrentDictionary<string, string> Files { get; } = new();

    /// <summary>States of requests for access, by id.</summary>
    public ConcurrentDictionary<string, Latest<string>> Requests { get; } = new();
}

/// <summary>People who write to each other, send files, ask for access and answer.</summary>
internal sealed class TalkLoad(Acknowledged acknowledged, Seeded seeded, Func<string, Caller> as_, Func<string, string> word, Func<Reply, bool> note)
{
    private const string Root = "/support-access/v1";

    private Spoken Spoken => acknowledged.Spoken;

    /// <summary>Opens the conversation about an app where there is none, and writes in it.</summary>
    public async Task CustomerAsync(string who, string app)
    {
        if (Spoken.Conversations.TryGetValue(app, out var id))
        {
            await WriteAsync(who, id);
            return;
        }

        var text = word("question");
        var opened = await as_(who).PostAsync($"{Root}/conversations", new { app, subject = word("subject"), text });
        if (note(opened))
        {
            id = opened.Json["id"]!.GetValue<string>();
            Spoken.Messages.Add(new(id, opened.Json["message"]!.GetValue<string>(), text, File: null));
            Spoken.Conversations[app] = id;
        }
    }

    /// <summary>Answers in the conversation about an app, once there is one.</summary>
    public Task AgentAsync(string who, string app) =>
        Spoken.Conversations.TryGetValue(app, out var id) ? WriteAsync(who, id) : LookAsync(who, $"{Root}/inbox");

    /// <summary>An agent asks for access; the customer allows it or says "not now", or the agent takes it back.</summary>
    public async Task AskingAsync(string agent, string customer, string app)
    {
        if (!Spoken.Conversations.TryGetValue(app, out var conversation))
        {
            await CustomerAsync(customer, app);
            return;
        }

        var asked = await as_(agent).PostAsync($"{Root}/requests", new { conversation, reason = word("reason"), duration = "PT1M" });
        if (!note(asked))
        {
            await ClearAsync(agent, customer, conversation);
            return;
        }

        var id = asked.Json["id"]!.GetValue<string>();
        var state = Spoken.Requests[id] = new("pending");
        var (who, what, then) = seeded.Below(3) switch
        {
            0 => (customer, "approve", "approved"),
            1 => (customer, "deny", "denied"),
            _ => (agent, "withdraw", "withdrawn"),
        };
        note(await state.ReplaceAsync(then, () => as_(who).PostAsync($"{Root}/requests/{id}/{what}")));
    }

    /// <summary>What stands in the way of asking: a request whose answer a kill cut off, or that the customer has said nothing since.</summary>
    private async Task ClearAsync(string agent, string customer, string conversation)
    {
        var newest = (await as_(agent).GetAsync($"{Root}/requests?limit=1")).Json["items"]!.AsArray();
        if (newest is [{ } request] && request["state"]!.GetValue<string>() == "pending")
        {
            var id = request["id"]!.GetValue<string>();
            var take = () => as_(agent).PostAsync($"{Root}/requests/{id}/withdraw");
            note(Spoken.Requests.TryGetValue(id, out var state) ? await state.ReplaceAsync("withdrawn", take) : await take());
        }
        else
        {
            await WriteAsync(customer, conversation);
        }
    }

    private async Task WriteAsync(string who, string conversation)
    {
        string? file = null;
        if (seeded.Below(3) == 0)
        {
            var content = $"{word("line")}\n{new string('x', seeded.Below(20_000))}\n";
            var uploaded = await as_(who).PostTextAsync($"{Root}/conversations/{conversation}/attachments?name=log.txt", content);
            if (note(uploaded))
            {
                file = uploaded.Json["id"]!.GetValue<string>();
                Spoken.Files[file] = content;
            }
        }

        var text = word("message");
        var sent = await as_(who).PostAsync($"{Root}/conversations/{conversation}/messages", new { text, attachments = file is null ? [] : new[] { file } });
        if (note(sent))
        {
            Spoken.Messages.Add(new(conversation, sent.Json["id"]!.GetValue<string>(), text, file));
        }
        else
        {
            await LookAsync(who, $"{Root}/conversations/{conversation}/items?limit=5");
        }
    }

    private async Task LookAsync(string who, string path) => note(await as_(who).GetAsync(path));
}
