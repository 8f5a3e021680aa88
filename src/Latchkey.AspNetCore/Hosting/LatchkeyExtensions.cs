using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Latchkey.AspNetCore;

/// <summary>Builds Latchkey into an ASP.NET Core app.</summary>
public static class LatchkeyExtensions
{
    /// <summary>
    /// Adds Latchkey's services. Say with <see cref="LatchkeyBuilder.UseHost{THost}"/> how to ask the host, and with
    /// <see cref="LatchkeyBuilder.UseStore"/> where the ledger lives; the host does not start without both.
    /// A health check named <c>latchkey</c>, with the tag <c>latchkey</c>, is added too: it is degraded, and not unhealthy, while support access is out of
    /// service, since members are served all the same.
    /// </summary>
    public static LatchkeyBuilder AddLatchkey(this IServiceCollection services, Action<LatchkeyOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<LatchkeyOptions>().Configure(configure);
        services.AddHttpContextAccessor();
        services.AddAntiforgery(options =>
        {
            options.HeaderName = "X-CSRF-Token";
            options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        });
        services.AddRazorComponents();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<Refuser>();
        services.AddSingleton<BorderLog>();
        services.AddSingleton<IdempotencyKeys>();
        services.AddSingleton<EventsEndpoint>().AddSingleton<Audiences>().AddSingleton<EventIds>().AddSingleton<OpenStreams>();
        services.AddScoped<AccessReader>();
        services.AddScoped<AccountReader>();
        services.AddScoped<RequestDesk>();
        services.AddScoped<VendorDesk>().AddScoped<UseDesk>();
        services.AddScoped<Settler>().AddScoped<AccountReports>().AddScoped<NoticeDoors>();
        services.AddSingleton<Teller>();
        services.AddSingleton<NoticeLinks>();
        services.AddDataProtection();
        services.AddSingleton<HookSecrets>();
        services.AddSingleton<HookSender>();
        services.AddSingleton<MailSender>();
        services.AddScoped<NoticeDesk>();
        services.AddScoped<MailChoiceDesk>();
        services.AddScoped<ProposalDesk>().AddScoped<ScreenshotsDesk>();
        services.AddScoped<Colleagues>().AddScoped<ConversationDesk>().AddScoped<ConversationForms>().AddScoped<SharingDesk>();
        services.AddSingleton(provider =>
        {
            var options = provider.GetRequiredService<IOptions<LatchkeyOptions>>().Value;
            var errors = options.Check();
            if (errors.Count > 0)
            {
                throw new InvalidOperationException("Latchkey's options can't be used:" + string.Concat(errors.Select(e => "\n- " + e)));
            }

            return new SupportAccess(
                provider.GetRequiredService<ILedgerStore>(), options.Catalogue!, options.Access,
                provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<SupportAccess>>());
        });
        services.AddHostedService<LatchkeyStart>();
        services.AddHealthChecks().AddCheck<LatchkeyHealthCheck>(LatchkeyHealthCheck.Name, HealthStatus.Degraded, [LatchkeyHealthCheck.Name]);
        return new LatchkeyBuilder(services);
    }

    /// <summary>
    /// Lets requests through, or not. After authentication, before endpoints run. An endpoint that doesn't say who it is for, or says it twice,
    /// answers nobody, and the host does not start with it (<see cref="AccessRequirement"/>).
    /// </summary>
    public static IApplicationBuilder UseLatchkey(this IApplicationBuilder app) => app.UseMiddleware<AccessMiddleware>();

