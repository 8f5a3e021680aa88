using System.Globalization;
using System.Text;

namespace Buildyard;

/// <summary>What a template can ask about the build it is evaluated in.</summary>
/// <param name="IsCi">Whether it runs on a CI machine; here always, unless a test says otherwise.</param>
/// <param name="IsPullRequest">Whether it is the build of a pull request.</param>
/// <param name="IsFailed">Whether a step has failed already.</param>
/// <param name="Envs">The environment at this point, expanded.</param>
public sealed record TemplateFacts(bool IsCi, bool IsPullRequest, bool IsFailed, IReadOnlyDictionary<string, string> Envs);

/// <summary>Text that came of a template, or why there is none.</summary>
public readonly record struct TemplateResult(string? Text, string? Problem);

/// <summary>
/// A template of Go's <c>text/template</c>, in the part that build configurations use: <c>.IsCI</c>, <c>.IsPR</c>, <c>.IsBuildOK</c>,
/// <c>.IsBuildFailed</c>, <c>getenv</c>, <c>enveq</c>, <c>envcontain</c>, <c>and</c>, <c>or</c>, <c>not</c>, <c>eq</c>, <c>ne</c>, pipes, brackets,
/// and <c>if … else … end</c>. Anything else is a problem that names it.
/// </summary>
public sealed class Template
{
    private readonly IReadOnlyList<TemplatePart> _parts;

    private Template(IReadOnlyList<TemplatePart> parts, string? problem) => (_parts, Problem) = (parts, problem);

    /// <summary>Why the template can't be used; null when it can.</summary>
    public string? Problem { get; }

    /// <summary>Reads a template. One without <c>{{</c> is an expression as a whole.</summary>
    public static Template Parse(string text)
    {
        if (text.Length == 0) return new Template([], "The template is empty.");
        var source = text.Contains("{{", StringComparison.Ordinal) ? text : "{{" + text + "}}";
        try
        {
            return new Template(TemplateParser.Parse(source), null);
        }
        catch (TemplateException e)
        {
            return new Template([], e.Message);
        }
    }

    public TemplateResult Evaluate(TemplateFacts facts)
    {
        if (Problem is not null) return new TemplateResult(null, Problem);
        var text = new StringBuilder();
        try
        {
            Write(_parts, facts, text);
        }
        catch (TemplateException e)
        {
            return new TemplateResult(null, e.Message);
        }
        return new TemplateResult(text.ToString(), null);
    }

    private static void Write(IReadOnlyList<TemplatePart> parts, TemplateFacts facts, StringBuilder text)
    {
        foreach (var part in parts)
        {
            switch (part)
            {
                case TemplatePart.Words words:
                    text.Append(words.Text);
                    break;
                case TemplatePart.Value value:
                    text.Append(TemplateValues.Written(TemplateValues.Of(value.Expression, facts)));
                    break;
                case TemplatePart.If choice:
                    Write(TemplateValues.IsTrue(TemplateValues.Of(choice.Condition, facts)) ? choice.Then : choice.Else, facts, text);
                    break;
            }
        }
    }
}

/// <summary>A condition of a step or bundle: a template whose text is read as true or false.</summary>
public sealed class RunIf
{
    private readonly Template _template;

    private RunIf(Template template) => _template = template;

    /// <summary>Why the condition can't be used; null when it can.</summary>
    public string? Problem => _template.Problem;

    public static RunIf Parse(string text) => new(Template.Parse(text));

    /// <summary>True or false, or why neither.</summary>
    public RunIfResult Evaluate(TemplateFacts facts)
    {
        var (text, problem) = _template.Evaluate(facts);
        if (text is null) return new RunIfResult(null, problem);
        return Scalars.Lenient(text) is { } value
            ? new RunIfResult(value, null)
            : new RunIfResult(null, text.Length == 0 ? "The condition gives no text, neither true nor false." : $"The condition gives “{text}”, which is neither true nor false.");
    }
}

/// <summary>What came of a condition: <see cref="Value"/>, or the <see cref="Problem"/> that kept it from having one.</summary>
public readonly record struct RunIfResult(bool? Value, string? Problem);

