using System.Net.Sockets;
using Buildyard;
using Latchkey;

try
{
    await using var app = await BuildyardApp.CreateAsync(args);
    try
    {
        await app.StartAsync();
    }
    catch
    {
        // What has begun already is told to stop: otherwise it would complain of what is taken away below it.
        await app.StopAsync();
        throw;
    }

    await app.WaitForShutdownAsync();
    return 0;
}
catch (Exception e) when (e is StartRefusedException or LedgerStoreException)
{
    await Console.Error.WriteLineAsync($"Buildyard didn't start: {e.Message}");
    return 1;
}
catch (Exception e) when (e is SocketException or IOException { InnerException: Microsoft.AspNetCore.Connections.AddressInUseException })
{
    await Console.Error.WriteLineAsync($"Buildyard didn't start: {e.Message.TrimEnd('.')}. Stop what listens there, or choose another address with --urls.");
    return 1;
}