    /// <summary>Mounts the JSON API, the support console and the pages at a prefix such as <c>/support-access</c>.</summary>
    public static IEndpointConventionBuilder MapLatchkey(this IEndpointRouteBuilder routes, string prefix = "/support-access")
    {
        ArgumentNullException.ThrowIfNull(routes);
        ArgumentException.ThrowIfNullOrEmpty(prefix);
        routes.ServiceProvider.GetRequiredService<IOptions<LatchkeyOptions>>().Value.Prefix = prefix.TrimEnd('/');
        var group = routes.MapGroup(prefix);
        group.MapGet("/assets/{file}", Assets.Serve).WithMetadata(new AllowAnonymousAttribute()).ExcludeFromDescription();
        MemberEndpoints.Map(group);
        AgentEndpoints.Map(group);
        ConversationApi.Map(group);
        ConversationPages.Map(group);
        ShareEndpoints.Map(group);
        AttachmentApi.Map(group);
        AttachmentPages.Map(group);
        ProposalApi.Map(group);
        ProposalPages.Map(group);
        ScreenshotsApi.Map(group);
        ScreenshotsPages.Map(group);
        RequestEndpoints.Map(group);
        RequestForms.Map(group);
        AccountEndpoints.Map(group);
        AccountPages.Map(group);
        EventsEndpoint.Map(group);
        PanelEndpoints.Map(group);
        Pages.ConsoleEndpoints.Map(group);
        Pages.ActivityEndpoint.Map(group);
        ChangeEndpoints.Map(group);
        InboxEndpoints.Map(group);
        MailChoiceEndpoints.Map(group);
        NoticeSettingsEndpoints.Map(group);
        ReportEndpoints.Map(group);
        VendorEndpoints.Map(group);
        UseEndpoints.Map(group);
        ((IEndpointConventionBuilder)group).Finally(BodyTypes.TakeFormsAlone);
        return group;
    }
}

/// <summary>What Latchkey still has to be told.</summary>
/// <param name="services">Where it is built in.</param>
public sealed class LatchkeyBuilder(IServiceCollection services)
{
    /// <summary>How Latchkey asks the host. Made once per request.</summary>
    public LatchkeyBuilder UseHost<THost>()
        where THost : class, ISupportHost
    {
        AddBehind<ISupportHost, THost>((provider, answers) => new SupportHostBorder(answers, provider.GetRequiredService<BorderLog>()));
        return this;
    }

    /// <summary>How the host keeps and undoes what support changed. Optional. Made once per request.</summary>
    public LatchkeyBuilder UseUndo<TUndo>()
        where TUndo : class, IUndo
    {
        AddBehind<IUndo, TUndo>((_, answers) => new UndoBorder(answers));
        return this;
    }

    /// <summary>
    /// Tells people what happens: who that is, the host says. Optional: without it nobody is told anything. Made once per request, and
    /// once for each question that no request waits for.
    /// </summary>
    public LatchkeyBuilder UseNotices<THost>()
        where THost : class, INoticeHost
    {
        AddBehind<INoticeHost, THost>((_, answers) => new NoticeHostBorder(answers));
        services.AddSingleton<HostInBackground>();
        services.AddHostedService<NoticeRounds>();
        services.AddScoped<ReportSummary>();
        services.AddSingleton<MailRounds>();
        services.AddHostedService(provider => provider.GetRequiredService<MailRounds>());
        services.AddSingleton<HookRounds>();
        services.AddHostedService(provider => provider.GetRequiredService<HookRounds>());
        return this;
    }

    /// <summary>What customers can show support of their apps in conversations. Optional. Made once per request.</summary>
    public LatchkeyBuilder UseSharing<TSharing>()
        where TSharing : class, ISharing
    {
        AddBehind<ISharing, TSharing>((_, answers) => new SharingBorder(answers));
        return this;
    }

    /// <summary>What support can propose to change, and how the host changes it for the member who applies it. Optional. Made once per request.</summary>
    public LatchkeyBuilder UseProposals<TProposals>()
        where TProposals : class, IProposals
    {
        AddBehind<IProposals, TProposals>((_, answers) => new ProposalsBorder(answers));
        return this;
    }

    /// <summary>Where the ledger lives. Made once, disposed with the host.</summary>
    public LatchkeyBuilder UseStore(Func<IServiceProvider, ILedgerStore> store)
    {
        services.AddSingleton(store);
        return this;
    }

    /// <summary>Puts a border before what the host answers: whoever asks for the interface, the host itself too, asks through it.</summary>
    private void AddBehind<TAnswers, THost>(Func<IServiceProvider, TAnswers, TAnswers> border)
        where TAnswers : class
        where THost : class, TAnswers
    {
        const string Bare = "latchkey: the host's own";
        services.AddKeyedScoped<TAnswers, THost>(Bare);
        services.AddScoped(provider => border(provider, provider.GetRequiredKeyedService<TAnswers>(Bare)));
    }
}