/// <summary>Why a template can't be read or evaluated. Never leaves <see cref="Template"/>.</summary>
internal sealed class TemplateException(string message) : Exception(message);

internal abstract record TemplatePart
{
    public sealed record Words(string Text) : TemplatePart;

    public sealed record Value(TemplateExpression Expression) : TemplatePart;

    public sealed record If(TemplateExpression Condition, IReadOnlyList<TemplatePart> Then, IReadOnlyList<TemplatePart> Else) : TemplatePart;
}

internal abstract record TemplateExpression
{
    public sealed record Literal(object? Value) : TemplateExpression;

    public sealed record Fact(string Name) : TemplateExpression;

    public sealed record Call(string Function, IReadOnlyList<TemplateExpression> Arguments) : TemplateExpression;
}

/// <summary>What expressions give: a <see cref="bool"/>, a <see cref="string"/>, a <see cref="long"/>, or null.</summary>
internal static class TemplateValues
{
    public static object? Of(TemplateExpression expression, TemplateFacts facts) => expression switch
    {
        TemplateExpression.Literal literal => literal.Value,
        TemplateExpression.Fact fact => Fact(fact.Name, facts),
        TemplateExpression.Call call => Call(call, facts),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    public static bool IsTrue(object? value) => value switch
    {
        bool flag => flag,
        string text => text.Length > 0,
        long number => number != 0,
        _ => false,
    };

    public static string Written(object? value) => value switch
    {
        bool flag => flag ? "true" : "false",
        long number => number.ToString(CultureInfo.InvariantCulture),
        string text => text,
        _ => "<no value>",
    };

    public static bool IsFact(string name) => name is ".IsCI" or ".IsPR" or ".IsBuildOK" or ".IsBuildFailed";

    /// <summary>The least and the most arguments of a function; null when there is no such function.</summary>
    public static (int Least, int Most)? Arguments(string function) => function switch
    {
        "getenv" or "not" => (1, 1),
        "enveq" or "envcontain" or "ne" => (2, 2),
        "eq" => (2, int.MaxValue),
        "and" or "or" => (1, int.MaxValue),
        _ => null,
    };

    private static bool Fact(string name, TemplateFacts facts) => name switch
    {
        ".IsCI" => facts.IsCi,
        ".IsPR" => facts.IsPullRequest,
        ".IsBuildOK" => !facts.IsFailed,
        _ => facts.IsFailed,
    };

    private static object? Call(TemplateExpression.Call call, TemplateFacts facts)
    {
        if (call.Function is "and" or "or")
        {
            // Gives the argument that decides, as Go does, and looks at no further one.
            object? value = null;
            foreach (var argument in call.Arguments)
            {
                value = Of(argument, facts);
                if (IsTrue(value) == (call.Function == "or")) break;
            }
            return value;
        }
        var values = call.Arguments.Select(a => Of(a, facts)).ToList();
        return call.Function switch
        {
            "not" => !IsTrue(values[0]),
            "getenv" => Env(values[0], call.Function, facts),
            "enveq" => Env(values[0], call.Function, facts) == Text(values[1], call.Function),
            "envcontain" => Env(values[0], call.Function, facts).Contains(Text(values[1], call.Function), StringComparison.Ordinal),
            "eq" => values.Skip(1).Any(v => Same(values[0], v)),
            _ => !Same(values[0], values[1]),
        };
    }

    private static string Env(object? name, string function, TemplateFacts facts) => facts.Envs.GetValueOrDefault(Text(name, function), "");

    private static string Text(object? value, string function) =>
        value as string ?? throw new TemplateException($"{function} takes texts in quotes, not {Written(value)}.");

    private static bool Same(object? one, object? other) => (one, other) switch
    {
        (null, _) or (_, null) => one is null && other is null,
        _ when one.GetType() != other.GetType() => throw new TemplateException($"{Written(one)} and {Written(other)} are of different kinds and can't be compared."),
        _ => one.Equals(other),
    };
}
