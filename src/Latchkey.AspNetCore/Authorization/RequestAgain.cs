using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.Features;

namespace Latchkey.AspNetCore;

/// <summary>
/// A request that goes on, as if it came now: its head in a scope of its own, authenticated anew as <c>UseAuthentication</c> does, with nothing of
/// what was found when it came. What is answered to it reaches nobody.
/// </summary>
internal sealed class RequestAgain : IAsyncDisposable
{
    private readonly AsyncServiceScope _scope;

    private RequestAgain(AsyncServiceScope scope, HttpContext context) => (_scope, Context) = (scope, context);

    public HttpContext Context { get; }

    public ISupportHost Host => _scope.ServiceProvider.GetRequiredService<ISupportHost>();

    public static async Task<RequestAgain> ReadAsync(HttpContext first)
    {
        var features = new FeatureCollection();
        Take<IHttpRequestFeature>();
        Take<IHttpRequestLifetimeFeature>();
        Take<IHttpConnectionFeature>();
        Take<ITlsConnectionFeature>();
        Take<IEndpointFeature>();
        Take<IRouteValuesFeature>();
        features.Set<IHttpResponseFeature>(new HttpResponseFeature());
        features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(Stream.Null));
        var scope = first.RequestServices.GetRequiredService<IServiceScopeFactory>().CreateAsyncScope();
        var again = new RequestAgain(scope, new DefaultHttpContext(features) { RequestServices = scope.ServiceProvider });
        try
        {
            var schemes = scope.ServiceProvider.GetService<IAuthenticationSchemeProvider>();
            if (schemes is not null && await schemes.GetDefaultAuthenticateSchemeAsync() is { } scheme
                && (await again.Context.AuthenticateAsync(scheme.Name)).Principal is { } user)
            {
                again.Context.User = user;
            }

            return again;
        }
        catch
        {
            await again.DisposeAsync();
            throw;
        }

        void Take<T>() => features.Set(first.Features.Get<T>());
    }

    public ValueTask DisposeAsync() => _scope.DisposeAsync();
}
