using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Buildyard;

/// <summary>Buildyard's own data. The schema is made by the numbered files in Data/Migrations; a test compares it with this model.</summary>
public sealed partial class BuildyardDb(DbContextOptions<BuildyardDb> options) : IdentityUserContext<Person>(options)
{
    public DbSet<Person> People => Users;
    public DbSet<Account> Accounts => Set<Account>();
    public DbSet<Billing> Billing => Set<Billing>();
    public DbSet<Invoice> Invoices => Set<Invoice>();
    public DbSet<App> Apps => Set<App>();
    public DbSet<AppRole> AppRoles => Set<AppRole>();
    public DbSet<YamlVersion> YamlVersions => Set<YamlVersion>();
    public DbSet<SignInRecord> SignIns => Set<SignInRecord>();
    public DbSet<OneTimeLink> OneTimeLinks => Set<OneTimeLink>();
    public DbSet<SshKey> SshKeys => Set<SshKey>();
    public DbSet<SigningFile> SigningFiles => Set<SigningFile>();
    public DbSet<Webhook> Webhooks => Set<Webhook>();
    public DbSet<WebhookDelivery> WebhookDeliveries => Set<WebhookDelivery>();
    public DbSet<NotificationRule> NotificationRules => Set<NotificationRule>();
    public DbSet<InboxItem> InboxItems => Set<InboxItem>();
    public DbSet<Mail> Mails => Set<Mail>();
    public DbSet<AccessNotice> AccessNotices => Set<AccessNotice>();
    public DbSet<ServiceUser> ServiceUsers => Set<ServiceUser>();
    public DbSet<AppleKey> AppleKeys => Set<AppleKey>();
    public DbSet<AppleChoice> AppleChoices => Set<AppleChoice>();
    public DbSet<AppSecret> AppSecrets => Set<AppSecret>();
    public DbSet<SupportChange> SupportChanges => Set<SupportChange>();
    public DbSet<Build> Builds => Set<Build>();
    public DbSet<BuildStep> BuildSteps => Set<BuildStep>();
    public DbSet<KeptArtifact> BuildArtifacts => Set<KeptArtifact>();
    public DbSet<BuildCounter> BuildCounters => Set<BuildCounter>();
    public DbSet<SecretPermit> SecretPermits => Set<SecretPermit>();
    public DbSet<AccountStorage> AccountStorage => Set<AccountStorage>();

    /// <summary>The transaction that <see cref="SupportChangeRecorder"/> has begun for the save that is under way.</summary>
    internal IDbContextTransaction? OfThisSave { get; set; }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        // SQLite has no time type: milliseconds since 1970 sort and compare as they should.
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UnixMilliseconds>();
        configurationBuilder.Properties<MemberRole>().HaveConversion<Words<MemberRole>>();
        configurationBuilder.Properties<PersonKind>().HaveConversion<Words<PersonKind>>();
        configurationBuilder.Properties<LinkPurpose>().HaveConversion<Words<LinkPurpose>>();
        configurationBuilder.Properties<SupportChangeState>().HaveConversion<Words<SupportChangeState>>();
    }

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.Entity<Person>(Person);
        builder.Entity<Account>(account => account.HasOne(a => a.Billing).WithOne().HasForeignKey<Billing>(b => b.AccountId));
        builder.Entity<Billing>().HasKey(b => b.AccountId);
        builder.Entity<Invoice>(invoice =>
        {
            invoice.HasKey(i => i.Number);
            invoice.HasOne<Account>().WithMany().HasForeignKey(i => i.AccountId);
        });
        builder.Entity<App>(app =>
        {
            app.HasIndex(a => a.Slug).IsUnique();
            app.Property(a => a.DefaultBranch).HasDefaultValue("main");
            app.HasOne(a => a.Account).WithMany().HasForeignKey(a => a.AccountId);
        });
        builder.Entity<AppRole>(role =>
        {
            role.HasKey(r => new { r.AppId, r.PersonId });
            role.Property(r => r.AcceptedRole).HasDefaultValue(MemberRole.Tester);
            role.Ignore(r => r.PromotedBySupport);
            role.HasOne<App>().WithMany().HasForeignKey(r => r.AppId);
            role.HasOne(r => r.Person).WithMany().HasForeignKey(r => r.PersonId);
        });
        builder.Entity<YamlVersion>(version =>
        {
            version.Property(v => v.TakesOver).HasDefaultValue(false);
            version.Property(v => v.IsTheCustomers).HasDefaultValue(false);
            version.HasKey(v => new { v.AppId, v.Number });
            version.HasOne<App>().WithMany().HasForeignKey(v => v.AppId);
        });
        builder.Entity<SignInRecord>(signIn =>
        {
            signIn.HasIndex(s => s.TokenHash).IsUnique();
            signIn.HasOne(s => s.Person).WithMany().HasForeignKey(s => s.PersonId);
        });
        builder.Entity<OneTimeLink>(link =>
        {
            link.HasKey(l => l.TokenHash);
            link.HasOne<Account>().WithMany().HasForeignKey(l => l.AccountId).OnDelete(DeleteBehavior.Cascade);
        });
        // Each capability maps its own rows.
        builder.ApplyConfigurationsFromAssembly(typeof(BuildyardDb).Assembly);
        UseSnakeCase(builder);
        WriteAsRead(builder);
    }

    /// <summary>
    /// What support and members both change is written as it was read, or not at all: whoever is slower doesn't put a credential beside an address
    /// that they never saw, nor is what was before noted wrongly.
    /// </summary>
    private static void WriteAsRead(ModelBuilder builder)
    {
        foreach (var property in builder.Model.GetEntityTypes().Where(entity => entity.ClrType.IsAssignableTo(typeof(IUndoable))).SelectMany(entity => entity.GetProperties()))
            property.IsConcurrencyToken = !property.IsKey();
        builder.Entity<SupportChange>().Property(change => change.State).IsConcurrencyToken();
    }

    private static void Person(EntityTypeBuilder<Person> person)
    {
        person.ToTable("people");
        person.HasOne(p => p.Account).WithMany().HasForeignKey(p => p.AccountId);
    }

    private static void UseSnakeCase(ModelBuilder builder)
    {
        foreach (var entity in builder.Model.GetEntityTypes())
        {
            var table = Snake(entity.GetTableName()!.Replace("AspNetUser", "Person", StringComparison.Ordinal));
            entity.SetTableName(table);
            foreach (var property in entity.GetProperties())
                property.SetColumnName(Snake(property.Name));
            foreach (var index in entity.GetIndexes())
                index.SetDatabaseName($"ix_{table}_{string.Join('_', index.Properties.Select(p => Snake(p.Name)))}");
        }
    }

    private static string Snake(string name) => InnerCapital().Replace(name, "_$0").ToLowerInvariant();

    [GeneratedRegex("(?<=[a-z0-9])[A-Z]", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex InnerCapital();

    private sealed class UnixMilliseconds() : ValueConverter<DateTimeOffset, long>(
        time => time.ToUnixTimeMilliseconds(),
        value => DateTimeOffset.FromUnixTimeMilliseconds(value));
}
