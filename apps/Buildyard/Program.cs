using Buildyard;
using Latchkey;

try
{
    var app = await BuildyardApp.CreateAsync(args);
    await app.RunAsync();
    return 0;
}
catch (Exception e) when (e is StartRefusedException or LedgerStoreException)
{
    await Console.Error.WriteLineAsync($"Buildyard didn't start: {e.Message}");
    return 1;
}
catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
{
    await Console.Error.WriteLineAsync($"Buildyard didn't start: {e.Message} Stop what listens there, or choose another address with --urls.");
    return 1;
}
