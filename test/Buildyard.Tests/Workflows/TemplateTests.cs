namespace Buildyard.Workflows;

public sealed class TemplateTests
{
    private static readonly Dictionary<string, string> s_envs = new(StringComparer.Ordinal) { ["FLAG"] = "yes", ["KEY"] = "test value", ["EMPTY"] = "" };

    [Theory]
    [InlineData(".IsCI", true)]
    [InlineData("$.IsCI", true)]
    [InlineData("not .IsCI", false)]
    [InlineData("{{.IsPR}}", false)]
    [InlineData("{{ .IsBuildOK }}", true)]
    [InlineData(".IsBuildFailed", false)]
    [InlineData("true", true)]
    [InlineData("{{enveq \"FLAG\" \"yes\"}}", true)]
    [InlineData("{{getenv \"MISSING\" | eq \"\"}}", true)]
    [InlineData("{{getenv \"KEY\" | ne \"\"}}", true)]
    [InlineData("{{getenv \"KEY\" | eq \"\" | not}}", true)]
    [InlineData("{{getenv \"KEY\" | eq (getenv \"FLAG\")}}", false)]
    [InlineData("enveq \"PR\" \"\" | and .IsCI", true)]
    [InlineData("{{ and (enveq \"FLAG\" \"yes\") .IsBuildOK }}", true)]
    [InlineData("{{or .IsPR .IsBuildFailed}}", false)]
    [InlineData("{{eq 1 2 1}}", true)]
    [InlineData("{{envcontain \"KEY\" \"value\"}}", true)]
    [InlineData("{{if .IsCI}}true{{else}}false{{end}}", true)]
    [InlineData("{{if .IsPR}}1{{else if .IsCI}}0{{else}}1{{end}}", false)]
    [InlineData("{{- .IsCI -}}\n", true)]
    [InlineData("{{/* why */}}{{.IsCI}}", true)]
    [InlineData("{{getenv `FLAG`}}", true)]
    [InlineData("\n.IsCI\n", true)]
    public void Conditions_AreTrueOrFalse(string text, bool expected) => Assert.Equal(expected, Ask(text).Value);

    [Theory]
    [InlineData("{{ IS_TOOL == true }}", "IS_TOOL")]
    [InlineData(".BuildResults", ".BuildResults")]
    [InlineData("{{printf \"%s\" \"a\"}}", "printf")]
    [InlineData("{{range .IsCI}}{{end}}", "range")]
    [InlineData("{{getenv}}", "getenv")]
    [InlineData("{{getenv 1}}", "getenv")]
    [InlineData("{{eq \"a\" 1}}", "different kinds")]
    [InlineData("{{.IsCI", "not closed")]
    [InlineData("{{(.IsCI}}", "bracket")]
    [InlineData("{{if .IsCI}}true", "end")]
    [InlineData("{{end}}", "end")]
    [InlineData("{{.IsCI \"a\"}}", "only functions")]
    [InlineData("{{\"a\" | .IsCI}}", "a pipe leads to a function")]
    [InlineData("{{\"open}}", "doesn't end")]
    [InlineData("{{getenv \"EMPTY\"}}", "neither true nor false")]
    [InlineData("{{getenv \"KEY\"}}", "test value")]
    [InlineData("$(whoami)", "“$” is not known")]
    [InlineData("no", "“no” is not known")]
    public void AnythingElse_IsAProblemThatNamesIt(string text, string named)
    {
        var (value, problem) = Ask(text);

        Assert.Null(value);
        Assert.Contains(named, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void DeepNesting_IsRefused()
    {
        Assert.Contains("too deeply", Ask("{{" + new string('(', 100_000) + ".IsCI" + new string(')', 100_000) + "}}").Problem, StringComparison.Ordinal);
        Assert.Contains("too deeply", Ask(string.Concat(Enumerable.Repeat("{{if .IsCI}}", 50_000))).Problem, StringComparison.Ordinal);
        Assert.Contains("too deeply", Ask("{{if .IsCI}}" + string.Concat(Enumerable.Repeat("{{else if .IsCI}}", 50_000)) + "{{end}}").Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("$A", "a")]
    [InlineData("${A}-c", "a-c")]
    [InlineData("$A_B$A", "a")]
    [InlineData("$NONE|${NONE}", "|")]
    [InlineData("cost: $", "cost: $")]
    [InlineData("$(printf x) $ a", "$(printf x) $ a")]
    [InlineData("kill $$ $1 $?", "kill   ")]
    [InlineData("${}x${open", "xopen")]
    [InlineData("${$}", "")]
    [InlineData("\\$A", "\\a")]
    public void Values_AreExpanded(string text, string expected) =>
        Assert.Equal(expected, Environments.Expand(text, new Dictionary<string, string>(StringComparer.Ordinal) { ["A"] = "a" }));

    [Fact]
    public void Environments_GrowInOrder()
    {
        var envs = Environments.Apply([
            new EnvItem("A", "1"), new EnvItem("B", "$A$C"), new EnvItem("C", "3"), new EnvItem("RAW", "$A") { IsExpand = false },
            new EnvItem("A", "") { SkipIfEmpty = true }, new EnvItem("C", "$C+") { SkipIfEmpty = true }, new EnvItem("GONE", "x"), new EnvItem("GONE", "") { Unset = true },
        ]);

        Assert.Equal(new Dictionary<string, string>(StringComparer.Ordinal) { ["A"] = "1", ["B"] = "1", ["C"] = "3+", ["RAW"] = "$A" }, envs);
    }

    private static RunIfResult Ask(string text) => RunIf.Parse(text).Evaluate(new TemplateFacts(IsCi: true, IsPullRequest: false, IsFailed: false, s_envs));
}
